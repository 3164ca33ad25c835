/* SPDX-License-Identifier: ISC */
#include "notice.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "scratch.h"
#include "suite.h"

static struct notice n;

static int load(const void *text, size_t len, mode_t mode)
{
	int fd;

	unlink("notice");
	fd = open("notice", O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
	return notice_load(&n, "notice");
}

static int load_text(const char *s)
{
	return load(s, strlen(s), 0644);
}

START_TEST(reads_a_text)
{
	static const char text[] = "You are recorded.\n\nDu wirst aufgezeichnet \xe2\x80\x93 \xc3\xbc\n";
	uint8_t hash[HASH_SIZE];

	scratch_enter();
	ck_assert_int_eq(load_text(text), 0);
	ck_assert_uint_eq(n.len, strlen(text));
	ck_assert_mem_eq(n.text, text, n.len);
	hash_of(hash, text, strlen(text));
	ck_assert_mem_eq(n.hash, hash, HASH_SIZE);
}
END_TEST

START_TEST(refuses_what_is_no_plain_text)
{
	static const char *const bad[] = {
		"\tindented\n", "cr\r\n", "\x1b[31mred\n", "bell\a", "del\x7f", "\xff\n", "cut \xe2\x82",
		("c1 \xc2\x9b" "2J"), "bidi \xe2\x80\xae x\n", "\xef\xbb\xbfmark\n", "overlong \xc0\x8a",
	};
	size_t i;

	scratch_enter();
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(load_text(bad[i]) == E_FORMAT, "%zu", i);
	ck_assert_int_eq(load("a\0b\n", 4, 0644), E_FORMAT);
	ck_assert_ptr_nonnull(strstr(notice_error(E_FORMAT), "printable UTF-8"));
}
END_TEST

START_TEST(has_a_size)
{
	static char big[NOTICE_MAX + 1];

	scratch_enter();
	memset(big, 'x', sizeof(big));
	ck_assert_int_eq(load(big, NOTICE_MAX, 0644), 0);
	ck_assert_uint_eq(n.len, NOTICE_MAX);
	ck_assert_int_eq(load(big, sizeof(big), 0644), E_RANGE);
	ck_assert_int_eq(load("", 0, 0644), E_RANGE);
	ck_assert_ptr_nonnull(strstr(notice_error(E_RANGE), "4096"));
}
END_TEST

START_TEST(is_nobodys_to_write)
{
	scratch_enter();
	ck_assert_int_eq(load("x\n", 2, 0664), -EPERM);
	ck_assert_int_eq(load("x\n", 2, 0646), -EPERM);
	ck_assert_int_eq(load("x\n", 2, 0600), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown("notice", 65534, 65534), 0);
		ck_assert_int_eq(notice_load(&n, "notice"), -EPERM);
	}
	ck_assert_int_eq(symlink("notice", "link"), 0);
	ck_assert_int_eq(notice_load(&n, "link"), -ELOOP);
	ck_assert_int_eq(notice_load(&n, "none"), -ENOENT);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(notice_load(&n, "fifo"), -EINVAL);
	ck_assert_int_eq(notice_load(&n, "."), -EINVAL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reads_a_text, refuses_what_is_no_plain_text, has_a_size, is_nobodys_to_write,
	};

	return suite_run("notice", tests, sizeof(tests) / sizeof(tests[0]));
}
