/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../plugins/feed.h"
#include "../lib/suite.h"
#include "err.h"

#define HELLO "{\"event\":{\"action\":\"plugin-start\"},\"shellac\":{\"protocol\":1}}\n"

static int in[2], answers[2];
static struct feed *f;

static void put(const char *text)
{
	ck_assert_int_eq(write(in[1], text, strlen(text)), (ssize_t)strlen(text));
}

static void put_event(unsigned seq, size_t len)
{
	char *text = malloc(len + 1);
	int n = snprintf(text, len + 1, "{\"event\":{\"sequence\":%u},\"x\":\"", seq);

	memset(text + n, 'x', len - (size_t)n);
	memcpy(text + len - 3, "\"}\n", 4);
	put(text);
	free(text);
}

/* Pipes that take some of the longest lines without a reader. */
static void make_pipes(void)
{
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(answers, O_CLOEXEC), 0);
	ck_assert_int_ge(fcntl(in[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	ck_assert_int_eq(fcntl(answers[0], F_SETFL, O_NONBLOCK), 0);
}

static void start(void)
{
	make_pipes();
	put(HELLO);
	ck_assert_int_eq(feed_open(&f, in[0], answers[1]), 0);
}

static void end_input(void)
{
	close(in[1]);
}

/* The number of the next event, waited for; -1 when the feed is over. */
static long next(void)
{
	struct feed_event e;

	while (!feed_next(f, &e)) {
		if (feed_over(f))
			return -1;
		feed_wait(f, NULL, 0, -1);
	}
	ck_assert_uint_eq(strlen(e.line), e.len);
	ck_assert(json_is_object(e.json));
	return (long)e.seq;
}

static const char *answered(void)
{
	static char text[4096];
	ssize_t n = read(answers[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

START_TEST(events_come_in_order_until_the_end)
{
	unsigned i;

	start();
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(feed_hello(f)->json,
	    "event"), "action")), "plugin-start");
	for (i = 1; i <= 1000; i++)
		put_event(i, 100);
	end_input();
	for (i = 1; i <= 1000; i++)
		ck_assert_int_eq(next(), i);
	ck_assert(!feed_over(f) || next() == -1);
	ck_assert_int_eq(next(), -1);
	ck_assert_int_eq(feed_close(f), 0);
	ck_assert_str_eq(answered(), "");
}
END_TEST

START_TEST(a_line_may_come_in_pieces)
{
	start();
	put("{\"event\":{\"seq");
	ck_assert_int_eq(feed_wait(f, NULL, 0, -1), 0);
	ck_assert(!feed_next(f, &(struct feed_event){0}));
	put("uence\":7}}\n{\"event\":");
	ck_assert_int_eq(next(), 7);
	put("{\"sequence\":8}}\n");
	ck_assert_int_eq(next(), 8);
	ck_assert(!feed_over(f));
	feed_close(f);
}
END_TEST

START_TEST(acks_of_a_batch_are_one)
{
	start();
	put_event(1, 64);
	put_event(2, 64);
	put_event(3, 64);
	while (next() != 3)
		;
	feed_ack(f, 1);
	feed_ack(f, 3);
	feed_ack(f, 2);
	ck_assert_str_eq(answered(), "");
	feed_wait(f, NULL, 0, 0);
	ck_assert_str_eq(answered(), "ACK 3\n");
	feed_wait(f, NULL, 0, 0);
	ck_assert_str_eq(answered(), "");
	feed_ack(f, 4);
	ck_assert_int_eq(feed_close(f), 0);
	ck_assert_str_eq(answered(), "ACK 4\n");
}
END_TEST

START_TEST(the_longest_line_is_taken_and_longer_ones_are_skipped)
{
	start();
	put_event(1, FEED_LINE_MAX);
	put_event(2, FEED_LINE_MAX + 1);
	put_event(3, 5 * FEED_LINE_MAX);
	put_event(4, 64);
	put_event(5, FEED_LINE_MAX);
	ck_assert_int_eq(next(), 1);
	ck_assert_int_eq(next(), 4);
	ck_assert_int_eq(next(), 5);
	feed_close(f);
}
END_TEST

START_TEST(what_is_no_event_is_skipped)
{
	start();
	put("garbage\n[1]\n\n{\"event\":{\"sequence\":1}} x\n\xff\n{\"event\":{\"sequence\":2}}\n");
	ck_assert_int_eq(next(), 2);
	put("{\"event\":{\"sequence\":-3}}\n{\"event\":4}\n{\"event\":{\"sequence\":\"5\"}}\n");
	ck_assert_int_eq(next(), 0);
	ck_assert_int_eq(next(), 0);
	ck_assert_int_eq(next(), 0);
	put("{\"event\":{\"sequence\":6}}");
	end_input();
	ck_assert_int_eq(next(), -1);
	feed_close(f);
}
END_TEST

START_TEST(lost_events_count_up_to_the_last_of_them)
{
	start();
	put("{\"event\":{\"action\":\"events-lost\"},"
	    "\"shellac\":{\"lost\":{\"count\":3,\"from\":4,\"to\":6}}}\n");
	ck_assert_int_eq(next(), 6);
	feed_close(f);
}
END_TEST

START_TEST(sigterm_ends_it_before_what_was_not_given_out)
{
	start();
	put_event(1, 64);
	put_event(2, 64);
	ck_assert_int_eq(next(), 1);
	kill(getpid(), SIGTERM);
	ck_assert_int_eq(feed_pause(f, NULL, 0, -1), 0);
	ck_assert(feed_over(f));
	ck_assert_int_eq(next(), -1);
	feed_ack(f, 1);
	ck_assert_int_eq(feed_close(f), 0);
	ck_assert_str_eq(answered(), "ACK 1\n");
}
END_TEST

START_TEST(a_pause_takes_nothing_and_sees_other_descriptors)
{
	int other[2];
	struct pollfd more[2] = {{.fd = -1, .events = POLLIN}, {.events = POLLIN}};

	start();
	put_event(1, 64);
	end_input();
	ck_assert_int_eq(pipe2(other, O_CLOEXEC), 0);
	more[1].fd = other[0];
	ck_assert_int_eq(feed_pause(f, more, 2, 50), 0);
	ck_assert(!feed_over(f));
	ck_assert_int_eq(write(other[1], "x", 1), 1);
	ck_assert_int_eq(feed_pause(f, more, 2, -1), 1);
	ck_assert_int_eq(more[0].revents, 0);
	ck_assert_int_eq(more[1].revents, POLLIN);
	ck_assert(!feed_next(f, &(struct feed_event){0}));
	ck_assert_int_eq(feed_wait(f, more, 2, -1), 1);
	ck_assert_int_eq(next(), 1);
	ck_assert_int_eq(next(), -1);
	feed_close(f);
}
END_TEST

static int opened_with(const char *first)
{
	int r;

	make_pipes();
	put(first);
	end_input();
	f = NULL;
	r = feed_open(&f, in[0], answers[1]);
	return r;
}

START_TEST(the_first_line_is_a_hello_of_our_protocol)
{
	ck_assert_int_eq(opened_with("{\"shellac\":{\"protocol\":2}}\n"), E_REFUSED);
	ck_assert_int_eq(opened_with("{\"event\":{\"sequence\":1}}\n"), E_FORMAT);
	ck_assert_int_eq(opened_with("{\"shellac\":{\"protocol\":\"1\"}}\n"), E_FORMAT);
	ck_assert_int_eq(opened_with("hello\n"), E_FORMAT);
	ck_assert_ptr_null(f);
	ck_assert_int_eq(opened_with(""), 0);
	ck_assert(feed_over(f));
	ck_assert_int_eq(feed_close(f), 0);
}
END_TEST

START_TEST(a_dispatcher_that_is_gone_ends_it)
{
	start();
	put_event(1, 64);
	ck_assert_int_eq(next(), 1);
	close(answers[0]);
	feed_ack(f, 1);
	feed_wait(f, NULL, 0, -1);
	ck_assert(feed_over(f));
	ck_assert_int_eq(feed_close(f), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		events_come_in_order_until_the_end,
		a_line_may_come_in_pieces,
		acks_of_a_batch_are_one,
		the_longest_line_is_taken_and_longer_ones_are_skipped,
		what_is_no_event_is_skipped,
		lost_events_count_up_to_the_last_of_them,
		sigterm_ends_it_before_what_was_not_given_out,
		a_pause_takes_nothing_and_sees_other_descriptors,
		the_first_line_is_a_hello_of_our_protocol,
		a_dispatcher_that_is_gone_ends_it,
	};

	return suite_run("feed", tests, sizeof(tests) / sizeof(tests[0]));
}
