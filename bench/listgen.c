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

#include "io.h"
#include "keys.h"
#include "smallsession.h"
#include "store_name.h"

#define FIRST INT64_C(1767225600000000000) /* 2026-01-01 */
#define DAY INT64_C(86400000000000)
#define SECOND UINT64_C(1000000000)
#define USERS 20

struct host {
	struct small_host known;
	uint64_t sessions, days;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void write_session(const char *day, const struct session_name *name,
    const struct small_session *made)
{
	char path[STORE_DAY_MAX + STORE_NAME_MAX], text[STORE_NAME_MAX];
	int fd, r;

	store_name_format(text, name);
	snprintf(path, sizeof path, "%s/%s", day, text);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(path);
	r = io_write_all(fd, made->file, made->len);
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
	struct session_name name = { .n = n, .state = small_session_is_cut(n) ? SESSION_CUT :
	    SESSION_CLOSED };
	static struct small_session made;
	char day[STORE_DAY_MAX];

	made.n = n;
	made.user = (unsigned)(n % USERS);
	made.wall_ns = wall_ns;
	small_session_make(&made, &h->known);
	memcpy(name.id, made.id, ID_SIZE);
	store_day(day, wall_ns);
	if (in_day == 0)
		make_day(day);
	write_session(day, &name, &made);
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
	h.known.name = "host.example";
	crypto_sign_keypair(h.known.pk, h.known.sk);
	key_pub_name(pub.name, "host.example");
	memcpy(pub.pk, h.known.pk, PK_SIZE);
	if (key_pub_write(&pub, "host.pub") != 0)
		fail("host.pub");
	write_number(h.sessions);
	if (chdir("session") != 0)
		fail("session");
	for (n = 1; n <= h.sessions; n++)
		make_session(&h, n);
	return 0;
}
