/* SPDX-License-Identifier: ISC */
#include "../../plugins/filter/field_expression.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../plugins/filter/filter_rules.h"
#include "../lib/suite.h"
#include "err.h"

static const char event[] =
    "{\"@timestamp\":\"2026-11-22T08:00:00Z\",\"event\":{\"action\":\"session-start\",\"sequence\":17,"
    "\"category\":[\"session\",\"process\"]},\"user\":{\"name\":\"root\",\"id\":\"0\"},"
    "\"process\":{\"exit_code\":1,\"cpu\":0.25,\"interactive\":true,\"args\":null},"
    "\"flat\":{\"in.side\":\"x\"},\"nul\":\"a\\u0000b\","
    "\"long\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac\"}";

static int is(const char *text)
{
	struct field_wrong wrong;
	struct field_expression *e = NULL;
	json_t *json = json_loads(event, JSON_ALLOW_NUL, NULL);
	int r = field_expression_parse(&e, text, strlen(text), &wrong);

	ck_assert_ptr_nonnull(json);
	ck_assert_msg(r == 0, "%s: %zu: %s", text, r == 0 ? 0 : wrong.column,
	    r == 0 ? "" : wrong.why);
	r = field_expression_test(e, json);
	field_expression_free(e);
	json_decref(json);
	return r;
}

static const char *const yes[] = {
	"event.action = session-start", "event.action=session-start", "user.name!=alice",
	"event.action = \"session-start\" and user.name = root", "'event.action' = 'session-start'",
	"event.category = process", "not event.category = file", "event.category != file",
	"event.sequence = 17", "event.sequence > 16", "event.sequence >= 17", "event.sequence < 17.5",
	"event.sequence <= 17", "process.cpu = 0.25", "process.cpu < 1", "process.interactive = true",
	"@timestamp > 2026-11-22", "@timestamp < 2026-11-23", "user.name ~ \"^ro{2}t$\"",
	"user.name !~ ^x", "event.category ~ ^sess", "user.name exists", "not process.args exists",
	"process.args != x", "flat.in.side = x", "nothing.here != 1", "! nothing exists",
	"not (user.name = alice or user.name = bob)", "user.name = bob or user.name = root",
	"user.name = bob and user.name = bob or user.id = 0", "user.id = 0 or user.id = 1 and a = b",
	"not not user exists", "user.name = 'ro'\n\tor user.name = root", "nul ~ a", "user.name ~ .",
	"event.action ~ \"^session-(start|end)$\" or x ~ \"\\\\d\"", "user.name = or or user.name = root",
};

static const char *const no[] = {
	"event.action = session-end", "event.action = Session-start", "user.name != root",
	"user.name = root and user.name = alice", "event.sequence = 18", "event.sequence > 17",
	"event.sequence = seventeen", "event.sequence ~ 17", "user.name > s", "user = root",
	"nothing exists", "process.args exists", "process.args = null", "nothing = 1",
	"nothing < 1", "process.interactive = false", "process.interactive > a", "nul = a",
	"user.name ~ \"^r$\"", "not (user.name = root)", "! user.name = root", "user.name.x = root",
	"user.name !~ oo", "event.category !~ ^sess",
};

START_TEST(true_of_it)
{
	ck_assert_msg(is(yes[_i]) == 1, "%s", yes[_i]);
}
END_TEST

START_TEST(not_true_of_it)
{
	ck_assert_msg(is(no[_i]) == 0, "%s", no[_i]);
}
END_TEST

static const struct {
	const char *text, *why;
	size_t column;
} wrongs[] = {
	{ "", "field was expected", 1 },
	{ "user.name", "exists or one of", 10 },
	{ "user.name root", "exists or one of", 11 },
	{ "user.name =", "value is missing", 11 },
	{ "user.name = )", "value is missing", 13 },
	{ "user.name = root user.id = 0", "expected and, or", 18 },
	{ "user.name = root and", "field was expected", 21 },
	{ "user.name = root or or = 1", "expected a field", 0 },
	{ "(user.name = root", "not closed", 1 },
	{ "(user.name = root user", "expected and, or, or )", 19 },
	{ "user.name = root)", "expected and, or", 17 },
	{ "user.name = \"root", "not closed", 13 },
	{ "user.name ~ \"(\"", "not a regular expression", 13 },
	{ "user.name == root", "exists or one of", 0 },
	{ ".name = 1", "expected a field", 1 },
	{ "a..b = 1", "expected a field", 1 },
	{ "= 1", "expected a field", 1 },
};

START_TEST(what_is_wrong)
{
	struct field_wrong wrong = { 0 };
	struct field_expression *e = NULL;
	const char *text = wrongs[_i].text;
	int r = field_expression_parse(&e, text, strlen(text), &wrong);

	if (wrongs[_i].column == 0) { /* such words are values and fields, too */
		field_expression_free(e);
		return;
	}
	ck_assert_msg(r == E_FORMAT && strstr(wrong.why, wrongs[_i].why) != NULL &&
	    wrong.column == wrongs[_i].column, "%s: %d, %zu: %s", text, r, wrong.column, wrong.why);
}
END_TEST

START_TEST(limits)
{
	static char text[FIELD_TEXT_MAX + 2];
	struct field_wrong wrong;
	struct field_expression *e;
	size_t at = 0;

	memset(text, '(', 200);
	ck_assert_int_eq(field_expression_parse(&e, text, 200, &wrong), E_FORMAT);
	memset(text, 'a', sizeof(text));
	ck_assert_int_eq(field_expression_parse(&e, text, FIELD_TEXT_MAX + 1, &wrong), E_FORMAT);
	ck_assert_int_eq(field_expression_parse(&e, text, FIELD_TEXT_MAX, &wrong), E_FORMAT);
	ck_assert_int_eq(field_expression_parse(&e, "a = \0", 5, &wrong), E_FORMAT);
	while (at < 4000)
		at += (size_t)sprintf(text + at, "a=1 or ");
	at += (size_t)sprintf(text + at, "a=1");
	ck_assert_int_eq(field_expression_parse(&e, text, at, &wrong), E_FORMAT);
	ck_assert_ptr_nonnull(strstr(wrong.why, "more than 512"));
}
END_TEST

/* What takes a regular expression too long is not decided, unless the rest decides it. */
START_TEST(too_much_work)
{
	ck_assert_int_eq(is("long ~ \"^(a+)+$\""), E_RANGE);
	ck_assert_int_eq(is("not long ~ \"^(a+)+$\""), E_RANGE);
	ck_assert_int_eq(is("long ~ \"^(a+)+$\" and user.name = bob"), 0);
	ck_assert_int_eq(is("long ~ \"^(a+)+$\" or user.name = root"), 1);
	ck_assert_int_eq(is("long ~ \"^(a+)+$\" or user.name = bob"), E_RANGE);
}
END_TEST

static unsigned said_line;
static size_t said_column;

static void said(void *ctx, unsigned line, const struct field_wrong *wrong)
{
	++*(int *)ctx;
	said_line = line;
	said_column = wrong->column;
}

static int decides(struct filter_rules *f, const char *text)
{
	json_t *json = json_loads(text, JSON_ALLOW_NUL, NULL);
	int r = filter_rules_pass(f, json);

	json_decref(json);
	return r;
}

START_TEST(files)
{
	struct filter_rules f = { 0 };
	char path[80] = "/tmp/shellac-filter-XXXXXX";
	int fd = mkstemp(path), times = 0;
	static const char text[] = "# words\n\n  \t\nuser.name = root\r\nuser.name = bob";

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(filter_rules_read(&f, path, said, &times), 0);
	ck_assert_uint_eq(f.count, 2);
	ck_assert_int_eq(decides(&f, event), 1);
	ck_assert_int_eq(decides(&f, "{\"user\":{\"name\":\"eve\"}}"), 0);
	f.drop = 1;
	ck_assert_int_eq(decides(&f, event), 0);
	ck_assert_int_eq(decides(&f, "{\"user\":{\"name\":\"bob\"}}"), 0);
	ck_assert_int_eq(decides(&f, "{\"user\":{\"name\":\"eve\"}}"), 1);
	f.drop = 0; /* what the dispatcher says of the feed itself */
	ck_assert_int_eq(decides(&f, "{\"event\":{\"action\":\"events-lost\"}}"), 1);
	ck_assert_int_eq(write(fd, "\n\nuser =\nb c", 12), 12);
	filter_rules_release(&f);
	ck_assert_int_eq(filter_rules_read(&f, path, said, &times), E_FORMAT);
	ck_assert_int_eq(times, 2);
	ck_assert(said_line == 8 && said_column == 3);
	filter_rules_release(&f);
	ck_assert_int_eq(filter_rules_read(&f, "/nowhere", said, &times), -ENOENT);
	close(fd);
	unlink(path);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("field_expression");

	tcase_add_loop_test(t, true_of_it, 0, sizeof(yes) / sizeof(yes[0]));
	tcase_add_loop_test(t, not_true_of_it, 0, sizeof(no) / sizeof(no[0]));
	tcase_add_loop_test(t, what_is_wrong, 0, sizeof(wrongs) / sizeof(wrongs[0]));
	tcase_add_test(t, limits);
	tcase_add_test(t, too_much_work);
	tcase_add_test(t, files);
	return suite_run_case("field_expression", t);
}
