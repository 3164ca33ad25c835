/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "cert.h"
#include "err.h"
#include "procfs.h"
#include "suite.h"

#define REST " S 7 8 9 34819 8 4194304 1 2 3 4 5 6 -1 -2 20 0 1 0 123456789 9999 1\n"

static int parse(const char *text, struct proc_stat *s)
{
	return procfs_stat_parse(text, strlen(text), s);
}

START_TEST(fields)
{
	struct proc_stat s;

	ck_assert_int_eq(parse("42 (bash)" REST, &s), 0);
	ck_assert(s.pid == 42 && s.ppid == 7 && s.pgrp == 8 && s.session == 9 && s.state == 'S');
	ck_assert_str_eq(s.comm, "bash");
	ck_assert_uint_eq(s.tty_dev, 136U << 20 | 3);
	ck_assert_uint_eq(s.start_ticks, 123456789);
}
END_TEST

START_TEST(any_name)
{
	static const char *const names[] = { "", ")", "a) R 1 2 3", ") S 1 1 1 1 1", "a b\nc", "(((",
		"fifteen letters", ") (", "\x1b[31m\xff" };
	struct proc_stat s;
	char text[200];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "42 (%s)" REST, names[i]);
		ck_assert_int_eq(parse(text, &s), 0);
		ck_assert_str_eq(s.comm, names[i]);
		ck_assert_int_eq(s.ppid, 7);
	}
	ck_assert_int_eq(parse("42 (kworker/u4:0-events_unbound)" REST, &s), 0);
	ck_assert_str_eq(s.comm, "kworker/u4:0-ev");
}
END_TEST

START_TEST(every_cut_is_refused)
{
	static const char text[] = "42 (bash) S 7 8 9 34819 8 4194304 1 2 3 4 5 6 7 8 20 0 1 0 123 9";
	size_t whole = sizeof(text) - 2, len;
	struct proc_stat s;

	ck_assert_int_eq(procfs_stat_parse(text, whole, &s), 0);
	for (len = 0; len < whole; len++)
		ck_assert_msg(procfs_stat_parse(text, len, &s) == E_FORMAT, "at %zu", len);
}
END_TEST

START_TEST(nonsense_is_refused)
{
	static const char *const bad[] = { "0 (a)" REST, "-1 (a)" REST, "99999999999 (a)" REST,
		"42 a" REST, "42(a)" REST, "x (a)" REST, "42 (a) S x 8 9 0 8 1 2 3 4 5 6 7 8 9 10 11 12 13 14 5 6\n",
		"42 (a) S 7 8 9 0 8 1 2 3 4 5 6 7 8 9 10 11 12 13 -5 6\n",
		"42 (a) S 7 8 9 0 8 1 2 3 4 5 6 7 8 9 10 11 12 13 9223372036854775808 6\n",
		"42 (a) S 7 8 9 0 8 1 2 3 4 5 6 7 8 9 10 11 12 13 5x\n" };
	struct proc_stat s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i], &s) == E_FORMAT, "case %zu", i);
}
END_TEST

/* new_encode_dev(): pts/300 is 136, 300 */
START_TEST(big_minor)
{
	struct proc_stat s;
	char text[200];

	snprintf(text, sizeof(text), "1 (a) S 7 8 9 %d 8 1 2 3 4 5 6 7 8 9 10 11 12 13 14 5 6\n",
	    (300 & 0xff) | 136 << 8 | (300 & ~0xff) << 12);
	ck_assert_int_eq(parse(text, &s), 0);
	ck_assert_uint_eq(s.tty_dev, 136U << 20 | 300);
	snprintf(text, sizeof(text), "1 (a) S 7 8 9 %d 8 1 2 3 4 5 6 7 8 9 10 11 12 13 14 5 6\n",
	    (int)(0xffU | 136U << 8 | 0xfff00U << 12));
	ck_assert_int_eq(parse(text, &s), 0);
	ck_assert_uint_eq(s.tty_dev, 136U << 20 | 0xfffff);
}
END_TEST

START_TEST(myself)
{
	struct proc_stat s;
	char cwd[4096], link[4096], cut[3];

	ck_assert_int_eq(prctl(PR_SET_NAME, "a) R 1\n("), 0);
	ck_assert_int_eq(procfs_stat(getpid(), &s), 0);
	ck_assert(s.pid == getpid() && s.ppid == getppid() && s.session == getsid(0));
	ck_assert_str_eq(s.comm, "a) R 1\n(");
	ck_assert(s.start_ticks > 0);
	ck_assert_int_eq(procfs_link(getpid(), "cwd", link, sizeof(link)), 0);
	ck_assert_str_eq(link, getcwd(cwd, sizeof(cwd)));
	ck_assert_int_eq(procfs_link(getpid(), "cwd", cut, sizeof(cut)), 0);
	ck_assert_uint_eq(strlen(cut), 2);
	ck_assert_int_eq(procfs_link(getpid(), "nothing", link, sizeof(link)), -ENOENT);
	ck_assert_int_eq(procfs_stat(0x7fffffff, &s), -ENOENT);
	ck_assert_uint_eq(procfs_number(getpid(), "nothing"), CERT_UNSET);
	ck_assert_uint_eq(procfs_number(getpid(), "cmdline"), CERT_UNSET);
	ck_assert_uint_ne(procfs_number(getpid(), "oom_score"), CERT_UNSET);
}
END_TEST

START_TEST(program)
{
	char path[4096];
	struct stat st;
	dev_t dev;
	ino_t ino;

	ck_assert_int_eq(procfs_link(getpid(), "exe", path, sizeof(path)), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(procfs_program(getpid(), &dev, &ino), 0);
	ck_assert(dev == st.st_dev && ino == st.st_ino);
	ck_assert_int_eq(procfs_program(0x7fffffff, &dev, &ino), -ENOENT);
}
END_TEST

#define IDS "Uid:\t1000\t901\t901\t901\nGid:\t100\t7\t7\t7\n"

static int parse_ids(const char *text, struct proc_ids *ids)
{
	return procfs_ids_parse(text, strlen(text), ids);
}

START_TEST(real_and_effective_ids)
{
	struct proc_ids ids;
	const char *text = "Name:\tx\\nUid:\t0\t0\t0\t0\nUmask:\t0022\n" IDS "FDSize:\t64\n";

	ck_assert_int_eq(parse_ids(text, &ids), 0);
	ck_assert(ids.uid == 1000 && ids.euid == 901 && ids.gid == 100 && ids.egid == 7);
	ck_assert_int_eq(procfs_ids(getpid(), &ids), 0);
	ck_assert(ids.uid == getuid() && ids.euid == geteuid() && ids.gid == getgid() &&
	    ids.egid == getegid());
	ck_assert_int_eq(procfs_ids(0x7fffffff, &ids), -ENOENT);
}
END_TEST

START_TEST(other_ids_are_refused)
{
	static const char *const bad[] = { "", "\nUid:\t1\t1\t1\t1\n", IDS, "\nUid:\t1\nGid:\t1\t1\t1\n",
		"\nUid:\t-1\t1\t1\nGid:\t1\t1\t1\n", "\nUid:\t4294967296\t1\t1\nGid:\t1\t1\t1\n",
		"\nUid: 1 1 1\nGid:\t1\t1\t1\n", "\nUid:\t1\t1\t1\nGid:\t1\t1" };
	struct proc_ids ids = { .uid = 5 };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(parse_ids(bad[i], &ids), E_FORMAT);
	ck_assert_uint_eq(ids.uid, 5);
}
END_TEST

START_TEST(boot_id)
{
	uint8_t a[16], b[16];

	ck_assert_int_eq(procfs_boot_id(a), 0);
	ck_assert_int_eq(procfs_boot_id(b), 0);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert(!all_zero(a, sizeof(a)));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { fields, any_name, every_cut_is_refused, nonsense_is_refused,
		big_minor, myself, program,
		real_and_effective_ids, other_ids_are_refused, boot_id };

	return suite_run("procfs", tests, sizeof(tests) / sizeof(tests[0]));
}
