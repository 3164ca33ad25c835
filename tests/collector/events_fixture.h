/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_EVENTS_FIXTURE_H
#define SHELLAC_TESTS_EVENTS_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../collector/process_events_internal.h"
#include "../lib/suite.h"

/* Process events of this machine, read by the test itself. */

static const struct process_events_config all = {.read_args = 1};
static struct process_events *pe;

static inline void start(void)
{
	ck_assert_int_eq(process_events_start(&pe, &all), 0);
}

static inline void stop(void)
{
	process_events_stop(pe);
}

static inline void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
}

static inline pid_t fork_and_end(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	ck_assert_int_gt(pid, 0);
	reap(pid);
	return pid;
}

/* The event of a kind that a pid had last. */
struct wanted {
	uint32_t pid;
	uint8_t what;
	struct pevent e;
	char text[EXEC_TEXT_MAX];
	unsigned found;
};

static inline int look(void *ctx, const struct pevent *e)
{
	struct wanted *w = ctx;

	if (e->what != w->what || e->pid != w->pid)
		return 0;
	w->e = *e;
	if (e->exec.text_len > 0)
		memcpy(w->text, e->text, e->exec.text_len);
	w->e.text = w->text;
	w->found++;
	return 0;
}

static inline void take(struct wanted *w)
{
	ck_assert_int_eq(process_events_take(pe, 1, look, w), 0);
}

/* A reader of its own, without a thread: nothing is read unless the test says so. */
static inline struct process_events *still(size_t buffer)
{
	struct process_events *s = calloc(1, sizeof(*s));

	ck_assert_ptr_nonnull(s);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->answer, NULL);
	event_queue_init(&s->queue, 64 << 20);
	TAILQ_INIT(&s->mine);
	s->wake = s->tell = -1;
	s->sock = events_socket(buffer);
	ck_assert_int_ge(s->sock, 0);
	return s;
}

/* The tests, each with events that were started; or none, and why. */
static inline int events_suite(const char *name, const TTest *const *tests, size_t count)
{
	TCase *tc = tcase_create(name);
	size_t i;
	int r = process_events_start(&pe, &all);

	if (r != 0) {
		printf("1..0 # SKIP no process events here: %s\n", process_events_why(r));
		return 0;
	}
	process_events_stop(pe);
	tcase_add_checked_fixture(tc, start, stop);
	for (i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case(name, tc);
}

#endif
