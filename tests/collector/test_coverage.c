/* SPDX-License-Identifier: ISC */
/* Which uses of terminals become rows, when, and which do not. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../collector/coverage.h"
#include "../../collector/coverage_store.h"
#include "../lib/suite.h"
#include "process_record.h"

#define MS 1000000ULL
#define PTS(n) (136U << 20 | (n))
#define ALICE 1000

static struct coverage *c;
static char said[4096];       /* each row as a line */
static uint64_t now;          /* ms since boot */
static uint32_t labelled;     /* a pid that has got a label meanwhile */

static void row(void *ctx, const struct process_record *r, const struct process_terminal *t)
{
	struct process_terminal again;
	size_t len = strlen(said);

	ck_assert_ptr_eq(ctx, said);
	ck_assert_int_eq(r->kind, PROCESS_TERMINAL);
	ck_assert_int_eq(process_terminal_parse(r->body, &again), 0);
	ck_assert_uint_eq(again.pid, t->pid);
	if (t->state == 1)
		snprintf(said + len, sizeof(said) - len, "+%u:%u tty %u uid %u %.16s %s\n", t->pid,
		    (unsigned)r->start_ticks, t->tty_dev & 0xfffff, t->uid, t->comm,
		    process_origin_name(r->origin));
	else
		snprintf(said + len, sizeof(said) - len, "-%u:%u %u processes%s %u-%u\n", t->pid,
		    (unsigned)r->start_ticks, t->processes,
		    r->reason == REASON_LEAD_IN && r->session != 0 ? " lead-in" : "",
		    (unsigned)(t->from_boot_ns / MS), (unsigned)(t->to_boot_ns / MS));
}

static uint64_t label(void *ctx, uint32_t pid, uint64_t start_ticks)
{
	(void)ctx;
	(void)start_ticks;
	return pid == labelled ? 7 : 0;
}

static void begin(void)
{
	const struct coverage_ops ops = {.row = row, .session = label, .ctx = said};

	ck_assert_int_eq(coverage_new(&c, &ops), 0);
	said[0] = '\0';
	labelled = 0;
	now = 10000;
}

static void end(void)
{
	coverage_free(c);
}

/* Lets time pass, and has said what is due. */
static void pass(uint64_t ms)
{
	uint64_t until = now + ms;
	int wait;

	while ((wait = coverage_turn(c, now * MS)) >= 0 && now + (uint64_t)wait <= until)
		now += wait > 0 ? (uint64_t)wait : 1;
	now = until;
	coverage_turn(c, now * MS);
}

static void is_said(const char *wanted)
{
	ck_assert_str_eq(said, wanted);
	said[0] = '\0';
}

/* A process of session sid that began at start ms. */
static struct sight one(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm)
{
	struct sight s = {.pid = pid, .sid = sid, .start_ticks = start / 10, .tty_dev = tty,
		.uid = ALICE, .origin = ORIGIN_SSHD, .reason = REASON_NO_RECORDER_TERMINAL};

	s.sid_start = pid == sid ? s.start_ticks : 0;
	s.boot_ns = now * MS;
	memcpy(s.comm, comm, strnlen(comm, sizeof(s.comm)));
	return s;
}

static void runs(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm)
{
	struct sight s = one(pid, sid, start, tty, comm);

	coverage_seen(c, &s);
}

static void ends(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm)
{
	struct sight s = one(pid, sid, start, tty, comm);

	s.ended = 1;
	coverage_seen(c, &s);
}

/* All that accounting says. */
static void record(uint32_t pid, uint64_t start, uint32_t tty, const char *comm)
{
	ends(pid, 0, start, tty, comm);
}

static void recorded(uint32_t pid, uint32_t sid, uint32_t tty, uint64_t n)
{
	struct sight s = one(pid, sid, now, tty, "sh");

	s.session = n;
	s.reason = REASON_FORK;
	coverage_seen(c, &s);
}

START_TEST(a_shell)
{
	runs(100, 100, 10000, PTS(4), "bash");
	pass(500);
	runs(101, 100, 10500, PTS(4), "ls");
	ends(101, 100, 10500, PTS(4), "ls");
	pass(900);
	is_said("");
	pass(200);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	runs(102, 100, 11600, PTS(4), "vi");
	pass(60000);
	ends(103, 100, 11700, PTS(4), "bash"); /* a subshell, which ran no program */
	ends(100, 100, 10000, PTS(4), "bash");
	is_said("");
	ends(102, 100, 11600, 0, "vi");
	is_said("-100:1000 4 processes 10000-71600\n");
	pass(5000);
	ck_assert_int_eq(coverage_turn(c, now * MS), -1);
	is_said("");
}
END_TEST

START_TEST(a_short_one)
{
	runs(100, 100, 10000, PTS(4), "bash");
	ends(100, 100, 10000, PTS(4), "bash");
	pass(1000);
	is_said("");
	pass(1000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n-100:1000 1 processes 10000-10000\n");
}
END_TEST

START_TEST(lead_in)
{
	runs(100, 100, 10000, PTS(4), "bash");
	runs(101, 100, 10200, PTS(4), "id");
	ends(101, 100, 10200, PTS(4), "id");
	pass(400);
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	recorded(103, 103, PTS(5), 7);
	recorded(104, 103, PTS(5), 7);
	pass(60000);
	ends(105, 100, 10100, PTS(4), "bash"); /* from before it */
	coverage_looked(c, now * MS);
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_looked(c, now * MS);
	coverage_recorder_ended(c, 7, now * MS);
	ends(100, 100, 10000, PTS(4), "shellac-rec");
	pass(60000);
	is_said("");
	runs(200, 200, 131000, PTS(4), "bash"); /* the next on that terminal, unrecorded */
	pass(2000);
	is_said("+200:13100 tty 4 uid 1000 bash sshd\n");
}
END_TEST

START_TEST(slow_lead_in)
{
	runs(100, 100, 10000, PTS(4), "bash");
	pass(3000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	is_said("-100:1000 1 processes lead-in 10000-13000\n");
	coverage_recorder_ended(c, 7, now * MS);
	ends(100, 100, 10000, PTS(4), "shellac-rec");
	pass(9000);
	is_said("");
}
END_TEST

/* An hour of work is no lead-in because a recorder follows; and who goes on after it did
 * not gain a second one. */
START_TEST(recorder_by_hand)
{
	runs(100, 100, 10000, PTS(4), "bash");
	pass(60000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	runs(101, 100, 69990, PTS(4), "shellac-rec");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	is_said("-100:1000 2 processes 10000-70000\n");
	pass(1000);
	coverage_recorder_ended(c, 7, now * MS);
	ends(101, 100, 69990, PTS(4), "shellac-rec");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	coverage_recorder(c, 8, PTS(4), 100, 1000, now * MS);
	is_said("-100:1000 1 processes 71000-73000\n");
	coverage_recorder_ended(c, 8, now * MS);
	ends(100, 100, 10000, PTS(4), "bash");
	pass(2000);
	is_said("");
}
END_TEST

START_TEST(beside_a_recorder)
{
	runs(100, 100, 10000, PTS(4), "bash");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	pass(5000);
	runs(101, 100, 14990, PTS(4), "sh");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 sh sshd\n");
	ends(101, 100, 14990, PTS(4), "sh");
	is_said("-100:1000 1 processes 14990-17000\n");
}
END_TEST

START_TEST(without_terminal)
{
	struct sight s = one(100, 100, 10000, 0, "bash");

	s.login = 1;
	coverage_seen(c, &s);
	runs(101, 100, 10010, 0, "make");
	runs(102, 102, 10020, 0, "daemon"); /* setsid: not a login, it lives in no use */
	runs(900, 900, 10020, 0, "crond");
	pass(2000);
	is_said("+100:1000 tty 0 uid 1000 bash sshd\n");
	ends(100, 100, 10000, 0, "bash");
	is_said("");
	ends(101, 100, 10010, 0, "make");
	is_said("-100:1000 2 processes 10000-12000\n");
	pass(3000);
	is_said("");
}
END_TEST

/* sshd makes the session before it opens the terminal. */
START_TEST(terminal_comes_later)
{
	struct sight s = one(100, 100, 10000, 0, "sshd");

	s.login = 1;
	coverage_seen(c, &s);
	pass(5);
	runs(100, 100, 10000, PTS(4), "bash");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
}
END_TEST

/* It was gone from /proc again when its exec was heard. */
START_TEST(name_comes_later)
{
	runs(100, 100, 10000, PTS(4), "");
	runs(100, 100, 10000, PTS(4), "bash");
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
}
END_TEST

START_TEST(commands_that_are_recorded)
{
	struct sight s = one(100, 100, 10000, 0, "shellac-bash");

	s.login = 1;
	coverage_seen(c, &s);
	coverage_recorder(c, 7, 0, 100, 1000, now * MS);
	recorded(101, 100, 0, 7);
	pass(2000);
	s.sid = 0;
	s.ended = 1;
	s.boot_ns = now * MS;
	coverage_seen(c, &s); /* as accounting alone has it */
	pass(4000);
	coverage_looked(c, now * MS);
	is_said("");
}
END_TEST

START_TEST(getty)
{
	struct sight s = one(100, 100, 10000, 4U << 20 | 1, "agetty");

	s.uid = 0;
	s.origin = ORIGIN_GETTY;
	coverage_seen(c, &s);
	pass(9000);
	strcpy(s.comm, "login");
	coverage_seen(c, &s);
	pass(9000);
	is_said("");
	runs(101, 101, 28000, 4U << 20 | 1, "bash");
	pass(2000);
	is_said("+101:2800 tty 1 uid 1000 bash sshd\n");
	s = one(200, 200, 30000, PTS(1), "agetty"); /* so named by a user */
	coverage_seen(c, &s);
	pass(2000);
	is_said("+200:3000 tty 1 uid 1000 agetty sshd\n");
}
END_TEST

START_TEST(after_a_restart)
{
	struct process_record r = {.start_ticks = 1000, .sid = 100, .origin = ORIGIN_SSHD};
	struct process_terminal t = {.state = 1, .pid = 100, .uid = ALICE, .tty_dev = PTS(4),
		.from_boot_ns = 5000 * MS, .comm = "bash"};

	coverage_known(c, &r, &t);
	t.pid = r.sid = 200;
	coverage_known(c, &r, &t);
	runs(100, 100, 10000, PTS(4), "bash");
	runs(101, 100, 10100, PTS(4), "vi");
	coverage_looked(c, now * MS);
	is_said("-200:1000 0 processes 5000-10000\n");
	pass(5000);
	is_said("");
	ends(100, 100, 10000, PTS(4), "bash");
	ends(101, 100, 10100, PTS(4), "vi");
	is_said("-100:1000 2 processes 5000-15000\n");
}
END_TEST

START_TEST(looks)
{
	now = 500000;
	runs(101, 100, 10100, PTS(4), "vi"); /* /proc is in no order */
	runs(100, 100, 10000, PTS(4), "tmux-shell");
	coverage_looked(c, now * MS);
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 tmux-shell sshd\n");
	runs(100, 100, 10000, PTS(4), "tmux-shell");
	coverage_looked(c, now * MS);
	is_said("");
	coverage_looked(c, now * MS);
	is_said("-100:1000 2 processes 10000-502000\n");
}
END_TEST

START_TEST(accounting_alone)
{
	record(101, 10100, PTS(2048 + 4), "ls"); /* pts/4, for all it knows */
	pass(5000);
	record(102, 14000, PTS(4), "id");
	is_said("");
	runs(100, 100, 10000, PTS(4), "bash");
	coverage_looked(c, now * MS);
	pass(2000);
	is_said("+100:1000 tty 4 uid 1000 bash sshd\n");
	record(103, 16000, PTS(4), "ls");
	record(100, 10000, PTS(4), "bash");
	is_said("-100:1000 4 processes 10000-17000\n");
	record(104, 16000, PTS(4), "cat"); /* hung up with it */
	pass(9000);
	coverage_looked(c, now * MS);
	is_said("");
	record(200, 25000, PTS(4), "sh");
	pass(9000);
	is_said("");
	coverage_looked(c, now * MS);
	is_said("+200:0 tty 4 uid 1000 sh sshd\n-200:0 1 processes 25000-26000\n");
}
END_TEST

START_TEST(lead_in_by_accounting)
{
	record(101, 10000, PTS(4), "id");
	pass(300);
	coverage_recorder(c, 7, PTS(4), 0, 0, now * MS);
	record(102, 10000, PTS(4), "stty");
	pass(60000);
	coverage_looked(c, now * MS);
	coverage_recorder_ended(c, 7, now * MS);
	record(100, 9900, PTS(4), "shellac-rec");
	pass(9000);
	coverage_looked(c, now * MS);
	is_said("");
}
END_TEST

static void record_of(uint32_t pid, uint32_t ppid, uint32_t uid, const char *comm)
{
	struct sight s = one(pid, 0, now - 100, 0, comm);

	s.ended = 1;
	s.ppid = ppid;
	s.uid = uid;
	s.origin = ORIGIN_NOT_SAID;
	coverage_seen(c, &s);
}

/* What sshd ran is known when the record of sshd comes, or a look finds it. */
START_TEST(logins_by_accounting)
{
	struct sight s;

	record_of(23, 22, ALICE, "make");
	record_of(22, 21, ALICE, "bash");
	record_of(24, 21, ALICE, "sshd");  /* internal-sftp */
	record_of(31, 30, ALICE, "sh");    /* a job of cron's */
	record_of(30, 10, 0, "cron");
	pass(4000);
	is_said("");
	record_of(21, 20, ALICE, "sshd");
	record_of(20, 10, 0, "sshd");
	pass(1);
	is_said("+22:0 tty 0 uid 1000 bash sshd\n-22:0 1 processes 9900-10000\n"
	    "+24:0 tty 0 uid 1000 sshd sshd\n-24:0 1 processes 9900-10000\n");
	record_of(52, 51, ALICE, "sh");
	s = one(51, 50, 1000, 0, "sshd");  /* it lives */
	coverage_seen(c, &s);
	pass(2000);
	is_said("+52:0 tty 0 uid 1000 sh sshd\n-52:0 1 processes 13900-14001\n");
	record_of(62, 61, ALICE, "sh");
	record_of(61, 1, ALICE, "other");
	record_of(61, 10, ALICE, "sshd");  /* the next life of that pid */
	for (unsigned i = 0; i < 9000; i++)
		record_of(1000 + i, 2000 + i, ALICE, "sh");
	pass(2000);
	is_said("");
}
END_TEST

START_TEST(labels_that_come_late)
{
	runs(100, 100, 10000, PTS(4), "sh");
	runs(101, 100, 10000, PTS(4), "vi");
	labelled = 100;
	pass(2000);
	is_said("");
	labelled = 0;
	runs(200, 200, 12000, PTS(5), "sh");
	pass(2000);
	is_said("+200:1200 tty 5 uid 1000 sh sshd\n");
	recorded(200, 200, PTS(5), 7);
	is_said("");
}
END_TEST

START_TEST(live_rows)
{
	json_t *rows;

	runs(100, 100, 10000, PTS(4), "a\xff\x1b[31m");
	rows = coverage_json(c);
	ck_assert_uint_eq(json_array_size(rows), 0);
	json_decref(rows);
	pass(2000);
	rows = coverage_json(c);
	ck_assert_uint_eq(json_array_size(rows), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(rows, 0), "pid")), 100);
	ck_assert_ptr_nonnull(json_string_value(json_object_get(json_array_get(rows, 0), "comm")));
	json_decref(rows);
}
END_TEST

/* A segment of this boot (b: its first byte) with these TERMINALs, pid by pid. */
static void write_segment(int dir, uint64_t k, uint8_t b, const int *pids)
{
	uint8_t boot[BOOT_ID_SIZE] = {b}, header[PROCESS_HEADER], slot[PROCESS_SIZE];
	struct process_record r = {.kind = PROCESS_TERMINAL, .start_ticks = 1000,
		.reason = REASON_NO_RECORDER_TERMINAL};
	struct process_terminal t = {.tty_dev = PTS(4), .from_boot_ns = 5000 * MS, .comm = "sh"};
	char name[PROCESS_NAME_MAX];
	int fd = openat(dir, process_file_name(name, k), O_WRONLY | O_CREAT | O_EXCL, 0600);

	process_header_put(header, boot, k);
	ck_assert_int_eq(write(fd, header, sizeof(header)), sizeof(header));
	for (; *pids != 0; pids++) {
		t.state = *pids > 0 ? 1 : 2;
		t.pid = r.sid = (uint32_t)abs(*pids);
		t.to_boot_ns = *pids > 0 ? 0 : 6000 * MS;
		process_terminal_put(r.body, &t);
		process_record_put(slot, &r);
		ck_assert_int_eq(write(fd, slot, sizeof(slot)), sizeof(slot));
	}
	ck_assert_int_eq(write(fd, slot, 50), 50); /* torn */
	close(fd);
}

START_TEST(rows_of_the_store)
{
	static const int first[] = {100, 200, 300, -100, 0}, other[] = {400, 0};
	static const int second[] = {-300, 100, 0};
	static const uint8_t boot[BOOT_ID_SIZE] = {1};
	char path[] = "/tmp/shlt.XXXXXX", command[64];
	int dir;

	ck_assert_ptr_nonnull(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	write_segment(dir, 1, 1, first);
	write_segment(dir, 2, 2, other);
	write_segment(dir, 10, 1, second);
	ck_assert_int_eq(coverage_take_up(c, dir, boot), 0);
	is_said("");
	runs(200, 200, 10000, PTS(4), "sh");
	coverage_looked(c, now * MS);
	is_said("-100:1000 0 processes 5000-10000\n");
	ends(200, 200, 10000, PTS(4), "sh");
	is_said("-200:1000 1 processes 5000-10000\n");
	close(dir);
	snprintf(command, sizeof(command), "rm -r %s", path);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static const struct coverage_kin kin[] = {
	{1, 0, 1, 0, "systemd"},
	{10, 1, 10, 0, "sshd"},          /* listens */
	{20, 10, 20, 0, "sshd"},         /* a connection of alice's */
	{21, 20, 20, ALICE, "sshd"},
	{22, 21, 22, ALICE, "sshd"},     /* sftp inside of it, or not yet another */
	{23, 21, 23, ALICE, "bash"},
	{24, 23, 24, ALICE, "daemon"},
	{30, 10, 30, 0, "sshd-session"}, /* of root's */
	{31, 30, 31, 0, "sh"},
	{32, 30, 32, 0, "sshd-session"},
	{33, 30, 30, 77, "sshd-auth"},
	{40, 23, 40, ALICE, "sshd"},     /* so named */
	{41, 40, 41, ALICE, "sh"},
	{50, 9, 50, 0, "sh"},            /* its parent has gone */
};

static int find_kin(void *ctx, uint32_t pid, struct coverage_kin *out)
{
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(kin) / sizeof(*kin); i++)
		if (kin[i].pid == pid) {
			*out = kin[i];
			return 0;
		}
	return -1;
}

START_TEST(logins)
{
	static const uint32_t are[] = {22, 23, 31, 32};
	size_t i, k;

	for (i = 0; i < sizeof(kin) / sizeof(*kin); i++) {
		int wanted = 0;

		for (k = 0; k < sizeof(are) / sizeof(*are); k++)
			wanted |= are[k] == kin[i].pid;
		ck_assert_msg(coverage_is_login(&kin[i], find_kin, NULL) == wanted, "%u",
		    kin[i].pid);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_shell, a_short_one, lead_in, slow_lead_in,
		recorder_by_hand, beside_a_recorder, without_terminal, terminal_comes_later,
		name_comes_later,
		commands_that_are_recorded, getty, after_a_restart, looks, accounting_alone,
		lead_in_by_accounting, labels_that_come_late, live_rows, logins_by_accounting,
		rows_of_the_store, logins};
	TCase *tc = tcase_create("coverage");
	size_t i;

	tcase_add_checked_fixture(tc, begin, end);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case("coverage", tc);
}
