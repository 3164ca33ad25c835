/* SPDX-License-Identifier: ISC */
/*
 * forwardbench CONNINFO TABLE DATA < SIZES - a bare libpq pipeline: a row for each line, which
 * is how many bytes of DATA it has, into a table like shellac.piece, in transactions of 2 MiB
 * of which some are on their way at once.  It unpacks, hashes and checks nothing.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define TRANSACTION (2u << 20)
#define FLIGHT 3 /* transactions */

static PGconn *c;
static unsigned flight;

static void fail(const char *what)
{
	fprintf(stderr, "forwardbench: %s: %s", what, PQerrorMessage(c));
	exit(1);
}

static void take_results(void)
{
	PGresult *r;

	while (flight > 0 && !PQisBusy(c)) {
		r = PQgetResult(c);
		if (r == NULL)
			continue;
		if (PQresultStatus(r) == PGRES_PIPELINE_SYNC)
			flight--;
		else if (PQresultStatus(r) != PGRES_COMMAND_OK)
			fail("insert");
		PQclear(r);
	}
}

/* Until no more than this many transactions are on their way. */
static void wait_for(unsigned most)
{
	struct pollfd fd = {.fd = PQsocket(c)};
	int more;

	for (;;) {
		if ((more = PQflush(c)) < 0 || PQconsumeInput(c) != 1)
			fail("the connection");
		take_results();
		if (flight <= most)
			return;
		fd.events = more ? POLLIN | POLLOUT : POLLIN;
		poll(&fd, 1, -1);
	}
}

static void send_row(uint64_t seq, const uint8_t *data, int len)
{
	static const uint8_t host[16], hash[32];
	uint32_t day = htonl(9000);
	uint16_t kind = htons(1);
	uint64_t n = htobe64(1), seq_be = htobe64(seq);
	const char *value[] = {(const char *)host, (char *)&day, (char *)&kind, (char *)&n,
		(char *)&seq_be, (const char *)hash, (const char *)data};
	const int length[] = {16, 4, 2, 8, 8, 32, len}, binary[] = {1, 1, 1, 1, 1, 1, 1};

	if (PQsendQueryPrepared(c, "row", 7, value, length, binary, 1) != 1)
		fail("send");
}

static void word(const char *name)
{
	if (PQsendQueryPrepared(c, name, 0, NULL, NULL, NULL, 0) != 1)
		fail(name);
}

static void end_transaction(void)
{
	word("commit");
	if (PQpipelineSync(c) != 1)
		fail("sync");
	flight++;
	wait_for(FLIGHT);
}

static void prepare(const char *name, const char *sql)
{
	PGresult *r = PQprepare(c, name, sql, 0, NULL);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail(name);
	PQclear(r);
}

static const uint8_t *map(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) != 0 ||
	    (p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	*len = (size_t)st.st_size;
	return p;
}

static void start(const char *conninfo, const char *table)
{
	const int bytes = 1 << 20; /* as the forwarder has it on a local socket */
	char sql[256];

	c = PQconnectdb(conninfo);
	if (PQstatus(c) != CONNECTION_OK)
		fail("connect");
	setsockopt(PQsocket(c), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	snprintf(sql, sizeof(sql), "insert into %s (host, day, kind, n, seq, hash, data) values "
	    "($1, $2, $3, $4, $5, $6, $7)", table);
	prepare("row", sql);
	prepare("begin", "begin");
	prepare("commit", "commit");
	if (PQenterPipelineMode(c) != 1 || PQsetnonblocking(c, 1) != 0)
		fail("pipeline");
}

int main(int argc, char **argv)
{
	char line[64];
	size_t open = 0, len, left;
	const uint8_t *data;
	uint64_t seq;

	if (argc != 4)
		return 2;
	data = map(argv[3], &left);
	start(argv[1], argv[2]);
	for (seq = 0; fgets(line, sizeof(line), stdin) != NULL; seq++) {
		len = strtoul(line, NULL, 10);
		if (len > left)
			return 2;
		if (open == 0)
			word("begin");
		send_row(seq, data, (int)len);
		data += len;
		left -= len;
		open += len + 1;
		if (open >= TRANSACTION) {
			end_transaction();
			open = 0;
		}
	}
	if (open > 0)
		end_transaction();
	wait_for(0);
	PQfinish(c);
	return 0;
}
