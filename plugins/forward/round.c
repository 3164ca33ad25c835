/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "forward.h"
#include "io.h"
#include "log.h"

#define CURSOR_FILE "cursor"
#define SAVE_NS UINT64_C(1000000000)

/* Today's partitions, and tomorrow's: what comes without one has to stay in the one for all
 * others. */
static int prepare_days(struct forward *f)
{
	char day[STORE_DAY_MAX];
	int r;

	store_day(day, clock_wall());
	r = sender_prepare(f->sender, day);
	store_day(day, clock_wall() + INT64_C(86400000000000));
	return r == 0 ? sender_prepare(f->sender, day) : r;
}

/* Checkpoints and the ledger are read before what they are about, and sent behind it: the
 * fleet store never knows of a session whose bytes are not there. */
int forward_round(struct forward *f)
{
	struct checkpoints c;
	uint64_t ledger = 0;
	int r;

	forward_checkpoints_read(f, &c);
	r = prepare_days(f);
	if (r == 0)
		r = forward_ledger_look(f, &ledger);
	if (r == 0)
		r = forward_sessions(f);
	if (r == 0)
		r = forward_records(f);
	if (r == 0)
		r = forward_ledger(f, ledger);
	if (r == 0) {
		r = forward_checkpoints(f, &c);
	} else {
		free(c.p[0]);
		free(c.p[1]);
	}
	if (r == 0)
		r = forward_files(f);
	if (r == 0)
		r = notice_beat(f);
	if (r == 0)
		r = sender_commit(f->sender);
	notice_changes(f);
	return r;
}

int cursor_load(struct forward *f, const char *store)
{
	uint8_t *text = NULL;
	size_t len;
	int r;

	cursor_free(&f->cursor);
	r = f->state_folder >= 0 ? io_read_file(f->state_folder, CURSOR_FILE, CURSOR_TEXT_MAX, &text,
	    &len) : -ENOENT;
	if (r == 0)
		r = cursor_parse(&f->cursor, (char *)text, len);
	free(text);
	if (r == 0 && memcmp(f->cursor.host, f->host, ID_SIZE) == 0 &&
	    strcmp(f->cursor.store, store) == 0)
		return 0;
	if (r == 0)
		cursor_free(&f->cursor);
	if (r == -ENOMEM)
		return r;
	log_notice("%s: all of the store is sent; what is there already is passed over",
	    r == -ENOENT ? "there is no cursor" : r == 0 ? "the cursor is of another host or store" :
	    "the cursor cannot be read");
	cursor_init(&f->cursor, f->host, store);
	return 0;
}

void cursor_save(struct forward *f, int now)
{
	uint64_t commits = sender_counts(f->sender)->commits, clock = clock_boot();
	char *text;
	size_t len;
	int r;

	if (f->state_folder < 0 || commits == f->cursor_commits ||
	    (!now && clock - f->cursor_ns < SAVE_NS))
		return;
	f->cursor_ns = clock;
	r = cursor_format(&f->cursor, &text, &len);
	if (r == 0) {
		r = io_replace_file(f->state_folder, CURSOR_FILE, 0600, text, len);
		free(text);
	}
	if (r == 0)
		f->cursor_commits = commits;
	else
		log_warn("the cursor cannot be written, which will cost time: %s", err_text(r));
}
