/* SPDX-License-Identifier: ISC */
/*
 * listgen DIR SESSIONS DAYS - a store of many small sessions: three chunks each, of twenty
 * users, every hundredth cut, each with the host's certificate; no ledger
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert.h"
#include "io.h"
#include "keys.h"
#include "sealer.h"
#include "store_name.h"

#define FIRST INT64_C(1767225600000000000) /* 2026-01-01 */
#define DAY INT64_C(86400000000000)
#define SECOND UINT64_C(1000000000)
#define USERS 20

struct host {
	uint8_t pk[PK_SIZE], sk[SK_SIZE];
	uint64_t sessions, days;
};

static uint8_t file[8 * FRAME_MAX];
static size_t len;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void add_event(struct sealer *s, struct event e, const char *text)
{
	e.data = (const uint8_t *)text;
	e.len = strlen(text);
	len += sealer_event(s, file + len, &e);
	memcpy(file + len, text, e.len);
	len += e.len;
}

static void seal(struct sealer *s, uint8_t kind, int64_t wall_ns, uint32_t status)
{
	const struct sealer_end end = { .kind = kind, .status = status,
		.reason = kind == SEAL_END ? END_EXIT : 0,
		.wall_ns = wall_ns + (int64_t)s->elapsed_ns, .boot_ns = s->elapsed_ns };

	len += sealer_seal(s, file + len, &end);
}

static void add_cert(struct sealer *s, const struct host *h, uint64_t n, int64_t wall_ns)
{
	uint8_t body[FRAME_BODY_MAX];
	struct cert c = { .flags = CERT_F_TERMINAL, .n = n, .wall_ns = wall_ns, .boot_ns = n,
		.pid = 4242, .uid = 1000 + (uint32_t)(n % USERS), .gid = 1000,
		.loginuid = 1000, .audit_session = CERT_UNSET, .tty_dev = 136U << 20 | 3,
		.start_ticks = 8640000, .host = "host.example" };
	int body_len;

	snprintf(c.user, sizeof c.user, "user%llu", (unsigned long long)(n % USERS));
	snprintf(c.tty, sizeof c.tty, "pts/%llu", (unsigned long long)(n % 7));
	snprintf(c.from, sizeof c.from, "192.0.2.%llu", (unsigned long long)(n % 200));
	snprintf(c.cwd, sizeof c.cwd, "/home/%s", c.user);
	memcpy(c.id, s->id, ID_SIZE);
	memcpy(c.pk, s->pk, PK_SIZE);
	cert_host_id(c.host_id, h->pk);
	body_len = cert_put(body, &c, h->sk);
	if (body_len < 0)
		fail("certificate");
	len += sealer_cert(s, file + len, body, (size_t)body_len);
}

static void add_chunks(struct sealer *s, uint64_t n, int64_t wall_ns)
{
	static const struct window window = { 24, 80, 0, 0 };
	char text[64];

	len += sealer_begin(s, file + len, 0, &window);
	add_event(s, (struct event){ .type = FRAME_META, .kind = META_ARGV }, "-bash");
	add_event(s, (struct event){ .type = FRAME_META, .kind = META_PROGRAM }, "/bin/bash");
	seal(s, SEAL_START, wall_ns, 0);
	len += sealer_begin(s, file + len, SECOND, &window);
	snprintf(text, sizeof text, "$ make target-%llu\r\n", (unsigned long long)n);
	add_event(s, (struct event){ .type = FRAME_OUTPUT, .dt = SECOND * (n % 900) }, text);
	seal(s, SEAL_DATA, wall_ns, 0);
	if (n % 100 == 0)
		return;
	len += sealer_begin(s, file + len, SECOND, &window);
	add_event(s, (struct event){ .type = FRAME_OUTPUT, .dt = SECOND }, "exit\r\n");
	seal(s, SEAL_END, wall_ns, n % 10 == 0 ? 1 << 8 : 0);
}

static void write_session(const char *day, const struct session_name *name)
{
	char path[STORE_DAY_MAX + STORE_NAME_MAX], text[STORE_NAME_MAX];
	int fd, r;

	store_name_format(text, name);
	snprintf(path, sizeof path, "%s/%s", day, text);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(path);
	r = io_write_all(fd, file, len);
	if (r != 0 || close(fd) != 0)
		fail(path);
}

/* Makes the folder year/month/day where it is not there. */
static void make_day(const char *day)
{
	char part[STORE_DAY_MAX];
	size_t i;

	for (i = 4; i <= strlen(day); i += 3) {
		snprintf(part, sizeof part, "%.*s", (int)i, day);
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			fail(part);
	}
}

static void make_session(const struct host *h, uint64_t n)
{
	uint64_t in_day = (n - 1) % (h->sessions / h->days + 1);
	int64_t day_of = (int64_t)((n - 1) / (h->sessions / h->days + 1));
	int64_t wall_ns = FIRST + day_of * DAY + (int64_t)(in_day * SECOND);
	struct session_name name = { .n = n, .state = n % 100 == 0 ? SESSION_CUT : SESSION_CLOSED };
	struct sealer s;
	char day[STORE_DAY_MAX];

	len = 0;
	sealer_init(&s);
	add_cert(&s, h, n, wall_ns);
	add_chunks(&s, n, wall_ns);
	memcpy(name.id, s.id, ID_SIZE);
	sealer_wipe(&s);
	store_day(day, wall_ns);
	if (in_day == 0)
		make_day(day);
	write_session(day, &name);
}

static void write_number(uint64_t sessions)
{
	char text[32];
	int fd = open("number", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	snprintf(text, sizeof text, "%llu\n", (unsigned long long)sessions);
	if (fd < 0 || io_write_all(fd, text, strlen(text)) != 0 || close(fd) != 0)
		fail("number");
}

int main(int argc, char **argv)
{
	struct host h = { 0 };
	struct host_pub pub = { 0 };
	uint64_t n;

	if (argc != 4 || (h.sessions = strtoull(argv[2], NULL, 10)) == 0 ||
	    (h.days = strtoull(argv[3], NULL, 10)) == 0 || sodium_init() < 0) {
		fprintf(stderr, "usage: listgen DIR SESSIONS DAYS\n");
		return 2;
	}
	if (mkdir(argv[1], 0700) != 0 || chdir(argv[1]) != 0 || mkdir("session", 0700) != 0)
		fail(argv[1]);
	crypto_sign_keypair(h.pk, h.sk);
	key_pub_name(pub.name, "host.example");
	memcpy(pub.pk, h.pk, PK_SIZE);
	if (key_pub_write(&pub, "host.pub") != 0)
		fail("host.pub");
	write_number(h.sessions);
	if (chdir("session") != 0)
		fail("session");
	for (n = 1; n <= h.sessions; n++)
		make_session(&h, n);
	return 0;
}
