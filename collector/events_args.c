/* SPDX-License-Identifier: ISC */
/* The programs that living processes began last, for the events of their ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "events_internal.h"

#define BUCKETS 16384u

struct program {
	LIST_ENTRY(program) link;
	TAILQ_ENTRY(program) age;
	uint32_t pid;
	uint8_t have; /* EXEC_ */
	uint64_t start_ticks;
	size_t len;
	char text[];
};

struct events_args {
	LIST_HEAD(, program) bucket[BUCKETS];
	TAILQ_HEAD(, program) oldest;
	size_t bytes;
};

int events_args_new(struct events_args **out)
{
	struct events_args *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return -ENOMEM;
	TAILQ_INIT(&a->oldest);
	*out = a;
	return 0;
}

static void drop(struct events_args *a, struct program *p)
{
	LIST_REMOVE(p, link);
	TAILQ_REMOVE(&a->oldest, p, age);
	a->bytes -= sizeof(*p) + p->len;
	free(p);
}

void events_args_free(struct events_args *a)
{
	if (a == NULL)
		return;
	while (!TAILQ_EMPTY(&a->oldest))
		drop(a, TAILQ_FIRST(&a->oldest));
	free(a);
}

static struct program *find(const struct events_args *a, uint32_t pid)
{
	struct program *p;

	LIST_FOREACH(p, &a->bucket[pid % BUCKETS], link)
		if (p->pid == pid)
			return p;
	return NULL;
}

void events_args_drop(struct events_args *a, uint32_t pid)
{
	struct program *p = a != NULL ? find(a, pid) : NULL;

	if (p != NULL)
		drop(a, p);
}

void events_args_add(struct events_args *a, const struct process_exec *x, uint64_t start_ticks,
    const char *text)
{
	struct program *p;

	if (a == NULL)
		return;
	events_args_drop(a, x->pid);
	if (x->text_len == 0 || x->text_len > EXEC_TEXT_MAX ||
	    (p = malloc(sizeof(*p) + x->text_len)) == NULL)
		return;
	p->pid = x->pid;
	p->have = x->have;
	p->start_ticks = start_ticks;
	p->len = x->text_len;
	memcpy(p->text, text, p->len);
	LIST_INSERT_HEAD(&a->bucket[p->pid % BUCKETS], p, link);
	TAILQ_INSERT_TAIL(&a->oldest, p, age);
	a->bytes += sizeof(*p) + p->len;
	while (a->bytes > EVENTS_ARGS_BYTES)
		drop(a, TAILQ_FIRST(&a->oldest));
}

/* The zero-ended text at *at, which goes behind it; NULL where there is none. */
static const char *next(const struct program *p, size_t *at)
{
	const char *s = p->text + *at, *end = memchr(s, '\0', p->len - *at);

	if (end == NULL)
		return NULL;
	*at += (size_t)(end - s) + 1;
	return s;
}

int events_args_get(struct events_args *a, uint32_t pid, uint64_t start_ticks,
    struct event_program *out)
{
	const struct program *p = a != NULL ? find(a, pid) : NULL;
	const char *exe, *cwd;
	size_t at = 0;

	if (p == NULL || p->start_ticks != start_ticks || (exe = next(p, &at)) == NULL ||
	    (cwd = next(p, &at)) == NULL)
		return 0;
	*out = (struct event_program){.exe = p->have & EXEC_EXE ? exe : NULL,
		.cwd = p->have & EXEC_CWD ? cwd : NULL, .cut = (p->have & EXEC_ARGS_CUT) != 0};
	if ((p->have & EXEC_ARGS) != 0 && at < p->len && p->text[p->len - 1] == '\0') {
		out->args = p->text + at;
		out->args_len = p->len - at;
	}
	return 1;
}
