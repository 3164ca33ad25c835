/* SPDX-License-Identifier: ISC */
#include "../../collector/watch.h"

#include <stdio.h>
#include <string.h>

#include "../lib/suite.h"

#define S UINT64_C(1000000000)

static struct watch *w;
static char said[512]; /* "rule state pid;" for each */

static void note(void *ctx, const struct watch_said *s)
{
	size_t n = strlen(said);

	(void)ctx;
	snprintf(said + n, sizeof(said) - n, "%s %c %lu;", s->rule->name, "?sea"[s->state],
	    (unsigned long)s->pid);
}

static int uid_of(void *ctx, const char *user, uid_t *uid)
{
	(void)ctx;
	*uid = 7;
	return strcmp(user, "alice") == 0;
}

static void is(const char *want)
{
	ck_assert_str_eq(said, want);
	said[0] = '\0';
}

static const struct watch_ops ops = {.said = note, .uid = uid_of};
static const struct conf_watch rules[] = {
	{.name = "ssh", .command = "sshd", .grace_s = 10},
	{.name = "mine", .command = "job", .user = "alice", .grace_s = 0},
	{.name = "who", .command = "job", .user = "nobody", .grace_s = 60},
};

static void begin(void)
{
	said[0] = '\0';
	ck_assert_int_eq(watch_new(&w, rules, 3, &ops, 100 * S), 0);
}

static void end(void)
{
	watch_free(w);
}

static void see(uint32_t pid, uint32_t ppid, const char *comm, uint32_t uid, unsigned s)
{
	struct watch_sight sight = {.pid = pid, .ppid = ppid, .start_ticks = 10 * pid, .uid = uid};

	memcpy(sight.comm, comm, strlen(comm) < ACCT_COMM ? strlen(comm) : ACCT_COMM);
	watch_seen(w, &sight, s * S);
}

static void empty_look(unsigned s)
{
	watch_look(w);
	watch_looked(w, s * S);
}

/* What runs already has not begun; that it ends is said, and that it stays away. */
START_TEST(from_before)
{
	watch_look(w);
	see(50, 1, "sshd", 0, 100);
	watch_looked(w, 100 * S);
	is("");
	watch_turn(w, 111 * S);
	is("mine a 0;");
	watch_ended(w, 50, 500, 120 * S);
	is("ssh e 50;");
	ck_assert_int_eq(watch_turn(w, 129 * S), 1000);
	is("");
	watch_turn(w, 130 * S);
	is("ssh a 50;");
	watch_turn(w, 230 * S);
	is("who a 0;");
	ck_assert_int_eq(watch_turn(w, 231 * S), -1);
	is("");
	see(60, 1, "sshd", 0, 240);
	is("ssh s 60;");
}
END_TEST

START_TEST(back_within_grace)
{
	empty_look(100);
	see(60, 1, "sshd", 0, 101);
	is("ssh s 60;");
	see(60, 1, "sshd", 0, 102); /* seen again */
	watch_ended(w, 60, 999, 103 * S); /* another life's record */
	is("");
	watch_ended(w, 60, 0, 103 * S);
	is("ssh e 60;");
	see(61, 1, "sshd", 0, 105);
	is("ssh s 61;");
	watch_turn(w, 120 * S);
	is("mine a 0;"); /* not ssh */
}
END_TEST

/* Nothing is absent before the first look, however long that takes. */
START_TEST(unseen)
{
	watch_turn(w, 500 * S);
	is("");
	empty_look(500);
	watch_turn(w, 500 * S);
	is("ssh a 0;mine a 0;who a 0;");
}
END_TEST

/* Workers and sessions of a daemon do not count, in whichever order they are seen. */
START_TEST(parts)
{
	empty_look(100);
	see(60, 1, "sshd", 0, 101);
	is("ssh s 60;");
	see(70, 60, "sshd", 0, 102);
	watch_look(w);
	see(80, 60, "sshd", 0, 103);
	see(60, 1, "sshd", 0, 103);
	see(70, 60, "sshd", 0, 103);
	watch_looked(w, 103 * S);
	is("");
	watch_ended(w, 70, 700, 104 * S);
	is("");
	watch_ended(w, 60, 600, 105 * S);
	is("ssh e 60;"); /* though 80 goes on */
	watch_look(w);
	see(80, 1, "sshd", 0, 106);
	watch_looked(w, 106 * S);
	watch_turn(w, 115 * S);
	is("ssh a 60;mine a 0;");
}
END_TEST

START_TEST(parent_later_in_a_look)
{
	watch_look(w);
	see(40, 90, "sshd", 0, 100);
	see(90, 1, "sshd", 0, 100);
	watch_looked(w, 100 * S);
	watch_ended(w, 90, 900, 101 * S);
	/* 40 began after what it says is its parent: it is not its part */
	is("");
	watch_ended(w, 40, 400, 102 * S);
	is("ssh e 40;");
}
END_TEST

/* A look without it is its end; the same pid with another start is another. */
START_TEST(looks)
{
	watch_look(w);
	see(60, 1, "sshd", 0, 100);
	watch_looked(w, 100 * S);
	empty_look(110);
	is("ssh e 60;");
	see(61, 1, "sshd", 0, 111);
	is("ssh s 61;");
	see(61, 1, "other", 0, 112); /* it became something else */
	is("ssh e 61;");
	ck_assert_int_eq(watch_has(w, 61), 0);
}
END_TEST

START_TEST(users)
{
	empty_look(99);
	see(60, 1, "job", 0, 99);
	is("");
	see(61, 1, "job", 7, 99);
	is("mine s 61;");
	watch_ended(w, 61, 610, 99 * S);
	watch_turn(w, 99 * S);
	is("mine e 61;mine a 61;"); /* without grace at once */
}
END_TEST

START_TEST(commands)
{
	json_t *j;

	ck_assert_int_eq(watch_wants(w, "sshd\0xxxxxxxxxx"), 1);
	ck_assert_int_eq(watch_wants(w, "sshd-session\0xx"), 0);
	ck_assert_int_eq(watch_wants(w, "ssh\0xxxxxxxxxxx"), 0);
	ck_assert_int_eq(watch_is(w, rules, 3), 1);
	ck_assert_int_eq(watch_is(w, rules, 2), 0);
	ck_assert_int_eq(watch_is(NULL, rules, 0), 1);
	j = watch_status(w);
	ck_assert_uint_eq(json_array_size(j), 3);
	json_decref(j);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("watch");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, from_before);
	tcase_add_test(tc, back_within_grace);
	tcase_add_test(tc, unseen);
	tcase_add_test(tc, parts);
	tcase_add_test(tc, parent_later_in_a_look);
	tcase_add_test(tc, looks);
	tcase_add_test(tc, users);
	tcase_add_test(tc, commands);
	return suite_run_case("watch", tc);
}
