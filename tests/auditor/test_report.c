/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <string.h>

#include "../lib/suite.h"
#include "report/report_cell.h"
#include "report/report_framework.h"
#include "report/report_print.h"

#define NASTY "<img src=x onerror=\"y\">&'\033]52;c;Zm9v\007\n\x9b\xe2\x80\xae"
#define DAY INT64_C(86400000000000)

static const struct report_column columns[] = {
	{ "session", "SESSION", REPORT_NUMBER },
	{ "user", "USER", REPORT_TEXT },
	{ "time", "TIME", REPORT_WALL },
	{ "command", "TO SEE IT", REPORT_COMMAND },
};

static struct report made;

/* A session with a hostile name, one of which nothing is known, and a gap. */
static void make(void)
{
	struct report_table *t;

	report_init(&made);
	report_fact_number(&made, REPORT_USERS, TOPIC_SESSION, "sessions", REPORT_COUNT, 2);
	report_gap(&made, REPORT_REVIEW, TOPIC_REVIEW, "shellac review", "a review of %s", NASTY);
	t = report_table(&made, REPORT_USERS, "sessions", "Sessions", columns, 4);
	report_row(t, TOPIC_SESSION | TOPIC_PRIVILEGED);
	report_number(t, 7);
	report_text(t, NASTY);
	report_number(t, 20000 * DAY);
	report_textf(t, "shellac replay %d", 7);
	report_row(t, TOPIC_SESSION);
	report_number(t, REPORT_UNKNOWN);
	report_text(t, "");
	report_number(t, REPORT_UNKNOWN);
	report_text(t, NULL);
	ck_assert_int_eq(made.error, 0);
}

/* Prints it; the caller frees. */
static char *print(void (*how)(const struct report_print *p), const char *framework)
{
	struct report_print p = { .report = &made, .subject = NASTY };
	struct sink out;

	make();
	ck_assert_int_eq(sink_init(&out, -1), 0);
	p.framework = framework != NULL ? report_framework_find(framework) : NULL;
	p.out = &out;
	how(&p);
	sink_put(&out, "", 1);
	ck_assert_int_eq(out.error, 0);
	report_release(&made);
	return (char *)out.buf;
}

static void has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in %s", part, text);
}

static void has_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" in %s", part, text);
}

/* Neither control characters nor those that turn text around. */
static void is_safe(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p != '\0'; p++)
		ck_assert_msg(*p == '\n' || (*p >= ' ' && *p != 0x7f), "byte %u", *p);
	has_not(text, "\xe2\x80\xae");
	has_not(text, "\x9b");
}

START_TEST(text_shows_hostile_bytes_as_such)
{
	char *text = print(report_print_text, NULL);

	is_safe(text);
	has(text, "\\x1b]52;c;Zm9v\\x07\\n\\x9b\\xe2\\x80\\xae");
	has(text, "2024-10-04 00:00:00Z");
	has(text, "shellac replay 7");
	has_not(text, "FOR ");
	free(text);
}
END_TEST

START_TEST(html_has_no_markup_from_outside)
{
	char *text = print(report_print_html, "pci");

	is_safe(text);
	has_not(text, "<img");
	has_not(text, "<script");
	has(text, "&lt;img src=x onerror=&quot;y&quot;&gt;&amp;&#39;");
	has(text, "default-src 'none'");
	has(text, "10.2.1.2");
	free(text);
}
END_TEST

START_TEST(json_is_a_line_each)
{
	char *text = print(report_print_json, "nist"), *line, *save = NULL;
	int lines = 0;

	is_safe(text);
	for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		ck_assert_int_eq(line[0], '{');
		ck_assert_int_eq(line[strlen(line) - 1], '}');
		ck_assert_int_eq(strncmp(line, "{\"type\":\"", 9), 0);
		lines++;
	}
	ck_assert_int_eq(lines, 1 + 12 + REPORT_SECTIONS + 1 + 1 + 2);
	free(text);
	text = print(report_print_json, NULL);
	has(text, "{\"type\":\"row\",\"section\":\"users\",\"table\":\"sessions\",\"session\":null,"
	    "\"user\":null,\"time\":null,\"command\":null}");
	has(text, "\"value\":2}");
	has_not(text, "requirements");
	free(text);
}
END_TEST

START_TEST(rows_name_what_they_are_evidence_for)
{
	char *text = print(report_print_json, "pci");

	has(text, "\"table\":\"sessions\",\"requirements\":[\"10.2.1.2\",\"10.2.2\"],\"session\":7");
	has(text, "\"table\":\"sessions\",\"requirements\":[\"10.2.2\"],\"session\":null");
	has(text, "\"id\":\"10.2.1.2\",\"asks\":\"all that is done with administrative access is "
	    "logged\",\"rows\":1,");
	has(text, "\"id\":\"10.2.1.3\",\"asks\":\"access to audit logs is logged\",\"rows\":0,");
	free(text);
}
END_TEST

START_TEST(what_is_missing_stands_with_its_requirement)
{
	char *text = print(report_print_text, "iso");
	const char *at = strstr(text, "A.8.16"), *next = strstr(text, "A.8.17");

	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(next);
	at = strstr(at, "a review of <img");
	ck_assert_ptr_nonnull(at);
	ck_assert(at < next);
	ck_assert_ptr_null(report_framework_find("soc2"));
	free(text);
}
END_TEST

START_TEST(values_have_one_form)
{
	static const struct {
		enum report_type type;
		int64_t number;
		const char *text;
	} cases[] = {
		{ REPORT_COUNT, 0, "0" }, { REPORT_COUNT, 999, "999" },
		{ REPORT_COUNT, 1000, "1,000" }, { REPORT_BYTES, -1234567, "-1,234,567" },
		{ REPORT_BYTES, INT64_MAX, "9,223,372,036,854,775,807" },
		{ REPORT_NUMBER, 1234567, "1234567" }, { REPORT_LENGTH, 1500000000, "1.500 s" },
		{ REPORT_LENGTH, -2250000000, "-2.250 s" },
		{ REPORT_LENGTH, INT64_C(125000000000), "2m 05s" },
		{ REPORT_LENGTH, DAY / 2, "12h 00m" }, { REPORT_LENGTH, 3 * DAY / 2, "1d 12h" },
		{ REPORT_LENGTH, INT64_MIN + 1, "-106751d 23h" }, { REPORT_WALL, 0,
		    "1970-01-01 00:00:00Z" }, { REPORT_WALL, REPORT_UNKNOWN, "-" },
	};
	char out[REPORT_CELL_MAX];
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const union report_value v = { .number = cases[i].number };

		ck_assert_str_eq(report_cell(out, cases[i].type, &v), cases[i].text);
	}
}
END_TEST

START_TEST(texts_of_any_length_are_kept)
{
	size_t len = 300000;
	char *text = malloc(len + 1);
	const char *kept;

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', len);
	text[len] = '\0';
	report_init(&made);
	ck_assert_str_eq(report_keep(&made, "short"), "short");
	kept = report_keep(&made, text);
	ck_assert_str_eq(report_keep(&made, "another"), "another");
	ck_assert_str_eq(kept, text);
	report_release(&made);
	free(text);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { text_shows_hostile_bytes_as_such,
		html_has_no_markup_from_outside, json_is_a_line_each,
		rows_name_what_they_are_evidence_for, what_is_missing_stands_with_its_requirement,
		values_have_one_form, texts_of_any_length_are_kept };

	return suite_run("report", tests, sizeof tests / sizeof tests[0]);
}
