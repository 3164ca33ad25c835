/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "../../plugins/syslog/fit.h"
#include "../../plugins/syslog/losses.h"
#include "../../plugins/syslog/syslog_message.h"
#include "../lib/suite.h"

#define EVENT(more) "{\"@timestamp\":\"2026-11-22T08:09:10.123456789Z\",\"event\":{\"id\":\"h-7\"," \
	"\"sequence\":7,\"action\":\"session-end\"},\"host\":{\"name\":\"db1\"}," \
	"\"shellac\":{\"session\":{\"id\":\"5f\"}}" more "}"

static char out[SYSLOG_LARGEST + 1];

static const char *message(const char *json, enum syslog_form form, size_t max)
{
	struct syslog_options o = {.form = form, .facility = LOG_AUTHPRIV, .max = max, .pid = 77};
	struct feed_event e = {.line = json, .len = strlen(json)};
	size_t n;

	e.json = json_loads(json, JSON_ALLOW_NUL, NULL);
	ck_assert_ptr_nonnull(e.json);
	n = syslog_message(out, &o, &e);
	json_decref(e.json);
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_le(n, max);
	out[n] = '\0';
	return out;
}

/* The JSON in a message, for json_decref(). */
static json_t *read_back(const char *text)
{
	const char *cookie = strstr(text, "@cee: ");
	json_t *json;

	ck_assert_ptr_nonnull(cookie);
	json = json_loads(cookie + 6, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json_is_object(json), "%s", cookie);
	return json;
}

START_TEST(both_forms)
{
	setenv("TZ", "UTC", 1);
	ck_assert_str_eq(message(EVENT(""), SYSLOG_BSD, SYSLOG_DEFAULT),
	    "<86>Nov 22 08:09:10 shellac[77]: @cee: " EVENT(""));
	ck_assert_str_eq(message(EVENT(",\"user\":{\"name\":\"a\\\"l]i\\\\\\u00e9\"}"), SYSLOG_IETF,
	    SYSLOG_DEFAULT), "<86>1 2026-11-22T08:09:10.123456Z db1 shellac 77 session-end "
	    "[shellac@32473 id=\"h-7\" session=\"5f\" user=\"a\\\"l\\]i\\\\??\"] @cee: "
	    EVENT(",\"user\":{\"name\":\"a\\\"l]i\\\\\\u00e9\"}"));
}
END_TEST

START_TEST(fields_that_are_none_are_a_dash)
{
	ck_assert_ptr_nonnull(strstr(message("{\"@timestamp\":\"2026-11-22T08:09:10Z\",\"event\":"
	    "{\"action\":\"a b\"},\"host\":{\"name\":\"d\\nb\"}}", SYSLOG_IETF, SYSLOG_DEFAULT),
	    "<86>1 2026-11-22T08:09:10.000000Z - shellac 77 - [shellac@32473] @cee: "));
	/* a time that is none is now */
	ck_assert_ptr_nonnull(strstr(message("{\"@timestamp\":[]}", SYSLOG_IETF, SYSLOG_DEFAULT),
	    "<86>1 20"));
	ck_assert_ptr_nonnull(message("{\"@timestamp\":\"2026-11-22T08:09:10.12\"}", SYSLOG_IETF,
	    SYSLOG_DEFAULT));
	ck_assert_ptr_nonnull(strstr(out, "08:09:10.120000Z"));
}
END_TEST

START_TEST(what_is_not_printable_is_an_escape)
{
	ck_assert_ptr_nonnull(strstr(message("{\"a\":\"\x7f\xc2\x85\xe2\x80\xae\xf3\xa0\x81\x81"
	    "\\u0000\\n\xc3\xa4\"\t,\n\"b\":1}", SYSLOG_BSD, SYSLOG_DEFAULT),
	    "{\"a\":\"\\u007f\\u0085\\u202e\\udb40\\udc41\\u0000\\n\xc3\xa4\" , \"b\":1}"));
}
END_TEST

/* A member with a text of len bytes. */
static char *with(const char *before, char c, size_t len, const char *after)
{
	static char text[FEED_LINE_MAX];
	char long_text[FEED_LINE_MAX];

	memset(long_text, c, len);
	long_text[len] = '\0';
	snprintf(text, sizeof(text), "%s%s%s", before, long_text, after);
	return text;
}

static const json_t *at(const json_t *json, const char *object, const char *key)
{
	return json_object_get(json_object_get(json, object), key);
}

START_TEST(arguments_go_first)
{
	json_t *json = read_back(message(with("{\"process\":{\"pid\":5,\"command_line\":\"x\",\"args\":"
	    "[\"", 'a', 9000, "\"]},\"shellac\":{\"schema\":1}}"), SYSLOG_IETF, SYSLOG_DEFAULT));

	ck_assert(json_is_true(at(json, "shellac", "truncated")));
	ck_assert_int_eq(json_integer_value(at(json, "shellac", "schema")), 1);
	ck_assert_ptr_null(at(json, "process", "args"));
	ck_assert_str_eq(json_string_value(at(json, "process", "command_line")), "x");
	json_decref(json);
}
END_TEST

START_TEST(long_texts_are_cut_between_characters)
{
	json_t *json;
	const char *s;

	json = read_back(message(with("{\"message\":\"x\xc3\xa4", 'a', 9000, "\",\"user\":{\"name\":"
	    "\"n\"}}"), SYSLOG_IETF, SYSLOG_SMALLEST));
	ck_assert(json_is_true(at(json, "shellac", "truncated")));
	s = json_string_value(json_object_get(json, "message"));
	ck_assert_uint_eq(strlen(s), 1024);
	ck_assert_str_eq(s + 1021, "...");
	ck_assert_str_eq(json_string_value(at(json, "user", "name")), "n");
	json_decref(json);
}
END_TEST

/* Whatever an event is: the smallest message holds what tells it. */
START_TEST(anything_is_brought_down)
{
	json_t *event = json_object(), *list = json_array(), *json;
	char key[64], *text;
	int i;

	for (i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "key %d \xe2\x80\xae", i);
		json_array_append_new(list, json_string("\xc2\x85\xc2\x85\xc2\x85"));
		json_object_set(event, key, list);
	}
	json_object_set_new(event, "event", json_pack("{ss sI s[]}", "id",
	    with("", '\x7f', 200, ""), "sequence", INT64_MAX, "action"));
	json_object_set_new(event, "host", json_pack("{ss ss}", "name", with("", '\x7f', 200, ""),
	    "id", with("", '\x7f', 200, "")));
	json_object_set_new(event, "user", json_pack("{ss}", "name", with("", '\x7f', 200, "")));
	json_object_set_new(event, "@timestamp", json_string(with("", '\x7f', 200, "")));
	json_object_set_new(event, "shellac", json_pack("{ss s{ss ss}}", "source",
	    with("", '\x7f', 200, ""), "session", "id", with("", '\x7f', 200, ""), "n",
	    with("", '\x7f', 200, "")));
	text = json_dumps(event, JSON_COMPACT);
	for (i = SYSLOG_BSD; i <= SYSLOG_IETF; i++) {
		json = read_back(message(text, (enum syslog_form)i, SYSLOG_SMALLEST));
		ck_assert_int_eq(json_integer_value(at(json, "event", "sequence")), INT64_MAX);
		ck_assert(json_is_true(at(json, "shellac", "truncated")));
		json_decref(json);
	}
	free(text);
	json_decref(list);
	json_decref(event);
}
END_TEST

START_TEST(losses_are_an_event)
{
	struct losses l = {0};
	struct feed_event e;
	json_t *event = json_loads(EVENT(""), 0, NULL);

	losses_origin(&l, event);
	losses_add(&l, 3, 4, 6);
	losses_add(&l, 2, 9, 10);
	ck_assert_int_eq(losses_event(&l, &e), 0);
	ck_assert_uint_eq(e.seq, 0);
	ck_assert_ptr_nonnull(strstr(e.line, "\"lost\":{\"count\":5,\"from\":4,\"to\":10,"));
	ck_assert_str_eq(json_string_value(at(e.json, "host", "name")), "db1");
	ck_assert_str_eq(json_string_value(at(e.json, "event", "action")), "events-lost");
	losses_event_release(&e);
	losses_add(&l, 1, 11, 11);
	losses_told(&l, 5);
	ck_assert_uint_eq(l.count, 1);
	losses_release(&l);
	json_decref(event);
}
END_TEST

START_TEST(facilities)
{
	ck_assert_int_eq(syslog_facility("local7"), LOG_LOCAL7);
	ck_assert_int_eq(syslog_facility("auth"), LOG_AUTH);
	ck_assert_int_eq(syslog_facility("local8"), -1);
	ck_assert_int_eq(syslog_facility(""), -1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		both_forms,
		fields_that_are_none_are_a_dash,
		what_is_not_printable_is_an_escape,
		arguments_go_first,
		long_texts_are_cut_between_characters,
		anything_is_brought_down,
		losses_are_an_event,
		facilities,
	};

	return suite_run("message", tests, sizeof(tests) / sizeof(tests[0]));
}
