/* SPDX-License-Identifier: ISC */
/*
 * Up to where was told, for the collector that follows one that was killed: between storing
 * a record and telling of it, between OPEN and the session's start, or where the journal had
 * no room and its end does not show that numbers were given.  The mark on disk is a file of
 * 32 bytes in the journal's folder: MAGIC, then the process record's place in the order of the
 * store, the last lost number, the first session whose start was not told; the first and the
 * third are 0 while no plugin is active.  It is written behind the journal, which says more
 * where the collector was killed between both; in place, which takes no room on most file
 * systems.
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
#define AT_RECORD 8
#define AT_LOST 16
#define AT_SESSION 24
#define MARK_SIZE 32

uint64_t events_mark_place(const struct process_record *r)
{
	return (uint64_t)r->kernel_file << 32 | r->place;
}

/* A mark that is not there, or shorter, is of somebody who had less to say: zeros. */
static void read_mark(struct events *e)
{
	uint8_t p[MARK_SIZE] = {0};

	if (io_pread_all(e->mark_fd, p, sizeof(p), 0) < AT_RECORD ||
	    memcmp(p, MAGIC, sizeof(MAGIC) - 1) != 0)
		return;
	e->mark.record = get_u64(p + AT_RECORD);
	e->mark.lost = get_u64(p + AT_LOST);
	e->mark.session = get_u64(p + AT_SESSION);
}

void events_mark_open(struct events *e)
{
	uint64_t newest;

	e->mark_fd = openat(e->journal.dir, NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (e->mark_fd < 0) {
		log_warn("event/" NAME ": %s; ends of processes may go untold where this collector is "
		    "killed", err_text(-errno));
		return;
	}
	read_mark(e);
	e->told = e->mark;
	/* where the mark is 0, what the journal has is of plugins before */
	if (e->mark.record != 0 && (newest = events_newest_record(e)) > e->told.record)
		e->told.record = newest;
	if (e->mark.lost >= e->journal.next && e->mark.lost < INT64_MAX)
		event_journal_skip(&e->journal, e->mark.lost + 1);
}

void events_mark_close(struct events *e)
{
	if (e->mark_fd >= 0)
		close(e->mark_fd);
}

/* A mark that cannot be written is older than it should be: the journal knows more, but for
 * numbers that it lost. */
static void write_mark(struct events *e)
{
	uint8_t p[MARK_SIZE] = MAGIC;

	if (e->mark_fd < 0 || memcmp(&e->mark, &e->told, sizeof(e->mark)) == 0)
		return;
	put_u64(p + AT_RECORD, e->told.record);
	put_u64(p + AT_LOST, e->told.lost);
	put_u64(p + AT_SESSION, e->told.session);
	if (pwrite(e->mark_fd, p, sizeof(p), 0) == MARK_SIZE)
		e->mark = e->told;
}

/* Nothing is told: the next plugin hears of what ends and begins from then on. */
void events_mark_off(struct events *e)
{
	e->told.record = e->told.session = 0;
	write_mark(e);
}

static struct process_store *store_of(const struct events *e)
{
	return e->c->acct != NULL ? accounting_store(e->c->acct) : NULL;
}

void events_mark_on(struct events *e)
{
	const struct process_store *s = store_of(e);
	struct process_record last;

	if (e->told.record == 0 && s != NULL && process_store_last(s, &last))
		e->told.record = events_mark_place(&last);
	write_mark(e);
}

void events_mark_store(const struct events *e)
{
	struct process_store *s = store_of(e);

	if (e->told.record != e->mark.record && s != NULL)
		(void)process_store_flush(s); /* accounting says what is wrong with it */
}

void events_mark_told(struct events *e)
{
	write_mark(e);
}

int events_mark_end(struct events *e, const struct process_record *r)
{
	uint64_t place = events_mark_place(r);

	if (place <= e->told.record)
		return 0;
	e->told.record = place;
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

	if (e == NULL || !e->active)
		return;
	if (e->told.record == 0) {
		events_mark_on(e);
		return;
	}
	if (!process_store_last(s, &last) || events_mark_place(&last) < e->told.record) {
		e->told.record = 0; /* another store's mark, or the power went: nothing follows it */
		return;
	}
	if (events_mark_place(&last) > e->told.record)
		r = process_store_since(s, (uint32_t)(e->told.record >> 32),
		    (uint32_t)e->told.record, e->c->boot_id, tell, &m);
	if (r != 0)
		log_error("process records that nobody was told of cannot be read: %s", err_text(r));
	if (m.count > 0)
		log_info("%" PRIu64 " ends of processes are told that the collector before had stored, "
		    "and not told", m.count);
}
