/* SPDX-License-Identifier: ISC */
#include "../../auditor/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/suite.h"

#define ID_A "0123456789abcdef0123456789abcdef"
#define ID_B "fedcba9876543210fedcba9876543210"
#define DAY "session/2026/11/21/"

static char dir[] = "/tmp/shellac-store-XXXXXX";

static void file(const char *path)
{
	char full[512];
	int fd;

	snprintf(full, sizeof full, "%s/%s", dir, path);
	fd = open(full, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void folder(const char *path)
{
	char full[512];

	snprintf(full, sizeof full, "%s/%s", dir, path);
	ck_assert_int_eq(mkdir(full, 0700), 0);
}

static void make_store(struct store *s)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	folder("session");
	folder("session/2026");
	folder("session/2026/11");
	folder("session/2026/11/21");
	ck_assert_int_eq(store_open(s, dir), 0);
}

static void remove_store(struct store *s)
{
	char cmd[128];

	store_close(s);
	snprintf(cmd, sizeof cmd, "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}

START_TEST(finds_sessions_by_number_and_strays)
{
	struct store s;

	make_store(&s);
	file(DAY "10-" ID_A ".shlc");
	file(DAY "9-" ID_B ".shlc.live");
	file(DAY "x");
	file(DAY ".being-written");
	folder("session/other");
	ck_assert_int_eq(store_walk(&s), 0);
	ck_assert_int_eq(store_walk(&s), 0);
	ck_assert_uint_eq(s.sessions, 2);
	ck_assert_uint_eq(s.session[0].name.n, 9);
	ck_assert_int_eq(s.session[0].name.state, SESSION_LIVE);
	ck_assert_uint_eq(s.session[1].name.n, 10);
	ck_assert_str_eq(s.session[1].day, "2026/11/21");
	ck_assert_uint_eq(s.strays, 2);
	remove_store(&s);
}
END_TEST

START_TEST(follows_no_link)
{
	struct store s;
	char full[512];

	make_store(&s);
	file("outside");
	snprintf(full, sizeof full, "%s/" DAY "1-" ID_A ".shlc", dir);
	ck_assert_int_eq(symlink("../../../../outside", full), 0);
	snprintf(full, sizeof full, "%s/session/2027", dir);
	ck_assert_int_eq(symlink("2026", full), 0);
	ck_assert_int_eq(store_walk(&s), 0);
	ck_assert_uint_eq(s.sessions, 0);
	ck_assert_uint_eq(s.strays, 2);
	ck_assert_int_eq(store_open_file(&s, DAY "1-" ID_A ".shlc"), -ELOOP);
	file(DAY "2-" ID_B ".shlc");
	ck_assert_int_lt(store_open_file(&s, "session/2027/11/21/2-" ID_B ".shlc"), 0);
	ck_assert_int_eq(store_open_file(&s, "session"), -EINVAL);
	remove_store(&s);
}
END_TEST

START_TEST(opens_a_session_that_was_closed_meanwhile)
{
	struct store s;
	int fd;

	make_store(&s);
	file(DAY "1-" ID_A ".shlc.live");
	ck_assert_int_eq(store_walk(&s), 0);
	file(DAY "1-" ID_A ".shlc.cut");
	ck_assert_int_eq(unlinkat(s.fd, DAY "1-" ID_A ".shlc.live", 0), 0);
	fd = store_open_session(&s, &s.session[0]);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(s.session[0].name.state, SESSION_CUT);
	close(fd);
	ck_assert_int_eq(unlinkat(s.fd, DAY "1-" ID_A ".shlc.cut", 0), 0);
	ck_assert_int_eq(store_open_session(&s, &s.session[0]), -ENOENT);
	remove_store(&s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		finds_sessions_by_number_and_strays, follows_no_link,
		opens_a_session_that_was_closed_meanwhile,
	};

	return suite_run("store", tests, sizeof tests / sizeof tests[0]);
}
