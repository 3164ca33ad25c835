/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "procs/procs.h"

#define SECOND INT64_C(1000000000)

struct procs_copy {
	struct procs_row row;
	struct acct_record acct;
	struct process_record record;
	struct procs_exec exec;
	uint8_t boot_id[BOOT_ID_SIZE];
	char text[]; /* exe, cwd, args */
};

static size_t text_size(const char *s)
{
	return s != NULL ? strlen(s) + 1 : 0;
}

static const char *add_text(char **at, const char *from, size_t size)
{
	char *to = *at;

	if (from == NULL)
		return NULL;
	memcpy(to, from, size);
	*at += size;
	return to;
}

static void copy_exec(struct procs_copy *c, const struct procs_exec *e)
{
	char *at = c->text;

	c->exec.exec = e->exec;
	c->exec.exe = add_text(&at, e->exe, text_size(e->exe));
	c->exec.cwd = add_text(&at, e->cwd, text_size(e->cwd));
	c->exec.args = add_text(&at, e->args, e->args_len);
	c->exec.args_len = e->args_len;
	c->row.exec = &c->exec;
}

struct procs_copy *procs_copy_new(const struct procs_row *r)
{
	size_t text = r->exec == NULL ? 0 : text_size(r->exec->exe) + text_size(r->exec->cwd) +
	    r->exec->args_len;
	struct procs_copy *c = calloc(1, sizeof *c + text);

	if (c == NULL)
		return NULL;
	c->row = *r;
	c->acct = *r->acct;
	c->row.acct = &c->acct;
	if (r->record != NULL) {
		c->record = *r->record;
		c->row.record = &c->record;
	}
	if (r->boot_id != NULL) {
		memcpy(c->boot_id, r->boot_id, BOOT_ID_SIZE);
		c->row.boot_id = c->boot_id;
	}
	if (r->exec != NULL)
		copy_exec(c, r->exec);
	return c;
}

void procs_copy_free(struct procs_copy *c)
{
	free(c);
}

const struct procs_row *procs_copy_row(const struct procs_copy *c)
{
	return &c->row;
}

int64_t procs_start(const struct acct_record *a, const struct process_record *p,
    const struct process_boot *boot)
{
	if (p != NULL && p->start_ticks != 0 && boot->ticks_per_s != 0 && boot->boot_wall_ns != 0)
		return process_boot_date(boot, p->start_ticks);
	return (int64_t)a->btime * SECOND;
}

size_t procs_flags(char out[PROCS_FLAGS], const struct procs_row *r)
{
	size_t n = 0;

	if (r->acct->flags & ACCT_F_FORK)
		out[n++] = 'F';
	if (r->acct->flags & ACCT_F_SU)
		out[n++] = 'S';
	if (r->record != NULL && (r->record->flags & PROCESS_F_OTHER_TTY))
		out[n++] = 'T';
	if (r->record != NULL && (r->record->flags & PROCESS_F_CONTRADICTION))
		out[n++] = '!';
	out[n] = '\0';
	return n;
}

/* The kernel's record has 16 bits: pts/0 and pts/2048 are one there, not in an EXEC. */
char *procs_tty(char *out, const struct procs_row *r)
{
	const struct process_exec *e = r->exec != NULL ? &r->exec->exec : NULL;

	if (e != NULL && (e->have & EXEC_TTY) && acct_tty_is(r->acct->tty, e->tty_dev) &&
	    tty_name(out, e->tty_dev >> 20, e->tty_dev & 0xfffff) == 0)
		return out;
	return acct_tty_name(out, r->acct->tty);
}
