/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/recover.h"
#include "../../collector/remote.h"
#include "../../collector/store.h"
#include "../lib/suite.h"
#include "err.h"
#include "fixture.h"

#define DAY "2026/11/21"

static char dir[32];
static struct store st;
static struct fixture f;

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
	(void)s, (void)type, (void)ftw;
	return remove(path);
}

static void begin(void)
{
	strcpy(dir, "/tmp/storeXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(store_open(&st, dir) < 0, 0);
	fixture_start(&f, 1);
}

static void end(void)
{
	store_close(&st);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct session_name name_of(uint64_t n)
{
	struct session_name s = {.n = n, .state = SESSION_LIVE};

	memset(s.id, (int)n, ID_SIZE);
	return s;
}

static int make(uint64_t n)
{
	const struct session_name s = name_of(n);
	int folder = -1, fd;

	fd = store_create(&st, DAY, &s, f.buf, f.cert, &folder);
	ck_assert_int_eq(fd < 0, folder < 0);
	if (fd >= 0)
		close(folder);
	return fd;
}

START_TEST(one_at_a_time)
{
	struct store other;

	ck_assert_int_eq(store_open(&other, dir), -EWOULDBLOCK);
	store_close(&st);
	ck_assert_int_ge(store_open(&st, dir), 0);
}
END_TEST

START_TEST(numbers_go_on)
{
	close(make(1));
	close(make(2));
	ck_assert_int_eq(make(4), -EINVAL);
	ck_assert_int_eq(make(2), -EINVAL);
	store_close(&st);
	ck_assert_int_ge(store_open(&st, dir), 0);
	ck_assert_uint_eq(st.number, 2);
}
END_TEST

START_TEST(a_file_ahead_raises_the_number)
{
	ck_assert_int_eq(store_saw(&st, 1), 0);
	ck_assert_uint_eq(st.number, 1);
	ck_assert_int_eq(store_saw(&st, 1), 0);
	store_close(&st);
	ck_assert_int_ge(store_open(&st, dir), 0);
	ck_assert_uint_eq(st.number, 1);
}
END_TEST

START_TEST(a_bad_number_is_refused)
{
	static const char *const bad[] = {"\n", "-1\n", " 1\n", "1", "1x\n", "1\n\n",
		"99999999999999999999\n"};
	char path[64];
	size_t i;
	int fd;

	snprintf(path, sizeof(path), "%s/number", dir);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		ck_assert_int_eq(write(fd, bad[i], strlen(bad[i])), (ssize_t)strlen(bad[i]));
		close(fd);
		store_close(&st);
		ck_assert_int_eq(store_open(&st, dir), E_FORMAT);
	}
}
END_TEST

START_TEST(an_empty_number_is_none)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/number", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	store_close(&st);
	ck_assert_int_eq(store_open(&st, dir), 0);
	ck_assert_uint_eq(st.number, 0);
}
END_TEST

START_TEST(a_failed_number_takes_the_file_back)
{
	char path[64];
	DIR *d;
	int n = 0;

	/* a folder where the number file wants to be */
	snprintf(path, sizeof(path), "%s/number", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_lt(make(1), 0);
	ck_assert_uint_eq(st.number, 0);
	snprintf(path, sizeof(path), "%s/session/" DAY, dir);
	d = opendir(path);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(a_name_is_not_taken_over)
{
	struct session_name one = name_of(1), same = name_of(1);
	int fd;

	close(make(1));
	ck_assert_int_eq(store_rename(&st, DAY, &one, SESSION_CLOSED), 0);
	ck_assert_int_eq(one.state, SESSION_CLOSED);
	fd = store_day_open(&st, DAY, 0);
	close(openat(fd, "1-01010101010101010101010101010101.shlc.live", O_CREAT | O_WRONLY, 0600));
	close(fd);
	ck_assert_int_eq(store_rename(&st, DAY, &same, SESSION_CLOSED), -EEXIST);
	ck_assert_int_eq(same.state, SESSION_LIVE);
}
END_TEST

static int count_file(void *arg, int dirfd, const char *day, const char *name)
{
	(void)dirfd, (void)name;
	ck_assert_str_eq(day, DAY);
	++*(int *)arg;
	return 0;
}

START_TEST(walks_days)
{
	int n = 0;

	close(make(1));
	close(make(2));
	ck_assert_int_eq(mkdirat(st.session, "lost+found", 0700), 0);
	ck_assert_int_eq(symlinkat("/", st.session, "2025"), 0);
	ck_assert_int_eq(store_walk(&st, "", count_file, &n), 0);
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(store_walk(&st, "2026/11/22", count_file, &n), 0);
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(store_walk(&st, "2026/11/21", count_file, &n), 0);
	ck_assert_int_eq(n, 4);
}
END_TEST

/* Every length of a small stream: what is whole stays, no byte more. */
START_TEST(recovers_at_any_length)
{
	struct host_chain keys = {.keys = 0};
	struct chain chain;
	struct stat sb;
	size_t len;
	int fd, r;

	ck_assert_int_eq(host_chain_add(&keys, 0, f.pk), 0);
	fixture_chunk(&f, SEAL_START, 0, 2, 30);
	fixture_chunk(&f, SEAL_END, 0, 1, 30);
	for (len = 0; len <= f.len; len++) {
		fd = open(dir, O_TMPFILE | O_RDWR, 0600);
		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(write(fd, f.buf, len), (ssize_t)len);
		lseek(fd, 0, SEEK_SET);
		r = recover_file(fd, &keys, &chain);
		ck_assert_int_eq(r, len < f.cert ? E_SHORT : 0);
		if (r == 0) {
			ck_assert_int_eq(fstat(fd, &sb), 0);
			ck_assert_uint_eq((uint64_t)sb.st_size, chain.offset);
			ck_assert_uint_le(chain.offset, len);
			ck_assert_uint_gt(chain.offset + FRAME_MAX, len);
			ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), sb.st_size);
			ck_assert_int_eq(chain.ended, len == f.len);
		}
		close(fd);
	}
	host_chain_free(&keys);
}
END_TEST

START_TEST(recovers_only_its_own)
{
	struct host_chain keys = {.keys = 0};
	struct chain chain;
	uint8_t pk[PK_SIZE] = {1};
	int fd = open(dir, O_TMPFILE | O_RDWR, 0600);

	ck_assert_int_eq(write(fd, f.buf, f.len), (ssize_t)f.len);
	lseek(fd, 0, SEEK_SET);
	ck_assert_int_eq(host_chain_add(&keys, 0, pk), 0);
	ck_assert_int_eq(recover_file(fd, &keys, &chain), E_SIGNATURE);
	host_chain_free(&keys);
	close(fd);
}
END_TEST

START_TEST(reads_remote_addresses)
{
	char out[CERT_FROM_MAX + 1];

	ck_assert_int_eq(remote_line("   3: 0200000A:0016 0A01A8C0:D431 01 00000000:00000000 "
	    "02:000A 00000000     0        0 4711 4 0 20 4 31 10 -1\n", 0, 4711, out, sizeof(out)), 1);
	ck_assert_str_eq(out, "192.168.1.10 54321");
	ck_assert_int_eq(remote_line("   3: 0200000A:0016 0A01A8C0:D431 0A 00000000:00000000 "
	    "02:000A 00000000     0        0 4711 4 0\n", 0, 4711, out, sizeof(out)), 0);
	ck_assert_int_eq(remote_line("   0: 00000000000000000000000001000000:0016 "
	    "00000000000000000000000001000000:0001 01 00000000:00000000 00:00000000 00000000"
	    "     0        0 12 1 0\n", 1, 12, out, sizeof(out)), 1);
	ck_assert_str_eq(out, "::1 1");
	ck_assert_int_eq(remote_line("   0: 0000000000000000FFFF00000200000A:0016 "
	    "0000000000000000FFFF00000A01A8C0:0001 01 00000000:00000000 00:00000000 00000000"
	    "     0        0 12 1 0\n", 1, 12, out, sizeof(out)), 1);
	ck_assert_str_eq(out, "192.168.1.10 1");
	ck_assert_int_eq(remote_line("  sl  local_address rem_address", 0, 1, out, sizeof(out)), 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("store");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, one_at_a_time);
	tcase_add_test(t, numbers_go_on);
	tcase_add_test(t, a_file_ahead_raises_the_number);
	tcase_add_test(t, a_bad_number_is_refused);
	tcase_add_test(t, an_empty_number_is_none);
	tcase_add_test(t, a_failed_number_takes_the_file_back);
	tcase_add_test(t, a_name_is_not_taken_over);
	tcase_add_test(t, walks_days);
	tcase_add_test(t, recovers_at_any_length);
	tcase_add_test(t, recovers_only_its_own);
	tcase_add_test(t, reads_remote_addresses);
	return suite_run_case("store", t);
}
