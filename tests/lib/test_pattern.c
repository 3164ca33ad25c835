/* SPDX-License-Identifier: ISC */
#include "pattern.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "suite.h"

static char why[PATTERN_WHY];

/* Where text is found in line, from there on, with how many bytes: "at+len", or the code. */
static const char *find(const char *text, unsigned flags, const char *line, size_t from)
{
	static char out[64];
	struct pattern *p = NULL;
	size_t at = 0, len = 0;
	int r = pattern_new(&p, text, flags, why);

	if (r == 0)
		r = pattern_find(p, line, strlen(line), from, &at, &len);
	if (r == 1)
		snprintf(out, sizeof out, "%zu+%zu", at, len);
	else
		snprintf(out, sizeof out, "%d", r);
	pattern_free(p);
	return out;
}

START_TEST(literals)
{
	ck_assert_str_eq(find("a.c", 0, "abc a.c a.c", 0), "4+3");
	ck_assert_str_eq(find("a.c", 0, "abc a.c a.c", 5), "8+3");
	ck_assert_str_eq(find("a.c", 0, "abc", 0), "0");
	ck_assert_str_eq(find("b", 0, "abc", 3), "0");
	ck_assert_str_eq(find("A", 0, "abc", 0), "0");
	ck_assert_str_eq(find("longer than it", 0, "short", 0), "0");
}
END_TEST

START_TEST(without_case)
{
	ck_assert_str_eq(find("A.C", PATTERN_NOCASE, "abc a.c", 0), "4+3");
	ck_assert_str_eq(find("GR\xc3\x9cN", PATTERN_NOCASE, "gr\xc3\xbcn", 0), "0+5");
	ck_assert_str_eq(find("\xce\xa3", PATTERN_NOCASE, "a\xcf\x82", 0), "1+2");
	ck_assert_str_eq(find("kelvin", PATTERN_NOCASE, "\xe2\x84\xaa""ELVIN", 0), "0+8");
	ck_assert_str_eq(find("E.*O", PATTERN_NOCASE | PATTERN_REGEX, "hello", 0), "1+4");
}
END_TEST

START_TEST(regular_expressions)
{
	ck_assert_str_eq(find("(err|warn)ing: [0-9]+", PATTERN_REGEX, "a warning: 12", 0), "2+11");
	ck_assert_str_eq(find("^a", PATTERN_REGEX, "aa", 1), "0");
	ck_assert_str_eq(find("a$", PATTERN_REGEX, "aa", 0), "1+1");
	ck_assert_str_eq(find("[[:upper:]]", PATTERN_REGEX, "a\xc3\x84", 0), "1+2");
	ck_assert_str_eq(find("x*", PATTERN_REGEX, "ab", 1), "1+0");
	ck_assert_str_eq(find("x*", PATTERN_REGEX, "ab", 2), "2+0");
	ck_assert_str_eq(find("(?<=a)b", PATTERN_REGEX, "ab", 1), "1+1");
	/* in the middle of a character */
	ck_assert_str_eq(find("..", PATTERN_REGEX, "\xc3\xbc""ab", 1), "2+2");
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
	ck_assert_str_eq(find("a(b", PATTERN_REGEX, "", 0), "-5001");
	ck_assert_ptr_nonnull(strstr(why, "parenthesis"));
	ck_assert_ptr_nonnull(strstr(why, "at character 4"));
	ck_assert_str_eq(find("", 0, "", 0), "-5001");
	ck_assert_str_eq(why, "it is empty");
	ck_assert_str_eq(find("ab\xff", 0, "", 0), "-5001");
	ck_assert_str_eq(why, "it is not UTF-8, at byte 3");
	ck_assert_str_eq(find("a\\C", PATTERN_REGEX, "", 0), "-5001");
}
END_TEST

START_TEST(lines_that_are_not_text)
{
	ck_assert_str_eq(find("b", PATTERN_NOCASE, "\xff\xfe""B\xff", 0), "2+1");
	ck_assert_str_eq(find(".", PATTERN_REGEX, "\xff", 0), "0");
	ck_assert_str_eq(find("[^a]b", PATTERN_REGEX, "\xff""b cb", 0), "3+2");
}
END_TEST

/* Some expressions would take longer than anybody lives. */
START_TEST(work_is_bounded)
{
	static char line[65536];
	const char *nested[] = { "(a+)+$", "(a|aa)+b", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$" };
	time_t begun = time(NULL);

	memset(line, 'a', sizeof line - 2);
	for (size_t i = 0; i < 4; i++) {
		find(nested[i], PATTERN_REGEX, line, 0);
		line[sizeof line - 2] = 'c';
		find(nested[i], PATTERN_REGEX, line, 0);
	}
	ck_assert_int_lt(time(NULL) - begun, 120);
}
END_TEST

START_TEST(too_long_is_said)
{
	char *line = malloc(PATTERN_LINE_MAX + 2);

	ck_assert_ptr_nonnull(line);
	memset(line, 'a', PATTERN_LINE_MAX + 1);
	line[PATTERN_LINE_MAX + 1] = '\0';
	ck_assert_str_eq(find("b", PATTERN_REGEX, line, 0), "-5003");
	ck_assert_str_eq(find("b", 0, line, 0), "0");
	free(line);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { literals, without_case, regular_expressions,
		what_is_wrong_is_said, lines_that_are_not_text, work_is_bounded, too_long_is_said };

	return suite_run("pattern", tests, sizeof tests / sizeof *tests);
}
