/* SPDX-License-Identifier: ISC */
#include "../../auditor/screen/commands.h"

#include <stdio.h>

#include "../lib/suite.h"
#include "terminal_world.h"

#define SECOND INT64_C(1000000000)
#define BEGIN_NS (INT64_C(1700000000) * SECOND)

static struct commands_gather *begin(struct feed *f)
{
	struct commands_gather *g;

	ck_assert_int_eq(commands_gather_new(&g), 0);
	*f = (struct feed){ commands_gather_event, g, { .at_ns = 0 } };
	feed_window(f, FRAME_BEGIN, 10, 40);
	f->x.e.kind = META_ARGV;
	feed_bytes(f, FRAME_META, "bash\0-i\0", 8);
	return g;
}

/* At second at: typed at a prompt, in a shell that takes pastes in brackets. */
static void type(struct feed *f, unsigned at, const char *text)
{
	f->x.at_ns = (uint64_t)at * (uint64_t)SECOND - 50000000;
	feed_out(f, "\r\033[?2004h$ ");
	feed_in(f, text);
	feed_out(f, text);
	f->x.at_ns = (uint64_t)at * (uint64_t)SECOND;
	feed_in(f, "\r");
	feed_out(f, "\r\n\033[?2004l\r");
}

static void life(struct session_lives *l, uint32_t pid, uint32_t parent, const char *comm,
    double start_s, double elapsed_s, uint32_t status)
{
	struct acct_record a = { .pid = pid, .ppid = parent, .elapsed_s = elapsed_s,
		.status = status };
	struct process_record p = { .kind = PROCESS_ACCT, .parent_pid = parent, .start_ticks = 1 };
	struct procs_row r = { .acct = &a, .record = &p,
		.start_ns = BEGIN_NS + (int64_t)(start_s * 1e9) };

	snprintf(a.comm, sizeof a.comm, "%s", comm);
	l->life[l->lives++] = procs_copy_new(&r);
}

static struct session_lives *lives_new(void)
{
	struct session_lives *l = calloc(1, sizeof *l);

	l->life = calloc(16, sizeof *l->life);
	l->known = 1;
	life(l, 10, 1, "bash", 0, 60, 0);
	return l;
}

START_TEST(gives_what_was_typed)
{
	struct feed f;
	struct commands_gather *g = begin(&f);
	struct commands c;

	type(&f, 1, "ls -l");
	type(&f, 3, "cd /tmp");
	f.x.e.value = 3;
	feed(&f, FRAME_HIDDEN);
	f.x.at_ns = 9 * (uint64_t)SECOND;
	feed_out(&f, "\033[?2004h$ ");
	ck_assert_int_eq(commands_join(&c, g, NULL, BEGIN_NS), 0);
	ck_assert_uint_eq(c.lines, 3);
	ck_assert_str_eq(c.line[0].text, "bash -i");
	ck_assert_uint_eq(c.line[0].flags, COMMAND_UNTYPED);
	ck_assert_str_eq(c.line[1].text, "ls -l");
	ck_assert_uint_eq(c.line[1].flags, 0);
	ck_assert_uint_eq(c.line[1].at_ns, SECOND);
	ck_assert_uint_eq(c.line[1].end_ns, 3 * SECOND);
	ck_assert_int_gt(c.line[1].chunk, 0);
	ck_assert_int_eq(c.line[1].exited, 0);
	ck_assert_str_eq(c.line[2].text, "cd /tmp");
	ck_assert_uint_eq(c.line[2].flags, COMMAND_HIDDEN);
	ck_assert_uint_eq(c.line[2].end_ns, 9 * SECOND);
	commands_release(&c);
	commands_gather_free(g);
}
END_TEST

START_TEST(joins_the_processes)
{
	struct feed f;
	struct commands_gather *g = begin(&f);
	struct session_lives *l = lives_new();
	struct commands c;

	life(l, 11, 10, "ls", 1.001, 0.1, 0);
	life(l, 12, 10, "make", 4.991, 3, 2 << 8); /* a tick before it was typed */
	life(l, 13, 12, "sh", 5.1, 1, 1 << 8);
	life(l, 14, 10, "sleep", 10.01, 1, 9);
	type(&f, 1, "FOO=1 /bin/ls -l");
	type(&f, 5, "make");
	type(&f, 10, "./run; x");
	type(&f, 15, "cd /");
	ck_assert_int_eq(commands_join(&c, g, l, BEGIN_NS), 0);
	ck_assert_uint_eq(c.lines, 5);
	ck_assert_uint_eq(c.line[0].lives, 1);
	ck_assert_uint_eq(c.line[1].lives, 1);
	ck_assert_int_eq(c.line[1].exited, 1);
	ck_assert_int_eq(c.line[1].status, 0);
	ck_assert_uint_eq(c.line[2].first, 2);
	ck_assert_uint_eq(c.line[2].lives, 2);
	ck_assert_int_eq(c.line[2].status, 2 << 8);
	ck_assert_uint_gt(c.line[2].end_ns, 7 * SECOND);
	ck_assert_uint_lt(c.line[2].end_ns, 9 * SECOND);
	ck_assert_int_eq(c.line[3].status, 9); /* not named: the last of the shell's */
	ck_assert_uint_eq(c.line[4].lives, 0);
	ck_assert_int_eq(c.line[4].exited, 0);
	commands_release(&c);
	commands_gather_free(g);
}
END_TEST

/* Typed while a program ran, in a terminal in which nothing tells a shell from it. */
static void type_plain(struct feed *f, unsigned at, const char *prompt, const char *text)
{
	f->x.at_ns = (uint64_t)at * (uint64_t)SECOND;
	feed_out(f, prompt);
	feed_in(f, text);
	feed_out(f, text);
	feed_in(f, "\r");
	feed_out(f, "\r\n");
}

START_TEST(tells_input_from_commands)
{
	struct feed f;
	struct commands_gather *g = begin(&f);
	struct session_lives *l = lives_new();
	struct commands c;

	life(l, 11, 10, "cat", 1.01, 5, 0);
	life(l, 12, 10, "sleep", 10.01, 60, 0);
	life(l, 13, 10, "dash", 20.01, 60, 0);
	type_plain(&f, 1, "$ ", "cat");
	type_plain(&f, 3, "", "some input");
	type_plain(&f, 10, "$ ", "sleep 60 &");
	type_plain(&f, 15, "$ ", "ls");
	type_plain(&f, 20, "$ ", "dash");
	type_plain(&f, 25, "$ ", "id");
	ck_assert_int_eq(commands_join(&c, g, l, BEGIN_NS), 0);
	ck_assert_uint_eq(c.lines, 7);
	ck_assert_uint_eq(c.line[2].flags, COMMAND_INPUT);
	ck_assert_str_eq(c.line[2].text, "some input");
	ck_assert_uint_eq(c.line[3].flags, 0);
	ck_assert_uint_eq(c.line[4].flags, 0);
	ck_assert_uint_eq(c.line[6].flags, 0);
	commands_release(&c);
	commands_gather_free(g);
}
END_TEST

START_TEST(finds_what_was_typed_ahead)
{
	struct feed f;
	struct commands_gather *g = begin(&f);
	struct commands c;

	type(&f, 1, "sleep 5");
	feed_in(&f, "echo ahead\r");
	feed_out(&f, "echo ahead\r\n");
	feed_in(&f, "for sleep\r");
	feed_out(&f, "for sleep\r\n");
	feed_out(&f, "\033[?2004h$ ");
	feed_out(&f, "echo ahead\r\n\033[?2004l\rahead\r\n\033[?2004h$ ");
	ck_assert_int_eq(commands_join(&c, g, NULL, BEGIN_NS), 0);
	ck_assert_uint_eq(c.lines, 4);
	ck_assert_str_eq(c.line[2].text, "echo ahead");
	ck_assert_uint_eq(c.line[2].flags, 0);
	ck_assert_str_eq(c.line[3].text, "for sleep");
	ck_assert_uint_eq(c.line[3].flags, COMMAND_INPUT);
	commands_release(&c);
	commands_gather_free(g);
}
END_TEST

START_TEST(takes_keys_where_nothing_shows)
{
	struct feed f;
	struct commands_gather *g = begin(&f);
	struct commands c;

	feed_out(&f, "\033[?2004h$ ");
	feed_in(&f, "\033[200~one\rtwo\033[201~");
	feed_out(&f, "one\r\n> two");
	feed_in(&f, "\r");
	feed_out(&f, "\r\n\033[?2004l\rout\r\n\033[?2004h$ ");
	ck_assert_int_eq(commands_join(&c, g, NULL, BEGIN_NS), 0);
	ck_assert_uint_eq(c.lines, 2);
	ck_assert_str_eq(c.line[1].text, "one two");
	ck_assert_uint_eq(c.line[1].flags, COMMAND_KEYS);
	commands_release(&c);
	commands_gather_free(g);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		gives_what_was_typed, joins_the_processes, tells_input_from_commands,
		finds_what_was_typed_ahead, takes_keys_where_nothing_shows,
	};

	return suite_run("commands", tests, sizeof tests / sizeof tests[0]);
}
