/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../auditor/review/rules.h"
#include "../lib/suite.h"
#include "err.h"

#define SECOND INT64_C(1000000000)
/* 2026-11-21 is a Saturday */
#define SATURDAY_NOON (INT64_C(1795262400) * SECOND)
#define HOUR (3600 * SECOND)

static struct rules *rules;
static char got[1024];

static void load(const char *text)
{
	char why[PATTERN_WHY];
	unsigned line = 0;

	rules_free(rules);
	rules = NULL;
	ck_assert_msg(rules_parse(&rules, text, strlen(text), &line, why) == 0, "line %u: %s", line,
	    why);
}

static void hit(void *arg, const struct rule *rule, size_t at, size_t len)
{
	size_t n = strlen(got);

	(void)arg;
	snprintf(got + n, sizeof got - n, "%s:%zu+%zu ", rule->name, at, len);
}

static struct rules_subject subject(enum rule_on on, const char *text)
{
	struct rules_subject s = { .on = on, .text = text, .len = strlen(text), .user = "ann",
		.host = "db1", .wall_ns = SATURDAY_NOON };

	return s;
}

static const char *hits_of(const struct rules_subject *s)
{
	got[0] = '\0';
	ck_assert_uint_eq(rules_match(rules, s, hit, NULL), 0);
	return got;
}

static const char *hits(enum rule_on on, const char *text)
{
	struct rules_subject s = subject(on, text);

	return hits_of(&s);
}

static void setup(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

static void teardown(void)
{
	rules_free(rules);
	rules = NULL;
}

START_TEST(finds_patterns)
{
	load("# a comment\n\n \t rule lit command \"rm -rf\"\nrule Re output /pass(word|wd)/i\n"
	    "rule quote typed \"a \\\"b\\\" \\\\ \\n\"\nrule slash typed /a\\/b\\\\/ severity 90\n"
	    "rule nocase typed \"RM\"i");
	ck_assert_uint_eq(rules_count(rules), 5);
	ck_assert_str_eq(hits(RULE_COMMAND, "sudo rm -rf /"), "lit:5+6 ");
	ck_assert_str_eq(hits(RULE_TYPED, "sudo rm -rf /"), "lit:5+6 nocase:5+2 ");
	ck_assert_str_eq(hits(RULE_OUTPUT, "sudo rm -rf /"), "");
	ck_assert_str_eq(hits(RULE_OUTPUT, "Enter PassWord:"), "Re:6+8 ");
	ck_assert_str_eq(hits(RULE_TYPED, "a \"b\" \\ \\n"), "quote:0+10 ");
	ck_assert_str_eq(hits(RULE_TYPED, "x a/b\\"), "slash:2+4 ");
	ck_assert_uint_eq(rules_find(rules, "slash")->severity, 90);
	ck_assert_uint_eq(rules_find(rules, "lit")->severity, RULE_SEVERITY);
	ck_assert_uint_eq(rules_find(rules, "lit")->line, 3);
	ck_assert_ptr_null(rules_find(rules, "li"));
}
END_TEST

START_TEST(asks_who_and_where)
{
	struct rules_subject s = subject(RULE_SESSION, "ann pts/1 192.0.2.7");

	load("rule a session user ann,ben\nrule b session not user ann,ben\nrule c session host db1\n"
	    "rule d session not host db1 user ann\nrule e session \"192.0.2.\" not user root\n");
	ck_assert_str_eq(hits_of(&s), "a:0+0 c:0+0 e:10+8 ");
	s.user = "cat";
	s.host = "db2";
	ck_assert_str_eq(hits_of(&s), "b:0+0 e:10+8 ");
	s.user = "an";
	ck_assert_str_eq(hits_of(&s), "b:0+0 e:10+8 ");
}
END_TEST

START_TEST(asks_when)
{
	static const struct {
		int hours;
		const char *want;
	} at[] = { { 0, "day sat " }, { 9, "" }, { 10, "night " }, { 12, "night " }, { 17, "night " },
		{ 18, "" }, { 20, "" }, { 21, "day " }, { -3, "day sat " }, { -4, "sat " } };
	char want[64];
	size_t i;

	load("rule day session time 09:00-17:00 days sun,sat\nrule night session time 22:00-06:00\n"
	    "rule sat session days sat time 00:00-13:00\n");
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct rules_subject s = subject(RULE_SESSION, "x");
		char *p = want;
		const char *w;

		s.wall_ns += at[i].hours * HOUR;
		for (w = at[i].want, want[0] = '\0'; *w != '\0'; w += strcspn(w, " ") + 1)
			p += sprintf(p, "%.*s:0+0 ", (int)strcspn(w, " "), w);
		ck_assert_str_eq(hits_of(&s), want);
	}
}
END_TEST

START_TEST(follows_the_clock_of_here)
{
	struct rules_subject s = subject(RULE_SESSION, "x");

	load("rule night session time 22:00-06:00\n");
	ck_assert_str_eq(hits_of(&s), "");
	setenv("TZ", "XXX-12", 1); /* it is midnight there */
	tzset();
	ck_assert_str_eq(hits_of(&s), "night:0+0 ");
	s.wall_ns = -1;
	hits_of(&s);
}
END_TEST

START_TEST(says_which_line_is_wrong)
{
	static const char *const bad[] = { "x", "rule", "rule a", "rule a command", "rule a command x",
		"rule a/b command \"x\"", "rule a command \"x", "rule a command \"\"", "rule a command /(/",
		"rule a command \"x\"x", "rule a command \"x\" typed \"y\"", "rule a session",
		"rule a session severity 5", "rule a severity 0 command \"x\"",
		"rule a severity 101 command \"x\"", "rule a severity command \"x\"",
		"rule a command \"x\" user", "rule a command \"x\" user a,,b",
		"rule a command \"x\" user a user b", "rule a command \"x\" user a not user b",
		"rule a command \"x\" not", "rule a command \"x\" not time 01:00-02:00",
		"rule a session time 1:00-2:00", "rule a session time 24:00-02:00",
		"rule a session time 01:60-02:00", "rule a session time 01:00-01:00",
		"rule a session time 01:00-02:00x", "rule a session days so", "rule a session days",
		"rule a session user 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
		"rule a command \"\033\"", "rule a command \"\xff\"", "rule ok command \"again\"" };
	char text[2 * RULES_LINE_MAX], why[PATTERN_WHY];
	struct rules *r = NULL;
	unsigned line;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof text, "# x\nrule ok typed \"x\"\n%s\nrule behind typed \"x\"\n",
		    bad[i]);
		ck_assert_msg(rules_parse(&r, text, strlen(text), &line, why) == E_FORMAT, "%s", bad[i]);
		ck_assert_msg(line == 3 && why[0] != '\0', "%s: line %u, %s", bad[i], line, why);
	}
	memset(text, '#', sizeof text - 1);
	ck_assert_int_eq(rules_parse(&r, text, sizeof text - 1, &line, why), E_FORMAT);
	ck_assert_int_eq(rules_parse(&r, text, RULES_LINE_MAX, &line, why), 0);
	ck_assert_uint_eq(rules_count(r), 0);
	rules_free(r);
	ck_assert_int_eq(rules_parse(&r, "#\0", 2, &line, why), E_FORMAT);
	ck_assert_int_eq(rules_load(&r, "/nonexistent/rules", &line, why), -2);
	ck_assert_int_eq(rules_load(&r, "", &line, why), 0);
	rules_free(r);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("rules");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, finds_patterns);
	tcase_add_test(tc, asks_who_and_where);
	tcase_add_test(tc, asks_when);
	tcase_add_test(tc, follows_the_clock_of_here);
	tcase_add_test(tc, says_which_line_is_wrong);
	return suite_run_case("rules", tc);
}
