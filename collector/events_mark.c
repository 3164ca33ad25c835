/* SPDX-License-Identifier: ISC */
/*
 * Up to which process record ends were told: a collector that was killed between storing a
 * record and telling of it left it untold, and the next one tells it.  The mark on disk is a
 * file of 16 bytes in the journal's folder: MAGIC, then the record's place in the order of
 * the store, 0 while no plugin is active.  It is written behind the journal, which says more
 * where the collector was killed between both.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "accounting.h"
#include "bytes.h"
#include "err.h"
#include "events_internal.h"
#include "io.h"
#include "log.h"
#include "process_store.h"

#define NAME "told"
#define MAGIC "SHLTOLD\1"
#define MARK_SIZE 16

uint64_t events_mark_place(const struct process_record *r)
{
	return (uint64_t)r->kernel_file << 32 | r->place;
}

void events_mark_open(struct events *e)
{
	uint8_t p[MARK_SIZE];
	uint64_t newest;

	e->mark_fd = openat(e->journal.dir, NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (e->mark_fd < 0) {
		log_warn("event/" NAME ": %s; ends of processes may go untold where this collector is "
		    "killed", err_text(-errno));
		return;
	}
	if (io_pread_all(e->mark_fd, p, sizeof(p), 0) == MARK_SIZE &&
	    memcmp(p, MAGIC, sizeof(MAGIC) - 1) == 0)
		e->told = e->mark = get_u64(p + sizeof(MAGIC) - 1);
	/* where the mark is 0, what the journal has is of plugins before */
	if (e->mark != 0 && (newest = events_newest_record(e)) > e->told)
		e->told = newest;
}

void events_mark_close(struct events *e)
{
	if (e->mark_fd >= 0)
		close(e->mark_fd);
}

/* A mark that cannot be written is older than it should be: the journal knows more. */
static void write_mark(struct events *e, uint64_t mark)
{
	uint8_t p[MARK_SIZE] = MAGIC;

	if (e->mark_fd < 0 || e->mark == mark)
		return;
	put_u64(p + sizeof(MAGIC) - 1, mark);
	if (pwrite(e->mark_fd, p, sizeof(p), 0) == MARK_SIZE)
		e->mark = mark;
}

/* Nothing is told: the next plugin hears of what ends from then on. */
void events_mark_off(struct events *e)
{
	e->told = 0;
	write_mark(e, 0);
}

static struct process_store *store_of(const struct events *e)
{
	return e->c->acct != NULL ? accounting_store(e->c->acct) : NULL;
}

void events_mark_on(struct events *e)
{
	const struct process_store *s = store_of(e);
	struct process_record last;

	if (e->told == 0 && s != NULL && process_store_last(s, &last))
		e->told = events_mark_place(&last);
	write_mark(e, e->told);
}

void events_mark_store(const struct events *e)
{
	struct process_store *s = store_of(e);

	if (e->told != e->mark && s != NULL)
		(void)process_store_flush(s); /* accounting says what is wrong with it */
}

void events_mark_told(struct events *e)
{
	write_mark(e, e->told);
}

int events_mark_end(struct events *e, const struct process_record *r)
{
	uint64_t place = events_mark_place(r);

	if (place <= e->told)
		return 0;
	e->told = place;
	return 1;
}

struct missed {
	struct events *e;
	uint64_t count;
};

static int tell(void *ctx, const struct process_record *r, const struct process_boot *boot)
{
	struct missed *m = ctx;
	struct acct_record a;

	if (acct_record_parse(r->body, &a) != 0)
		return 0;
	m->count++;
	events_process_end(m->e, r, &a, boot);
	return 0;
}

void events_catch_up(struct events *e, const struct process_store *s)
{
	struct missed m = { .e = e };
	struct process_record last;
	int r = 0;

	if (e == NULL || e->plugins == PLUGINS_NONE)
		return;
	if (e->told == 0) {
		if (e->plugins == PLUGINS_ACTIVE)
			events_mark_on(e);
		return;
	}
	if (!process_store_last(s, &last) || events_mark_place(&last) < e->told) {
		e->told = 0; /* another store's mark, or the power went: nothing follows it */
		return;
	}
	if (events_mark_place(&last) > e->told)
		r = process_store_since(s, (uint32_t)(e->told >> 32), (uint32_t)e->told, e->c->boot_id,
		    tell, &m);
	if (r != 0)
		log_error("process records that nobody was told of cannot be read: %s", err_text(r));
	if (m.count > 0)
		log_info("%" PRIu64 " ends of processes are told that the collector before had stored, "
		    "and not told", m.count);
}
