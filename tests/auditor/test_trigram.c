/* SPDX-License-Identifier: ISC */
#include "../../auditor/search/trigram.h"

#include <stdio.h>
#include <string.h>

#include "../../lib/utf8.h"
#include "../lib/suite.h"

/* Has a block of these trigrams what one of the alternatives needs? */
static int may_hold(const struct trigrams *t, const struct needs *n)
{
	for (unsigned i = 0; i < n->needs; i++) {
		unsigned k = 0;

		while (k < n->need[i].places && t->bit[n->need[i].place[k] / 8] >>
		    (n->need[i].place[k] & 7) & 1)
			k++;
		if (k == n->need[i].places)
			return 1;
	}
	return n->any;
}

/* "hit", "may" (it is looked at for nothing) or "no"; "LOST" would be a hit not found. */
static const char *look(const char *pattern, unsigned flags, const char *line)
{
	struct trigrams *t = calloc(1, sizeof *t);
	struct needs *n = calloc(1, sizeof *n);
	struct pattern *p;
	char why[PATTERN_WHY];
	size_t at, len;
	int may, hit;

	ck_assert(t != NULL && n != NULL);
	ck_assert_int_eq(trigrams_add(t, line, strlen(line)), 0);
	if (pattern_new(&p, pattern, flags, why) != 0) {
		free(t);
		free(n);
		return "wrong";
	}
	needs_add(n, p);
	may = may_hold(t, n);
	hit = pattern_find(p, line, strlen(line), 0, &at, &len);
	pattern_free(p);
	free(t);
	free(n);
	return hit == 1 ? may ? "hit" : "LOST" : may ? "may" : "no";
}

START_TEST(literals)
{
	ck_assert_str_eq(look("needle", 0, "in a haystack a needle"), "hit");
	ck_assert_str_eq(look("needle", 0, "in a haystack a nettle"), "no");
	ck_assert_str_eq(look("Needle", 0, "a needle"), "may");
	ck_assert_str_eq(look("NEEDLE", PATTERN_NOCASE, "a needle"), "hit");
	ck_assert_str_eq(look("ab", 0, "zzz"), "may");
	ck_assert_str_eq(look("a", 0, "a"), "hit");
	ck_assert_str_eq(look("gr\xc3\x9cn", PATTERN_NOCASE, "gr\xc3\xbcn"), "hit");
	ck_assert_str_eq(look("gr\xc3\xbcn", 0, "gruen"), "no");
	ck_assert_str_eq(look("risks", PATTERN_NOCASE, "ri\xc5\xbf\xe2\x84\xaas"), "hit");
	ck_assert_str_eq(look("ri\xc5\xbf\xe2\x84\xaas", PATTERN_NOCASE, "RISKS"), "hit");
	ck_assert_str_eq(look("ri\xc5\xbf\xe2\x84\xaas", 0, "ri\xc5\xbf\xe2\x84\xaas"), "hit");
}
END_TEST

START_TEST(regular_expressions)
{
	const unsigned E = PATTERN_REGEX;

	ck_assert_str_eq(look("error|warning", E, "a warning"), "hit");
	ck_assert_str_eq(look("error|warning", E, "a notice"), "no");
	ck_assert_str_eq(look("err.*line [0-9]+", E, "error in line 7"), "hit");
	ck_assert_str_eq(look("err.*line [0-9]+", E, "error in row 7"), "no");
	ck_assert_str_eq(look("colou?r", E, "color"), "hit");
	ck_assert_str_eq(look("abcd*", E, "abc"), "hit");
	ck_assert_str_eq(look("abcd{0,2}e", E, "abce"), "hit");
	ck_assert_str_eq(look("abc+d", E, "abcccd"), "hit");
	ck_assert_str_eq(look("(abc)?def", E, "def"), "hit");
	ck_assert_str_eq(look("(abc|xyz)def", E, "xyzdef"), "hit");
	ck_assert_str_eq(look("a\\.bc", E, "a.bc"), "hit");
	ck_assert_str_eq(look("a\\.bc", E, "axbc"), "no");
	ck_assert_str_eq(look("[[:alpha:]|]xyz", E, "axyz"), "hit");
	ck_assert_str_eq(look("[]|]xyz", E, "|xyz"), "hit");
	ck_assert_str_eq(look("[[:x]abc|q]zz", E, ":abc"), "hit");
	ck_assert_str_eq(look("\\Qa|bcd\\E", E, "a|bcd"), "hit");
	ck_assert_str_eq(look("(?i)abc", E, "ABC"), "hit");
	ck_assert_str_eq(look("(?x)a b c", E, "abc"), "hit");
	ck_assert_str_eq(look("a{|bcd}", E, "a{"), "hit");
	ck_assert_str_eq(look("\\x41bcd", E, "Abcd"), "hit");
	ck_assert_str_eq(look("a(b(c|d)e)fgh", E, "abdefgh"), "hit");
	ck_assert_str_eq(look("risk", E | PATTERN_NOCASE, "RI\xc5\xbf\xe2\x84\xaa"), "hit");
	ck_assert_str_eq(look("x*", E, ""), "hit");
}
END_TEST

/* A character that is an ASCII letter's other case is folded with it: no other may be. */
START_TEST(other_cases_of_ascii)
{
	char line[16], letter[2] = "a", why[PATTERN_WHY];
	struct pattern *p;
	size_t at, len;

	for (letter[0] = 'a'; letter[0] <= 'z'; letter[0]++) {
		ck_assert_int_eq(pattern_new(&p, letter, PATTERN_NOCASE, why), 0);
		for (uint32_t cp = 0x80; cp < 0x20000; cp++) {
			int n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

			if (cp >= 0xd800 && cp < 0xe000)
				continue;
			line[0] = (char)(n == 2 ? 0xc0 | cp >> 6 : n == 3 ? 0xe0 | cp >> 12 : 0xf0 | cp >> 18);
			for (int i = 1; i < n; i++)
				line[i] = (char)(0x80 | (cp >> 6 * (n - 1 - i) & 0x3f));
			if (pattern_find(p, line, (size_t)n, 0, &at, &len) == 1)
				ck_assert((cp == 0x212a && letter[0] == 'k') ||
				    (cp == 0x17f && letter[0] == 's'));
		}
		pattern_free(p);
	}
}
END_TEST

/* Small alphabets make hits likely. */
START_TEST(random_ones_lose_nothing)
{
	static const char *const atom[] = { "a", "b", "K", "s", "\xe2\x84\xaa", "\xc3\xbc", ".",
		"\\.", "|", "(", ")", "[ab]", "[^a]", "*", "+", "?", "{2}", "{0,1}", "^", "$", "\\d",
		"\\w", "abc", "sKa", "[[:alpha:]]", "(?:", "\\Q", "\\E", "{", "}", "]", "\\b" };
	static const char *const letter[] = { "a", "b", "k", "K", "s", "\xe2\x84\xaa", "\xc3\xbc",
		"\xc3\x9c", ".", "abc", "ska", "\xc5\xbf", "{", "2", "]", "|" };
	unsigned hits = 0, nos = 0;

	srandom(1);
	for (unsigned i = 0; i < 300000; i++) {
		char pattern[64] = "", line[64] = "";
		const char *said;

		for (long n = 1 + random() % 7; n > 0; n--)
			strcat(pattern, atom[(size_t)random() % (sizeof atom / sizeof *atom)]);
		for (long n = random() % 9; n > 0; n--)
			strcat(line, letter[(size_t)random() % (sizeof letter / sizeof *letter)]);
		said = look(pattern, (unsigned)random() % 4, line);
		ck_assert_msg(strcmp(said, "LOST") != 0, "%s in %s", pattern, line);
		hits += strcmp(said, "hit") == 0;
		nos += strcmp(said, "no") == 0;
	}
	ck_assert_uint_gt(hits, 10000);
	ck_assert_uint_gt(nos, 10000);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { literals, regular_expressions, other_cases_of_ascii,
		random_ones_lose_nothing };

	return suite_run("trigram", tests, sizeof tests / sizeof *tests);
}
