/* SPDX-License-Identifier: ISC */
#include "../../setup/host.h"

#include <stdio.h>
#include <string.h>

#include "../lib/suite.h"

static char shown[4096];

static void say(void *ctx, const struct setup_said *s)
{
	size_t len = strlen(shown);

	(void)ctx;
	snprintf(shown + len, sizeof(shown) - len, "%c%s\n", "=-+n"[s->word], s->text);
}

static const char *show(const char *from, const char *to)
{
	const struct setup_request q = { .say = say };
	const struct host h = { .q = &q, .what = "" };
	struct tree_file a = { 0 }, b = { 0 };

	if (from != NULL)
		ck_assert_int_eq(tree_text(&a, TREE_FILE, from, strlen(from)), 0);
	if (to != NULL)
		ck_assert_int_eq(tree_text(&b, TREE_FILE, to, strlen(to)), 0);
	shown[0] = '\0';
	host_show(&h, "name", ITEM_FILE, &a, &b);
	tree_release(&a);
	tree_release(&b);
	return shown;
}

START_TEST(lines_that_differ)
{
	ck_assert_str_eq(show("a\nb\nc\n", "a\nx\ny\nc\n"), "=changed\n-b\n+x\n+y\n");
	ck_assert_str_eq(show("a\nb\n", "a\nb\nc\n"), "=changed\n+c\n");
	ck_assert_str_eq(show("a\n", "b\na\n"), "=changed\n+b\n");
	ck_assert_str_eq(show("a\na\n", "a\na\na\n"), "=changed\n+a\n");
	ck_assert_str_eq(show("a\nb\nc\n", "a\nc\n"), "=changed\n-b\n");
	ck_assert_str_eq(show("a", "a\n"), "=changed\n-a\n+a\n");
	ck_assert_str_eq(show("ab\n", "b\n"), "=changed\n-ab\n+b\n");
	ck_assert_str_eq(show("", "a\n"), "=changed\n+a\n");
	ck_assert_str_eq(show("a\n", ""), "=changed\n-a\n");
	ck_assert_str_eq(show("a\n", "a\n"), "=other mode or owner\n");
}
END_TEST

START_TEST(what_comes_and_goes)
{
	ck_assert_str_eq(show(NULL, "a\nb"), "=new\n+a\n+b\n");
	ck_assert_str_eq(show("a\nb", NULL), "=goes\n-a\n-b\n");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { lines_that_differ, what_comes_and_goes };

	return suite_run("show", tests, sizeof(tests) / sizeof(*tests));
}
