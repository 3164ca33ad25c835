/* SPDX-License-Identifier: ISC */
/* The bodies of process_record.h: shellac-format(5), PROCESS RECORDS. */
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "process_record.h"

#define SECOND 1000000000

enum { EXEC_HAVE = 32, EXEC_ZERO = 33, EXEC_COMM = 40, EXEC_END = 56 };
#define EXEC_BITS (EXEC_EXE | EXEC_CWD | EXEC_ARGS | EXEC_ARGS_CUT | EXEC_TTY)

/* Printable ASCII, then zeros: as many as one likes, or none. */
static int is_name(const uint8_t *p, size_t len)
{
	size_t n = strnlen((const char *)p, len);

	for (size_t i = 0; i < n; i++)
		if (p[i] < ' ' || p[i] > '~')
			return 0;
	return all_zero(p + n, len - n);
}

void process_exec_put(uint8_t body[PROCESS_BODY], const struct process_exec *e)
{
	memset(body, 0, PROCESS_BODY);
	put_u32(body, e->pid);
	put_u32(body + 4, e->uid);
	put_u32(body + 8, e->euid);
	put_u32(body + 12, e->tty_dev);
	put_u32(body + 16, e->audit_session);
	put_u32(body + 20, e->text_len);
	put_u64(body + 24, e->boot_ns);
	body[EXEC_HAVE] = e->have;
	memcpy(body + EXEC_COMM, e->comm, ACCT_COMM);
}

int process_exec_parse(const uint8_t body[PROCESS_BODY], struct process_exec *e)
{
	if (get_u32(body + 20) > EXEC_TEXT_MAX || (body[EXEC_HAVE] & ~EXEC_BITS) != 0 ||
	    !all_zero(body + EXEC_ZERO, EXEC_COMM - EXEC_ZERO) ||
	    !all_zero(body + EXEC_END, PROCESS_BODY - EXEC_END))
		return E_FORMAT;
	e->pid = get_u32(body);
	e->uid = get_u32(body + 4);
	e->euid = get_u32(body + 8);
	e->tty_dev = get_u32(body + 12);
	e->audit_session = get_u32(body + 16);
	e->text_len = get_u32(body + 20);
	e->boot_ns = get_u64(body + 24);
	e->have = body[EXEC_HAVE];
	memcpy(e->comm, body + EXEC_COMM, ACCT_COMM);
	return 0;
}

enum { LOSS_ZERO = 2, LOSS_TEXT = 24, LOSS_END = 56 };

void process_loss_put(uint8_t body[PROCESS_BODY], const struct process_loss *l)
{
	memset(body, 0, PROCESS_BODY);
	body[0] = l->source;
	body[1] = l->state;
	put_u32(body + 4, l->error);
	put_u64(body + 8, l->count);
	put_u64(body + 16, l->from_boot_ns);
	memcpy(body + LOSS_TEXT, l->text, sizeof(l->text));
}

int process_loss_parse(const uint8_t body[PROCESS_BODY], struct process_loss *l)
{
	if (body[0] < LOSS_ACCT || body[0] > LOSS_EVENTS || body[1] < 1 || body[1] > 2 ||
	    !all_zero(body + LOSS_ZERO, 2) || !is_name(body + LOSS_TEXT, sizeof(l->text)) ||
	    !all_zero(body + LOSS_END, PROCESS_BODY - LOSS_END))
		return E_FORMAT;
	l->source = body[0];
	l->state = body[1];
	l->error = get_u32(body + 4);
	l->count = get_u64(body + 8);
	l->from_boot_ns = get_u64(body + 16);
	memcpy(l->text, body + LOSS_TEXT, sizeof(l->text));
	return 0;
}

enum { TERMINAL_PROCESSES = 32, TERMINAL_ZERO = 36, TERMINAL_COMM = 40, TERMINAL_END = 56 };

void process_terminal_put(uint8_t body[PROCESS_BODY], const struct process_terminal *t)
{
	memset(body, 0, PROCESS_BODY);
	body[0] = t->state;
	put_u32(body + 4, t->pid);
	put_u32(body + 8, t->uid);
	put_u32(body + 12, t->tty_dev);
	put_u64(body + 16, t->from_boot_ns);
	put_u64(body + 24, t->to_boot_ns);
	put_u32(body + TERMINAL_PROCESSES, t->processes);
	memcpy(body + TERMINAL_COMM, t->comm, ACCT_COMM);
}

int process_terminal_parse(const uint8_t body[PROCESS_BODY], struct process_terminal *t)
{
	if (body[0] < 1 || body[0] > 2 || !all_zero(body + 1, 3) ||
	    !all_zero(body + TERMINAL_ZERO, TERMINAL_COMM - TERMINAL_ZERO) ||
	    !all_zero(body + TERMINAL_END, PROCESS_BODY - TERMINAL_END))
		return E_FORMAT;
	t->state = body[0];
	t->pid = get_u32(body + 4);
	t->uid = get_u32(body + 8);
	t->tty_dev = get_u32(body + 12);
	t->from_boot_ns = get_u64(body + 16);
	t->to_boot_ns = get_u64(body + 24);
	t->processes = get_u32(body + TERMINAL_PROCESSES);
	memcpy(t->comm, body + TERMINAL_COMM, ACCT_COMM);
	return 0;
}

enum { WATCH_RULE = 8, WATCH_END = 40 };

void process_watch_put(uint8_t body[PROCESS_BODY], const struct process_watch *w)
{
	memset(body, 0, PROCESS_BODY);
	body[0] = w->state;
	put_u32(body + 4, w->pid);
	memcpy(body + WATCH_RULE, w->rule, sizeof(w->rule));
}

int process_watch_parse(const uint8_t body[PROCESS_BODY], struct process_watch *w)
{
	if (body[0] < 1 || body[0] > 3 || !all_zero(body + 1, 3) ||
	    !is_name(body + WATCH_RULE, sizeof(w->rule)) ||
	    !all_zero(body + WATCH_END, PROCESS_BODY - WATCH_END))
		return E_FORMAT;
	w->state = body[0];
	w->pid = get_u32(body + 4);
	memcpy(w->rule, body + WATCH_RULE, sizeof(w->rule));
	return 0;
}

enum { BOOT_TICKS = 8, BOOT_END = 12 };

void process_boot_put(uint8_t body[PROCESS_BODY], const struct process_boot *b)
{
	memset(body, 0, PROCESS_BODY);
	put_u64(body, (uint64_t)b->boot_wall_ns);
	put_u32(body + BOOT_TICKS, b->ticks_per_s);
}

int process_boot_parse(const uint8_t body[PROCESS_BODY], struct process_boot *b)
{
	if (get_u32(body + BOOT_TICKS) == 0 || get_u32(body + BOOT_TICKS) > SECOND ||
	    !all_zero(body + BOOT_END, PROCESS_BODY - BOOT_END))
		return E_FORMAT;
	b->boot_wall_ns = (int64_t)get_u64(body);
	b->ticks_per_s = get_u32(body + BOOT_TICKS);
	return 0;
}

enum { INPUT_ZERO = 12, INPUT_NAME = 16, INPUT_END = INPUT_NAME + INPUT_SOURCE };

void process_input_put(uint8_t body[PROCESS_BODY], const struct process_input *i)
{
	memset(body, 0, PROCESS_BODY);
	put_u64(body, i->boot_ns);
	put_u32(body + 8, i->text_len);
	memcpy(body + INPUT_NAME, i->source, INPUT_SOURCE);
}

int process_input_parse(const uint8_t body[PROCESS_BODY], struct process_input *i)
{
	if (get_u32(body + 8) == 0 || get_u32(body + 8) > INPUT_TEXT_MAX ||
	    !all_zero(body + INPUT_ZERO, INPUT_NAME - INPUT_ZERO) || body[INPUT_NAME] == 0 ||
	    !is_name(body + INPUT_NAME, INPUT_SOURCE) ||
	    !all_zero(body + INPUT_END, PROCESS_BODY - INPUT_END))
		return E_FORMAT;
	i->boot_ns = get_u64(body);
	i->text_len = get_u32(body + 8);
	memcpy(i->source, body + INPUT_NAME, INPUT_SOURCE);
	i->source[INPUT_SOURCE] = '\0';
	return 0;
}

int64_t process_boot_date(const struct process_boot *b, uint64_t start_ticks)
{
	uint64_t s = start_ticks / b->ticks_per_s;
	uint64_t ns = start_ticks % b->ticks_per_s * SECOND / b->ticks_per_s;
	int64_t date;

	if (b->boot_wall_ns == 0)
		return 0;
	if (s >= INT64_MAX / SECOND ||
	    __builtin_add_overflow(b->boot_wall_ns, (int64_t)(s * SECOND + ns), &date))
		return INT64_MAX;
	return date;
}
