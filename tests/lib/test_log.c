/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "log.h"
#include "suite.h"

/* linked with --wrap=clock_mono: the test sets the time */
uint64_t __wrap_clock_mono(void);
static uint64_t now_ns = 1000;

uint64_t __wrap_clock_mono(void)
{
	return now_ns;
}

static int saved_stderr, reader;

static void capture(void)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	saved_stderr = dup(STDERR_FILENO);
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	reader = fd[0];
}

static const char *captured(void)
{
	static char text[60000];
	ssize_t n;

	dup2(saved_stderr, STDERR_FILENO);
	n = io_read_all(reader, text, sizeof(text) - 1);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

static unsigned lines(const char *s)
{
	unsigned n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

START_TEST(one_escaped_line)
{
	capture();
	log_open("name", 0, LOG_L_INFO);
	errno = EIO;
	log_info("user %s: %m", "a\nfake: line\x1b[31m");
	ck_assert_int_eq(errno, EIO);
	log_debug("not this");
	ck_assert_str_eq(captured(),
	    "name: user a\\nfake: line\\x1b[31m: Input/output error\n");
}
END_TEST

START_TEST(levels_come_first)
{
	capture();
	log_open("name", 0, LOG_L_INFO);
	log_levels(1);
	log_error("bad");
	log_info("good\n<0>fake");
	ck_assert_str_eq(captured(), "<3>name: bad\n<6>name: good\\n<0>fake\n");
}
END_TEST

START_TEST(long_lines_are_cut)
{
	static char big[5000];
	const char *s;

	memset(big, 0x1b, sizeof(big) - 1);
	capture();
	log_open("name", 0, LOG_L_INFO);
	log_info("%s", big);
	s = captured();
	ck_assert_uint_eq(lines(s), 1);
	ck_assert_uint_lt(strlen(s), 2200);
	ck_assert_str_eq(s + strlen(s) - 4, "...\n");
}
END_TEST

static void flood(int i)
{
	log_warn("flood %d", i);
}

START_TEST(rate_is_limited_by_format)
{
	const char *s;
	int i;

	capture();
	log_open("name", 0, LOG_L_INFO);
	for (i = 0; i < 120; i++)
		flood(i);
	log_warn("another");
	now_ns += UINT64_C(10000000000);
	log_warn("a third");
	flood(999);
	s = captured();
	ck_assert_uint_eq(lines(s), 50 + 1 + 1 + 1 + 1);
	ck_assert_ptr_nonnull(strstr(s, "name: flood 49\nname: another\n"
	    "name: 70 more lines of this kind were left out: flood %d\nname: a third\n"
	    "name: flood 999\n"));
}
END_TEST

static void both(int i)
{
	log_of_user(LOG_L_WARN, 7, "both %d", i);
}

START_TEST(nobody_hides_what_another_did)
{
	const char *s;
	int i;

	capture();
	log_open("name", 0, LOG_L_INFO);
	for (i = 0; i < 60; i++)
		both(i);
	log_of_user(LOG_L_WARN, 0, "another's");
	for (i = 0; i < 60; i++)
		log_of_user(LOG_L_WARN, i == 59 ? 0 : 7, "one place");
	now_ns += UINT64_C(10000000000);
	both(999);
	s = captured();
	ck_assert_uint_eq(lines(s), 50 + 1 + 50 + 1 + 1 + 1 + 1);
	ck_assert_ptr_nonnull(strstr(s, "name: both 49\nname: another's\nname: one place\n"));
	ck_assert_ptr_nonnull(strstr(s, "name: one place\n"
	    "name: 10 more lines of this kind of user id 7 were left out: both %d\n"
	    "name: 9 more lines of this kind of user id 7 were left out: one place\n"
	    "name: both 999\n"));
}
END_TEST

START_TEST(more_formats_than_slots)
{
#define LINE(f) now_ns++; log_info("f" f);
#define TEN(f) LINE(f "0") LINE(f "1") LINE(f "2") LINE(f "3") LINE(f "4") \
	LINE(f "5") LINE(f "6") LINE(f "7") LINE(f "8") LINE(f "9")
	const char *s;
	unsigned i;

	capture();
	log_open("name", 0, LOG_L_INFO);
	for (i = 0; i < 51; i++)
		log_info("first");
	TEN("0") TEN("1") TEN("2") TEN("3") TEN("4")
	TEN("5") TEN("6") TEN("7") TEN("8") TEN("9")
	s = captured();
	ck_assert_uint_eq(lines(s), 50 + 100 + 1);
	ck_assert_ptr_nonnull(strstr(s, "1 more lines of this kind were left out: first"));
}
END_TEST

#define THREADS 4
#define EACH 100000

static void *log_many(void *arg)
{
	int i;

	for (i = 0; i < EACH; i++)
		log_info("thread");
	return arg;
}

START_TEST(threads_share_the_counts)
{
	pthread_t thread[THREADS];
	char text[80];
	const char *s;
	int i;

	capture();
	log_open("name", 0, LOG_L_INFO);
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, log_many, NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	now_ns += 11 * UINT64_C(1000000000);
	log_info("last");
	s = captured();
	ck_assert_uint_eq(lines(s), 50 + 2);
	snprintf(text, sizeof(text), "%d more lines of this kind were left out: thread",
	    THREADS * EACH - 50);
	ck_assert_ptr_nonnull(strstr(s, text));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { one_escaped_line, levels_come_first,
		long_lines_are_cut, rate_is_limited_by_format, nobody_hides_what_another_did,
		more_formats_than_slots, threads_share_the_counts };

	return suite_run("log", tests, sizeof(tests) / sizeof(tests[0]));
}
