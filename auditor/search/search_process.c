/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "escape.h"
#include "procs/procs.h"
#include "search/search.h"
#include "utf8.h"

struct finding_processes {
	struct search_processes *out;
	const struct search_patterns *patterns;
	struct procs_lives *lives;
	struct process_segment segment;
	int error;
};

/* Arguments with blanks between them, what may not be shown as a blank: as in a line. */
static char *line_of(const char *bytes, size_t len)
{
	char *joined = malloc(len + 1), *text;
	uint32_t cp;
	size_t at = 0;
	int n;

	if (joined == NULL)
		return NULL;
	for (size_t i = 0; i < len; i++)
		joined[i] = bytes[i] != '\0' ? bytes[i] : ' ';
	while (len > 0 && joined[len - 1] == ' ')
		len--;
	text = utf8_from_bytes((uint8_t *)joined, len);
	free(joined);
	len = text != NULL ? strlen(text) : 0;
	while (at < len && (n = utf8_next((uint8_t *)text + at, len - at, &cp)) > 0) {
		if (!escape_printable(cp))
			memset(text + at, ' ', (size_t)n);
		at += (size_t)n;
	}
	return text;
}

static void take(struct finding_processes *f, uint64_t n, int64_t wall_ns, const char *bytes,
    size_t len)
{
	char *text = f->error == 0 && n != 0 ? line_of(bytes, len) : NULL;
	struct search_processes *out = f->out;
	size_t at, hit;

	if (text == NULL) {
		f->error = f->error == 0 && n != 0 ? -ENOMEM : f->error;
		return;
	}
	if (search_patterns_find(f->patterns, text, strlen(text), 0, &at, &hit) != 1 ||
	    (f->error = array_room(&out->process, out->count, &out->room, sizeof *out->process))) {
		free(text);
		return;
	}
	out->process[out->count++] = (struct search_process){ n, wall_ns, text };
}

static void segment(void *arg, const struct process_segment *g)
{
	struct finding_processes *f = arg;

	f->segment = *g;
	procs_lives_boot(f->lives, g->boot_id);
}

static void exec(void *arg, const struct process_text *t)
{
	struct finding_processes *f = arg;
	size_t len = 0;
	const char *args = process_text_args(t, &len);
	int64_t wall_ns = f->segment.boot.boot_wall_ns;

	procs_lives_exec(f->lives, t);
	wall_ns = wall_ns != 0 && t->exec.boot_ns < INT64_MAX / 2 ?
	    wall_ns + (int64_t)t->exec.boot_ns : t->record.read_wall_ns;
	if (args == NULL) {
		args = t->exec.comm;
		len = strnlen(t->exec.comm, sizeof t->exec.comm);
	}
	take(f, t->record.session, wall_ns, args, len);
}

/* Where nobody heard of what it exec'd, accounting has its name. */
static void record(void *arg, const struct process_record *p, const struct acct_record *a)
{
	struct finding_processes *f = arg;

	if (procs_lives_take(f->lives, a->pid, p) == NULL)
		take(f, p->session, procs_start(a, p, &f->segment.boot), a->comm,
		    strnlen(a->comm, sizeof a->comm));
}

static int by_session(const void *a, const void *b)
{
	const struct search_process *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	if (x->wall_ns != y->wall_ns)
		return x->wall_ns < y->wall_ns ? -1 : 1;
	return strcmp(x->text, y->text);
}

int search_processes_find(struct search_processes *out, const struct store *s,
    const struct search_patterns *p)
{
	struct finding_processes f = { .out = out, .patterns = p, .lives = procs_lives_new() };
	const struct process_walk w = { .segment = segment, .exec = exec, .record = record,
		.arg = &f };
	long r;

	if (f.lives == NULL)
		return -ENOMEM;
	r = process_walk(s, &w);
	procs_lives_free(f.lives);
	if (out->count > 1)
		qsort(out->process, out->count, sizeof *out->process, by_session);
	return f.error != 0 ? f.error : r < 0 ? (int)r : 0;
}

void search_processes_release(struct search_processes *x)
{
	for (size_t i = 0; i < x->count; i++)
		free(x->process[i].text);
	free(x->process);
	memset(x, 0, sizeof *x);
}

const struct search_process *search_processes_of(const struct search_processes *x, uint64_t n,
    size_t *count)
{
	size_t first = ARRAY_FIRST(x->process, x->count, n, n), end;

	for (end = first; end < x->count && x->process[end].n == n; end++)
		;
	*count = end - first;
	return x->process + first;
}
