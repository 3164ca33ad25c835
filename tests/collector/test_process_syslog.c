/* SPDX-License-Identifier: ISC */
#include "../../collector/process_syslog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "acct_fake.h"
#include "clock.h"

#define LOG "log" /* the daemon's socket in the test's own folder */
#define MESSAGES 20000

static const struct process_syslog_origin nobody = {.host = "web1", .user = ""};

static struct process_record record(const char *comm, struct acct_record *a)
{
	struct process_record r = {.kernel_file = 1, .place = 1, .reason = REASON_NO_RECORDER};

	fake_record(r.body, 4711, 4710, 0x8803, 1000000000, 1);
	memset(r.body + 48, 0, ACCT_COMM);
	memcpy(r.body + 48, comm, strlen(comm));
	ck_assert_int_eq(acct_record_parse(r.body, a), 0);
	return r;
}

START_TEST(message)
{
	const struct process_syslog_origin o = {.host = "web1.example", .user = "alice",
		.boot_id = {0xab, 0xcd}, .boot_wall_ns = INT64_C(1000000000123456789), .lost = 7};
	char out[PROCESS_SYSLOG_MAX], want[PROCESS_SYSLOG_MAX];
	struct acct_record a;
	struct process_record r = record("make", &a);

	r.session = 12;
	r.read_wall_ns = INT64_C(1000000007987654321);
	r.start_ticks = 250;
	r.ordinal = 2;
	a.status = 3 << 8;
	a.user_s = 1.25;
	snprintf(want, sizeof(want), "<86>1 2001-09-09T01:46:47.987654Z web1.example shellacd %d "
	    "PROCESS [process@32473 session=\"12\" user=\"alice\" uid=\"0\" tty=\"pts/3\" "
	    "pid=\"4711\" ppid=\"4710\" command=\"make\" exit=\"3\" signal=\"\" cpu=\"1.25\" "
	    "start=\"2001-09-09T01:46:42.623456Z\" "
	    "life=\"abcd0000000000000000000000000000:4711:250:2\" lost=\"7\"] process ended",
	    (int)getpid());
	ck_assert_uint_eq(process_syslog_message(out, &r, &a, &o), strlen(want));
	ck_assert_str_eq(out, want);
}
END_TEST

/* What is not known is empty; of the start accounting says the second. */
START_TEST(unknown)
{
	char out[PROCESS_SYSLOG_MAX];
	struct acct_record a;
	struct process_record r = record("x", &a);
	const struct process_syslog_origin o = {.host = "a host", .user = ""};

	a.tty = 0;
	a.status = 9;
	process_syslog_message(out, &r, &a, &o);
	ck_assert_ptr_nonnull(strstr(out, "Z - shellacd "));
	ck_assert_ptr_nonnull(strstr(out, " session=\"\" user=\"\" uid=\"0\" tty=\"\" "));
	ck_assert_ptr_nonnull(strstr(out, " exit=\"\" signal=\"9\" "));
	ck_assert_ptr_nonnull(strstr(out, " start=\"2001-09-09T01:46:40.000000Z\" life=\"\"] "));
}
END_TEST

/* A name can end neither its value, nor the structured data, nor the line. */
START_TEST(hostile)
{
	char out[PROCESS_SYSLOG_MAX];
	struct acct_record a;
	struct process_record r = record("a\"] b\\\n\033[2J\xff", &a);
	struct process_syslog_origin o = nobody;
	const char *p;

	process_syslog_message(out, &r, &a, &o);
	ck_assert_ptr_nonnull(strstr(out,
	    " command=\"a\\\"\\] b\\\\\\\\\\\\n\\\\x1b[2J\\\\xff\" exit="));
	for (p = out; *p != '\0'; p++)
		ck_assert(*p >= ' ' && *p <= '~');
	o.user = "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"";
	ck_assert_uint_lt(process_syslog_message(out, &r, &a, &o), sizeof(out));
	ck_assert_ptr_nonnull(strstr(out, "] process ended"));
}
END_TEST

static struct loop loop;
static struct process_syslog *s;
static int daemon_fd = -1, reading;
static unsigned long got, told_lost, next_pid;
static uint64_t until_ns;

static void daemon_start(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX, .sun_path = LOG};

	unlink(LOG);
	daemon_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(daemon_fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

static void daemon_end(void)
{
	close(daemon_fd);
	unlink(LOG);
	daemon_fd = -1;
}

static unsigned long value(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p == NULL ? 0 : strtoul(p + strlen(name), NULL, 10);
}

/* Messages come whole, in order; what is missing between two is what the later says. */
static void hear(const char *text)
{
	unsigned long pid = value(text, " pid=\""), lost = value(text, " lost=\"");

	got++;
	told_lost += lost;
	ck_assert_uint_eq(pid, next_pid + lost);
	next_pid = pid + 1;
}

/* Before each wait of the loop: the daemon reads a little. */
static int turn(void *arg)
{
	char text[PROCESS_SYSLOG_MAX + 1];
	ssize_t n = 0;
	int i;

	(void)arg;
	for (i = 0; i < 5 && reading && daemon_fd >= 0; i++) {
		n = recv(daemon_fd, text, PROCESS_SYSLOG_MAX, 0);
		if (n < 0)
			break;
		text[n] = '\0';
		hear(text);
	}
	loop.stop = clock_mono() > until_ns;
	return 5;
}

static void run_ms(unsigned ms)
{
	until_ns = clock_mono() + ms * UINT64_C(1000000);
	loop.stop = 0;
	ck_assert_int_eq(loop_run(&loop), 0);
}

static json_int_t number(const char *key)
{
	json_t *j = process_syslog_status(s);
	json_int_t v = json_integer_value(json_object_get(j, key));

	json_decref(j);
	return v;
}

static void run_until_sent(void)
{
	int i;

	for (i = 0; i < 1000 && number("waiting") > 0; i++)
		run_ms(30);
	run_ms(100); /* and the daemon has read it */
	ck_assert_int_eq(number("waiting"), 0);
}

static void is_state(const char *want)
{
	json_t *j = process_syslog_status(s);

	ck_assert_str_eq(json_string_value(json_object_get(j, "state")), want);
	json_decref(j);
}

static void begin(void)
{
	scratch_enter();
	ck_assert_int_eq(loop_init(&loop), 0);
	loop.turn = turn;
	reading = 1;
	daemon_start();
	ck_assert_int_eq(process_syslog_new(&s, &loop, "web1", LOG), 0);
}

static void end(void)
{
	process_syslog_free(s);
	loop_release(&loop);
}

static void send_some(unsigned n)
{
	static uint32_t pid;
	struct acct_record a;
	struct process_record r = record("x", &a);

	while (n-- > 0) {
		a.pid = pid++;
		process_syslog_ended(s, &r, &a);
	}
}

START_TEST(sent)
{
	send_some(3);
	run_ms(50);
	ck_assert_uint_eq(got, 3);
	is_state("on");
	ck_assert_int_eq(number("sent"), 3);
	ck_assert_int_eq(number("waiting"), 0);
}
END_TEST

/* A daemon that does not read: nobody waits for it, and nothing is lost unsaid. */
START_TEST(slow)
{
	uint64_t from = clock_mono();

	reading = 0;
	send_some(MESSAGES);
	ck_assert_uint_lt(clock_mono() - from, UINT64_C(10000000000));
	ck_assert_int_gt(number("lost"), 0);
	ck_assert_int_gt(number("waiting"), 1000);
	ck_assert_int_eq(number("sent") + number("waiting") + number("lost"), MESSAGES);
	reading = 1;
	run_until_sent();
	send_some(1);
	run_until_sent();
	ck_assert_uint_eq(got + told_lost, MESSAGES + 1);
	ck_assert_int_eq(number("lost"), (json_int_t)told_lost);
}
END_TEST

/* It goes away and comes again, with its queue full and without. */
START_TEST(away)
{
	send_some(2);
	run_ms(20);
	daemon_end();
	send_some(3);
	is_state("unreachable");
	ck_assert_int_eq(number("waiting"), 3);
	daemon_start();
	run_until_sent();
	ck_assert_uint_eq(got, 5);
	is_state("on");
	reading = 0;
	send_some(1000);
	ck_assert_int_gt(number("waiting"), 0);
	next_pid += (unsigned long)number("sent") - got; /* what the queue held goes with it */
	daemon_end();
	run_ms(50);
	daemon_start();
	reading = 1;
	run_until_sent();
	ck_assert_uint_eq(next_pid, 1005);
	ck_assert_uint_eq(told_lost, 0);
	is_state("on");
}
END_TEST

/* At the end who is told how many were not sent. */
START_TEST(unsent)
{
	daemon_end();
	send_some(4);
	ck_assert_uint_eq(process_syslog_free(s), 4);
	s = NULL;
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("process_syslog");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, message);
	tcase_add_test(tc, unknown);
	tcase_add_test(tc, hostile);
	tcase_add_test(tc, sent);
	tcase_add_test(tc, slow);
	tcase_add_test(tc, away);
	tcase_add_test(tc, unsent);
	return suite_run_case("process_syslog", tc);
}
