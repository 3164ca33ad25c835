/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PLUGIN_CURSOR_H
#define SHELLAC_PLUGIN_CURSOR_H

#include <stddef.h>
#include <stdint.h>

/*
 * How far a plugin has got in the journal.  All events up to acked are done with; above it,
 * those in the ranges are not for it any more: dropped, or never there.  What is left is its
 * queue.
 */
#define CURSOR_RANGES 64

struct cursor_range {
	uint64_t from, to; /* both included */
};

struct cursor {
	uint64_t acked;
	uint64_t lost;     /* events dropped since the cursor began */
	unsigned ranges;
	struct cursor_range range[CURSOR_RANGES]; /* in order, apart from each other, above acked */
};

/* Events from `from` to `to` that lie in ranges. */
uint64_t cursor_dropped(const struct cursor *c, uint64_t from, uint64_t to);

/* Its queue, of a journal that ends with tail. */
uint64_t cursor_behind(const struct cursor *c, uint64_t tail);

/* The range that begins with seq, or NULL. */
const struct cursor_range *cursor_range_at(const struct cursor *c, uint64_t seq);

/* Drops the first `count` events from seq on that are not dropped yet, none above tail.  One
 * range is left of all that it touches, and begins with seq.  Events dropped; 0 also where
 * that would be one range too many. */
uint64_t cursor_drop(struct cursor *c, uint64_t seq, uint64_t count, uint64_t tail);

/* All up to seq are done with.  0, or E_RANGE: it is not above acked, above last, or inside
 * a range, which is acked by its last number only. */
int cursor_ack(struct cursor *c, uint64_t seq, uint64_t last);

/* The first event that is still to be had. */
uint64_t cursor_needs(const struct cursor *c);

/* The folder of the plugins' cursors, below the journal's. */
#define CURSOR_DIR "plugin"

/* The highest number that any cursor in the folder knows of; 0 where there is none. */
uint64_t cursor_newest(int dir);

/* On disk: two places in one file, written in turn, so that one is whole whatever happens. */
struct cursor_file {
	int fd;
	uint64_t turn;
	int dirty;     /* written, and not synced */
};

/* Opens name below dir, or makes it where there is none, and reads *c.  0, or -errno; or
 * -ENOENT, and E_FORMAT where neither place is whole: then the file is open, and what *c is to
 * be is the caller's to say and save. */
int cursor_open(struct cursor_file *f, int dir, const char *name, struct cursor *c);
void cursor_close(struct cursor_file *f);

/* Writes *c, into the page cache: it survives this process.  0 or -errno. */
int cursor_save(struct cursor_file *f, const struct cursor *c);

/* Makes it survive the machine.  0 or -errno. */
int cursor_sync(struct cursor_file *f);

#endif
