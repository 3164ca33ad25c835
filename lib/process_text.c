/* SPDX-License-Identifier: ISC */
#include "process_text.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

size_t process_text_slots(uint32_t text_len)
{
	return ((size_t)text_len + PROCESS_BODY - 1) / PROCESS_BODY;
}

void process_text_init(struct process_text *t)
{
	t->have = t->want = 0;
}

int process_text_waits(const struct process_text *t)
{
	return t->have < t->want;
}

static int take_begin(struct process_text *t, const struct process_record *r)
{
	int is_exec = r->kind == PROCESS_EXEC;
	int e = is_exec ? process_exec_parse(r->body, &t->exec) :
	    process_input_parse(r->body, &t->input);

	if (e != 0)
		return e;
	t->record = *r;
	t->want = is_exec ? t->exec.text_len : t->input.text_len;
	t->text[t->want] = '\0';
	return t->want == 0;
}

/* The fields around the body are the first one's, so that each slot says whose it is. */
static int is_of(const struct process_text *t, const struct process_record *r)
{
	const struct process_record *e = &t->record;

	return r->kernel_file == e->kernel_file && r->place == e->place &&
	    r->session == e->session && r->outer == e->outer &&
	    r->read_wall_ns == e->read_wall_ns && r->reason == e->reason &&
	    r->certainty == e->certainty && r->origin == e->origin && r->flags == e->flags &&
	    r->keeper_pid == e->keeper_pid && r->start_ticks == e->start_ticks &&
	    r->ordinal == e->ordinal && r->parent_pid == e->parent_pid && r->sid == e->sid;
}

static int take_text(struct process_text *t, const struct process_record *r)
{
	size_t left = t->want - t->have;
	size_t len = left < PROCESS_BODY ? left : PROCESS_BODY;

	if (left == 0 || !is_of(t, r) || !all_zero(r->body + len, PROCESS_BODY - len)) {
		process_text_init(t);
		return E_FORMAT;
	}
	memcpy(t->text + t->have, r->body, len);
	t->have += len;
	return t->have == t->want;
}

int process_text_take(struct process_text *t, const struct process_record *r)
{
	if (r->kind == PROCESS_TEXT)
		return take_text(t, r);
	process_text_init(t);
	return r->kind == PROCESS_EXEC || r->kind == PROCESS_INPUT ? take_begin(t, r) : 0;
}

/* Behind so many strings; within the text, or its end. */
static const char *behind(const struct process_text *t, unsigned strings)
{
	const char *p = t->text, *end = t->text + t->want;

	for (; strings > 0 && p < end; strings--)
		p += strlen(p) + 1;
	return p < end ? p : end;
}

const char *process_text_path(const struct process_text *t, unsigned which)
{
	if ((t->exec.have & which) == 0)
		return NULL;
	return behind(t, which == EXEC_EXE ? 0 : 1);
}

const char *process_text_args(const struct process_text *t, size_t *len)
{
	const char *p = behind(t, 2);

	if ((t->exec.have & EXEC_ARGS) == 0)
		return NULL;
	*len = (size_t)(t->text + t->want - p);
	return p;
}
