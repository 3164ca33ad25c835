/* SPDX-License-Identifier: ISC */
#include "../../auditor/words/expression.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../lib/err.h"
#include "../lib/suite.h"

/* A subject is a text of letters: "user a" is true where it has an a. */
static int read_letter(void *ctx, const char *word, void **value)
{
	(void)ctx;
	if (strcmp(word, "never") == 0)
		return -EINVAL;
	*value = strdup(word);
	return *value != NULL ? 0 : -ENOMEM;
}

static int test_letter(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return strstr(subject, value) != NULL;
}

static const struct predicate table[] = {
	{ "user", "a letter", read_letter, test_letter, free },
	{ "command", "a letter", read_letter, test_letter, free },
	{ "cwd", "a letter", read_letter, test_letter, free },
	{ "tty", "a letter", read_letter, test_letter, free },
	{ "todate", "a letter", read_letter, test_letter, free },
	{ "to", "a letter", read_letter, test_letter, free },
	{ NULL, NULL, NULL, NULL, NULL },
};

static int parse(struct expression **e, char *why, const char *const *words)
{
	char *argv[16] = { NULL };
	int argc = 0, r;

	for (; words[argc] != NULL; argc++)
		argv[argc] = strdup(words[argc]);
	r = expression_parse(e, table, NULL, argc, argv, why);
	while (argc > 0)
		free(argv[--argc]);
	return r;
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }

static int holds(const char *subject, const char *const *words)
{
	char why[EXPRESSION_WHY] = "";
	struct expression *e = NULL;
	int r = parse(&e, why, words);

	ck_assert_msg(r == 0, "%s", why);
	r = expression_test(e, subject);
	expression_free(e);
	return r;
}

START_TEST(and_or_not)
{
	ck_assert(holds("a", WORDS("user a")));
	ck_assert(!holds("b", WORDS("user a")));
	ck_assert(holds("ab", WORDS("user a and tty b")));
	ck_assert(!holds("a", WORDS("user a and tty b")));
	ck_assert(!holds("a", WORDS("user a tty b")));
	ck_assert(holds("b", WORDS("user a or tty b")));
	ck_assert(holds("b", WORDS("not user a")));
	ck_assert(holds("b", WORDS("!user a")));
	ck_assert(holds("b", WORDS("! ! tty b")));
	ck_assert(!holds("ab", WORDS("tty b and not user a")));
}
END_TEST

/* "not" before "and" before "or" */
START_TEST(what_binds_closer)
{
	ck_assert(holds("a", WORDS("user a or tty b and cwd c")));
	ck_assert(!holds("a", WORDS("( user a or tty b ) and cwd c")));
	ck_assert(holds("a", WORDS("cwd c and tty b or user a")));
	ck_assert(!holds("a", WORDS("cwd c (tty b or user a)")));
	ck_assert(holds("b", WORDS("not user a tty b")));
	ck_assert(holds("b", WORDS("not ( user a tty b )")));
	ck_assert(!holds("ab", WORDS("not(user a tty b)")));
}
END_TEST

START_TEST(one_argument_or_several)
{
	ck_assert(holds("alice in", WORDS("user", "alice in")));
	ck_assert(holds("alice in", WORDS("user \"alice in\"")));
	ck_assert(holds("alice in", WORDS("user 'alice in' or tty x")));
	ck_assert(!holds("x", WORDS("user", "a", "and", "(", "tty", "b", "or", "cwd", "c", ")")));
	ck_assert(holds("ac", WORDS("user", "a", "and", "(", "tty", "b", "or", "cwd", "c", ")")));
	ck_assert(holds("a(b|c)d", WORDS("(user a(b|c)d)")));
	ck_assert(holds("a", WORDS("user a and", "command", "a")));
	ck_assert(holds(")", WORDS("user", ")")));
	ck_assert(holds("q\"", WORDS("user", "q\"")));
}
END_TEST

static void refused(const char *text, const char *said)
{
	char why[EXPRESSION_WHY] = "";
	struct expression *e = NULL;

	ck_assert_int_eq(parse(&e, why, WORDS(text)), E_FORMAT);
	ck_assert_ptr_null(e);
	ck_assert_msg(strstr(why, said) != NULL, "\"%s\": %s", text, why);
}

START_TEST(equals_signs)
{
	ck_assert(holds("a", WORDS("user = a")));
	ck_assert(holds("a", WORDS("user=a")));
	ck_assert(holds("ab", WORDS("user= a tty=b")));
	ck_assert(!holds("a", WORDS("user=a tty=b")));
	ck_assert(holds("a", WORDS("user", "=", "a")));
	ck_assert(holds("a", WORDS("user=", "a")));
	ck_assert(holds("a", WORDS("(not user=b)")));
	ck_assert(holds("a b", WORDS("user='a b'")));
	ck_assert(holds("x=", WORDS("user", "=")));
	ck_assert(holds("x=y", WORDS("user =y")));
	ck_assert(holds("x==y", WORDS("user", "==y")));
	ck_assert(holds("=", WORDS("user \"=\"")));
	refused("= a", "\"=\"");
	refused("user=", "user: expected");
}
END_TEST

/* user is known to be what its letter says, nothing is known of others. */
static int known(void *arg, const struct predicate *p, const void *value)
{
	return strcmp(p->name, "user") == 0 ? strstr(arg, value) != NULL : EXPRESSION_OPEN;
}

static int partly(char *subject, const char *text)
{
	char why[EXPRESSION_WHY] = "";
	struct expression *e = NULL;
	int r;

	ck_assert_int_eq(parse(&e, why, WORDS(text)), 0);
	r = expression_partial(e, known, subject);
	expression_free(e);
	return r;
}

START_TEST(what_is_known_decides)
{
	char a[] = "a";

	ck_assert_int_eq(partly(a, ""), 1);
	ck_assert_int_eq(partly(a, "user a"), 1);
	ck_assert_int_eq(partly(a, "not user a"), 0);
	ck_assert_int_eq(partly(a, "tty b"), EXPRESSION_OPEN);
	ck_assert_int_eq(partly(a, "not tty b"), EXPRESSION_OPEN);
	ck_assert_int_eq(partly(a, "user b tty b"), 0);
	ck_assert_int_eq(partly(a, "tty b user b"), 0);
	ck_assert_int_eq(partly(a, "user a tty b"), EXPRESSION_OPEN);
	ck_assert_int_eq(partly(a, "user a or tty b"), 1);
	ck_assert_int_eq(partly(a, "tty b or user b"), EXPRESSION_OPEN);
	ck_assert_int_eq(partly(a, "not (user a or tty b)"), 0);
	ck_assert_int_eq(partly(a, "not (user b tty b)"), 1);
}
END_TEST

START_TEST(short_words)
{
	ck_assert(holds("a", WORDS("u a co a cw a tt a")));
	ck_assert(holds("a", WORDS("to a")));
	ck_assert(holds("a", WORDS("tod a")));
}
END_TEST

START_TEST(nothing_is_true_of_all)
{
	char why[EXPRESSION_WHY];
	struct expression *e;

	ck_assert_int_eq(expression_parse(&e, table, NULL, 0, NULL, why), 0);
	ck_assert(expression_test(e, ""));
	expression_free(e);
	ck_assert(holds("x", WORDS("", " ")));
}
END_TEST

START_TEST(errors_name_the_word)
{
	refused("usr a", "\"usr\": expected");
	refused("usr a", "todate");
	refused("c a", "command or cwd");
	refused("user", "user: expected a letter");
	refused("user a or", "it ends where a predicate");
	refused("user a and", "it ends");
	refused("or user a", "\"or\"");
	refused("(user a", "\"(\" without");
	refused("user a ) tty b", "\")\"");
	refused("()", "\")\"");
	refused("user 'a", "quotation mark");
	refused("tty never", "tty \"never\": expected a letter");
	refused("not", "it ends");
}
END_TEST

START_TEST(depth_and_length_are_bounded)
{
	char text[EXPRESSION_NODES * 7 + 1];
	size_t i;

	memset(text, '(', EXPRESSION_DEPTH + 1);
	memcpy(text + EXPRESSION_DEPTH + 1, "user a", 7);
	refused(text, "parentheses");
	for (i = 0; i < EXPRESSION_NODES; i++)
		memcpy(text + 7 * i, "user a ", 7);
	text[sizeof text - 1] = '\0';
	refused(text, "predicates");
}
END_TEST

static void note(void *arg, const struct predicate *p, const void *value)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 64 - len, "%s=%s ", p->name, (const char *)value);
}

START_TEST(what_has_to_be_true)
{
	char why[EXPRESSION_WHY], got[64] = "";
	struct expression *e;

	ck_assert_int_eq(parse(&e, why, WORDS("user a (tty b cwd c) (tty d or tty e) not tty f")), 0);
	expression_required(e, note, got);
	ck_assert_str_eq(got, "user=a tty=b cwd=c ");
	expression_free(e);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		and_or_not, what_binds_closer, one_argument_or_several, equals_signs,
		what_is_known_decides, short_words,
		nothing_is_true_of_all, errors_name_the_word, depth_and_length_are_bounded,
		what_has_to_be_true,
	};

	return suite_run("expression", tests, sizeof tests / sizeof tests[0]);
}
