/* SPDX-License-Identifier: ISC */
#include "../../collector/events_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../../collector/events_input.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "acct_fake.h"
#include "err.h"

#define MANY 200000

static struct collector c;
static struct process_record record;
static struct acct_record ended;

/* What tests look at, until their process ends. */
static json_t *kept[16];
static size_t keeps;

static json_t *keep(json_t *j)
{
	ck_assert_uint_lt(keeps, sizeof(kept) / sizeof(kept[0]));
	kept[keeps++] = j;
	return j;
}

static void drop_kept(void)
{
	while (keeps > 0)
		json_decref(kept[--keeps]);
}

static void begin(void)
{
	scratch_enter();
	atexit(drop_kept);
	c.store.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(c.host, sizeof(c.host), "web1");
	registry_init(&c.registry);
	events_new(&c);
	ck_assert_ptr_nonnull(c.events);
	memset(&record, 0, sizeof(record));
	fake_record(record.body, 4711, 4710, 0x8803, 1000000000, 1);
	ck_assert_int_eq(acct_record_parse(record.body, &ended), 0);
	record.read_wall_ns = INT64_C(1000000001500000000);
}

/* Records come in their order, each once. */
static void end(const struct process_boot *boot)
{
	record.place++;
	events_process_end(c.events, &record, &ended, boot);
	events_process_end(c.events, &record, &ended, boot);
}

static void tell(const char *comm)
{
	memset(ended.comm, 0, sizeof(ended.comm));
	memcpy(ended.comm, comm, strnlen(comm, ACCT_COMM));
	end(NULL);
}

/* The event with this number or the first above it; NULL where there is none. */
static json_t *get(uint64_t number)
{
	struct event_reader *r = NULL;
	json_t *event = NULL;
	const char *line;
	uint64_t n;
	size_t len;

	ck_assert_int_eq(event_reader_open(&r, events_dir(c.events), number), 0);
	if (event_reader_next(r, &n, &line, &len) == 1) {
		event = keep(json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL));
		ck_assert_ptr_nonnull(event);
		ck_assert_uint_eq(n, (uint64_t)json_integer_value(json_object_get(
		    json_object_get(event, "event"), "sequence")));
	}
	event_reader_close(r);
	return event;
}

static const char *text(const json_t *event, const char *group, const char *name)
{
	return json_string_value(json_object_get(json_object_get(event, group), name));
}

static uint64_t number_of(const json_t *event)
{
	return (uint64_t)json_integer_value(json_object_get(json_object_get(event, "event"),
	    "sequence"));
}

START_TEST(only_while_plugins_are_active)
{
	begin();
	events_plugins(c.events, 0);
	tell("none");
	events_flush(c.events);
	ck_assert_ptr_null(get(1));
	ck_assert(!events_active(c.events) && !events_active(NULL));
	events_plugins(c.events, 1);
	tell("one");
	ck_assert_ptr_null(get(1)); /* at the turn's end */
	events_flush(c.events);
	ck_assert_str_eq(text(get(1), "process", "name"), "one");
	events_free(c.events);
	events_plugins(NULL, 1);
	events_flush(NULL);
	events_process_end(NULL, &record, &ended, NULL);
}
END_TEST

/* What a start finds is told at once: nobody knows how long it lives. */
START_TEST(from_the_start_on)
{
	struct plugin_conf conf = {.active = 1};
	struct plugin_file file = {.conf = &conf};

	c.plugins = (struct plugin_set){.file = &file, .count = 1};
	begin();
	tell("early");
	events_flush(c.events);
	ck_assert_str_eq(text(get(1), "process", "name"), "early");
	events_free(c.events);
	conf.active = 0;
	events_new(&c);
	tell("for nobody");
	events_plugins(c.events, 1);
	tell("second");
	events_flush(c.events);
	ck_assert_str_eq(text(get(2), "process", "name"), "second");
	events_free(c.events);
}
END_TEST

START_TEST(hostile_bytes)
{
	static const char args[] = "/bin/x\0/home\0x\0a b\0\x1b]0;\"\\\0\xff\xe2\x80\xae\xc3\xa4\0";
	struct process_exec x = {.pid = 4711, .have = EXEC_EXE | EXEC_CWD | EXEC_ARGS,
		.text_len = sizeof(args) - 1};
	struct process_boot boot = {.boot_wall_ns = 1, .ticks_per_s = 100};
	json_t *event, *got;

	begin();
	events_plugins(c.events, 1);
	record.start_ticks = 77;
	ended.flags = 0;
	events_exec(c.events, &x, 77, args);
	memcpy(ended.comm, "\n\"\\\x9b\xff{}", 8);
	end(&boot);
	end(&boot);
	events_flush(c.events);
	event = get(1);
	ck_assert_str_eq(text(event, "process", "name"), "\\n\"\\\\\\x9b\\xff{}");
	ck_assert_str_eq(text(event, "process", "executable"), "/bin/x");
	got = json_object_get(json_object_get(event, "process"), "args");
	ck_assert_uint_eq(json_array_size(got), 4);
	ck_assert_str_eq(json_string_value(json_array_get(got, 1)), "a b");
	ck_assert_str_eq(json_string_value(json_array_get(got, 2)), "\\x1b]0;\"\\\\");
	ck_assert_str_eq(json_string_value(json_array_get(got, 3)), "\\xff\\xe2\\x80\\xae\xc3\xa4");
	/* those of one life are told once */
	ck_assert_ptr_null(json_object_get(json_object_get(get(2), "process"), "args"));
	events_free(c.events);
}
END_TEST

/* The longest that can be fits a line; what is cut says so. */
START_TEST(longest)
{
	static char args[EXEC_TEXT_MAX];
	struct process_exec x = {.pid = 4711, .text_len = sizeof(args), .have = EXEC_EXE | EXEC_CWD |
		EXEC_ARGS | EXEC_ARGS_CUT};
	struct process_boot boot = {.boot_wall_ns = 1, .ticks_per_s = 100};
	json_t *event;

	begin();
	events_plugins(c.events, 1);
	record.start_ticks = 77;
	ended.flags = 0;
	memset(args, '\1', sizeof(args) - 1);
	args[1] = args[3] = '\0';
	events_exec(c.events, &x, 77, args);
	end(&boot);
	memset(args, '\0', sizeof(args));
	events_exec(c.events, &x, 77, args);
	end(&boot);
	events_flush(c.events);
	event = get(1);
	ck_assert_uint_eq(number_of(event), 1);
	ck_assert(json_is_true(json_object_get(json_object_get(event, "shellac"), "truncated")));
	ck_assert_uint_eq(number_of(get(2)), 2);
	events_free(c.events);
}
END_TEST

START_TEST(full_disk)
{
	json_t *status;
	int good, full = open("/dev/full", O_RDWR | O_CLOEXEC);

	begin();
	events_plugins(c.events, 1);
	tell("one");
	events_flush(c.events);
	good = c.events->journal.fd;
	c.events->journal.fd = full;
	tell("two");
	tell("three");
	events_flush(c.events);
	c.events->journal.fd = good;
	close(full);
	status = keep(events_status(c.events));
	ck_assert_int_eq(json_integer_value(json_object_get(status, "lost")), 2);
	ck_assert_str_ne(json_string_value(json_object_get(status, "error")), "");
	tell("four");
	events_flush(c.events);
	ck_assert_uint_eq(number_of(get(2)), 4);
	status = keep(events_status(c.events));
	ck_assert_str_eq(json_string_value(json_object_get(status, "error")), "");
	ck_assert_int_eq(json_integer_value(json_object_get(status, "lost")), 2);
	events_free(c.events);
}
END_TEST

/* Nothing was written behind what is lost: the next collector knows all the same. */
START_TEST(full_to_the_end)
{
	int full = open("/dev/full", O_RDWR | O_CLOEXEC);

	begin();
	events_plugins(c.events, 1);
	tell("one");
	events_flush(c.events);
	close(c.events->journal.fd);
	c.events->journal.fd = full;
	tell("two");
	tell("three");
	events_flush(c.events);
	events_free(c.events);
	events_new(&c);
	events_plugins(c.events, 1);
	tell("four");
	events_flush(c.events);
	ck_assert_uint_eq(number_of(get(2)), 4);
	events_free(c.events);
}
END_TEST

/* The power took the journal's end; a plugin had it already. */
START_TEST(seen_before)
{
	begin();
	events_plugins(c.events, 1);
	tell("one");
	events_seen(c.events, 1);
	events_seen(c.events, 90);
	tell("next");
	events_flush(c.events);
	ck_assert_uint_eq(number_of(get(1)), 1);
	ck_assert_uint_eq(number_of(get(2)), 91);
	events_free(c.events);
}
END_TEST

/* The mark as it was before the journal's last lines. */
static void put_back(uint8_t place)
{
	const uint8_t p[16] = {'S', 'H', 'L', 'T', 'O', 'L', 'D', 1, place};
	int fd = open(EVENT_JOURNAL_DIR "/told", O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(write(fd, p, sizeof(p)), sizeof(p));
	close(fd);
}

static void again(uint8_t marked, uint32_t place)
{
	events_free(c.events);
	put_back(marked);
	events_new(&c);
	events_plugins(c.events, 1);
	record.place = place;
}

/* Killed behind a line of the journal, and before the mark says so. */
START_TEST(told_once)
{
	static const char lie[] = EVENT_JOURNAL_START "5,\"dataset\":\"shellac.input\","
		"\"action\":\"process-end\"},\"shellac\":{\"input\":{\"data\":"
		"{\"process\":{\"record\":900}}}}}\n";
	char segment[EVENT_SEGMENT_NAME];

	begin();
	events_plugins(c.events, 1);
	tell("one");
	tell("two");
	tell("three");
	again(1, 1);
	tell("two, twice");
	tell("three, twice");
	tell("four");
	events_flush(c.events);
	ck_assert_str_eq(text(get(4), "process", "name"), "four");
	/* a plugin's word is none of ours */
	ck_assert_int_eq(event_journal_append(&c.events->journal, lie, sizeof(lie) - 1, 6), 0);
	again(1, 3);
	tell("four, twice");
	tell("five");
	events_flush(c.events);
	ck_assert_str_eq(text(get(6), "process", "name"), "five");
	/* a segment was begun, and nothing written to it */
	close(openat(events_dir(c.events), event_segment_name(segment, 7),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	again(1, 4);
	tell("five, twice");
	tell("six");
	events_flush(c.events);
	ck_assert_str_eq(text(get(7), "process", "name"), "six");
	/* no plugin was active since: another count may have begun */
	again(0, 1);
	tell("new");
	events_flush(c.events);
	ck_assert_str_eq(text(get(8), "process", "name"), "new");
	events_free(c.events);
}
END_TEST

static uint64_t newest;

static void grown(void *arg, uint64_t n)
{
	(void)arg;
	newest = n;
}

/* Says what one costs; a turn's many are one write. */
START_TEST(storm)
{
	struct timespec from, to;
	double us;
	int i;

	begin();
	events_plugins(c.events, 1);
	events_watch(c.events, grown, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (i = 0; i < MANY; i++) {
		tell("storm");
		if (i % 100 == 99)
			events_flush(c.events);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	us = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / 1e3 / MANY;
	ck_assert_uint_eq(newest, MANY);
	printf("# %.2f us of CPU an event\n", us);
	/* 10,000 a second are to be a part of one CPU, sanitized or not */
	ck_assert(us < 100);
	events_free(c.events);
}
END_TEST

static json_t *part(const char *json, json_t **other)
{
	json_t *known = NULL, *object = json_loads(json, 0, NULL);

	ck_assert_ptr_nonnull(object);
	ck_assert_int_eq(events_input_part(object, &known, other), 0);
	json_decref(object);
	return known;
}

static void parts(const char *json, const char *known, const char *rest)
{
	json_t *other, *got = part(json, &other);
	char *first = json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS);
	char *second = json_dumps(other, JSON_COMPACT | JSON_SORT_KEYS);

	ck_assert_str_eq(first, known);
	ck_assert_str_eq(second, rest);
	free(first);
	free(second);
	json_decref(got);
	json_decref(other);
}

START_TEST(input_parts)
{
	parts("{}", "{}", "{}");
	parts("{\"message\":\"m\",\"x\":1}", "{\"message\":\"m\"}", "{\"x\":1}");
	parts("{\"source\":{\"ip\":\"::1\",\"port\":-1,\"geo\":{}}}", "{\"source\":{\"ip\":\"::1\"}}",
	    "{\"source\":{\"geo\":{},\"port\":-1}}");
	parts("{\"source\":{\"ip\":\"host\"},\"related\":{\"ip\":[\"10.0.0.1\",\"x\"]}}", "{}",
	    "{\"related\":{\"ip\":[\"10.0.0.1\",\"x\"]},\"source\":{\"ip\":\"host\"}}");
	parts("{\"event\":{\"action\":\"access\",\"sequence\":1,\"type\":\"start\"}}", "{}",
	    "{\"event\":{\"action\":\"access\",\"sequence\":1,\"type\":\"start\"}}");
	parts("{\"event\":{\"action\":\"rule-hit\",\"start\":\"2026-11-21T08:00:00Z\","
	    "\"end\":\"2026-11-21 08:00:00\"}}",
	    "{\"event\":{\"action\":\"rule-hit\",\"start\":\"2026-11-21T08:00:00Z\"}}",
	    "{\"event\":{\"end\":\"2026-11-21 08:00:00\"}}");
	parts("{\"shellac\":{\"schema\":2,\"session\":{\"n\":3}},\"source.ip\":\"::1\"}",
	    "{\"shellac\":{\"session\":{\"n\":3}}}", "{\"shellac\":{\"schema\":2},\"source.ip\":\"::1\"}");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {only_while_plugins_are_active, from_the_start_on,
		hostile_bytes, longest, full_disk, full_to_the_end, seen_before, told_once, storm, input_parts};

	return suite_run("events", tests, sizeof(tests) / sizeof(tests[0]));
}
