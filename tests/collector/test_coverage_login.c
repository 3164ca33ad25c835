/* SPDX-License-Identifier: ISC */
/* Coverage: what accounting alone can say, what a login is, and what the store has. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../../collector/coverage_store.h"
#include "coverage_fixture.h"

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
	record(150, 17500, PTS(4), "id");  /* the next on that terminal */
	coverage_looked(c, now * MS);
	is_said("+150:0 tty 4 uid 1000 id sshd\n-150:0 1 processes 17000-17000\n");
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

/* What was on the terminal before its leader began was somebody else. */
START_TEST(two_by_accounting)
{
	record(101, 10000, PTS(4), "ls");
	pass(20000);
	runs(200, 200, 25000, PTS(4), "bash");
	pass(2000);
	is_said("+200:2500 tty 4 uid 1000 bash sshd\n");
	runs(200, 200, 25000, PTS(4), "bash");
	coverage_looked(c, now * MS);
	is_said("+101:0 tty 4 uid 1000 ls sshd\n-101:0 1 processes 10000-10000\n");
}
END_TEST

START_TEST(lead_in_and_its_leader)
{
	record(101, 10000, PTS(4), "id");
	coverage_recorder(c, 7, PTS(4), 100, 1000, now * MS);
	pass(30000);
	runs(100, 100, 10000, PTS(4), "shellac-rec");
	coverage_looked(c, now * MS);
	pass(2000);
	is_said("");
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
	record_of(25, 20, 0, "sshd");      /* before it knew the user */
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
	const TTest *const tests[] = {accounting_alone, two_by_accounting,
		lead_in_and_its_leader, lead_in_by_accounting,
		logins_by_accounting, rows_of_the_store, logins};

	return suite_coverage("coverage_login", tests, sizeof(tests) / sizeof(*tests));
}
