/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENT_JOURNAL_H
#define SHELLAC_EVENT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The journal of events, shellac-format(5), "THE JOURNAL": the folder EVENT_JOURNAL_DIR of a
 * store, in it segments named by the number of their first event.  An event is a line, one
 * JSON object that begins with EVENT_JOURNAL_START, its number and a comma; numbers begin
 * with 1 and grow by one from line to line, over segments and restarts.  Numbers that are
 * not there were lost, or deleted with their segment: behind a hole begins a segment.  One
 * writer; any number of readers, in this process or others.
 */
#define EVENT_JOURNAL_DIR "event"
#define EVENT_JOURNAL_SEGMENT (4u * 1024 * 1024) /* bytes; a longer one holds one append only */
#define EVENT_JOURNAL_LINE 65536 /* bytes of a line, its line feed included */
#define EVENT_JOURNAL_START "{\"event\":{\"sequence\":"
/* A segment's numbers are below its first one plus this: no line is shorter than 32 bytes. */
#define EVENT_JOURNAL_NUMBERS (EVENT_JOURNAL_SEGMENT / 32)

/* The writer. */
struct event_journal {
	int dir, fd;    /* the folder; the newest segment, -1: to be made */
	uint64_t next;  /* number of the next event */
	uint64_t first; /* of the newest segment */
	uint64_t size;  /* of it, bytes */
	int ragged;     /* a failed write may have left bytes behind size */
	int hole;       /* next does not follow what is there */
};

/* Opens it below the store's folder, made 0700 where it is missing, and drops the torn end
 * of the last line.  0 or -errno. */
int event_journal_open(struct event_journal *j, int store_dir);
void event_journal_close(struct event_journal *j);

/* Appends the len bytes at p, one or more whole lines whose numbers are from j->next on and
 * below next.  j->next is next then, also on an error: those numbers are a hole.  In the page
 * cache when it returns, not synced.  0 or -errno: nothing of them is there. */
int event_journal_append(struct event_journal *j, const char *p, size_t len, uint64_t next);

/* The next number is next, where it is not above that already. */
void event_journal_skip(struct event_journal *j, uint64_t next);

/* The first number of the newest segment, and of the oldest; 0 where there is none.  dir is
 * the journal's folder. */
int event_journal_ends(int dir, uint64_t *oldest, uint64_t *newest);
/* The first number of the segment before the one with this first number; 0 where there is
 * none, or the folder cannot be read. */
uint64_t event_journal_before(int dir, uint64_t first);

/* Deletes the segments that hold only numbers below before, but never the newest, whose name
 * keeps the count, and is on disk first.  The segments deleted, or -errno. */
int event_journal_trim(int dir, uint64_t before);

/* Writes the newest segments' bytes and the folder to the disk: all from the one that holds
 * `from`.  0 or -errno. */
int event_journal_sync(int dir, uint64_t from);

/* A reader.  About 130 KiB of heap. */
struct event_reader;

/* Reads from the event with this number on, or the first above it that is there.  dir is the
 * journal's folder and stays the caller's.  0 or -errno. */
int event_reader_open(struct event_reader **out, int dir, uint64_t number);
void event_reader_close(struct event_reader *r);

/* The next event: 1, its number and its line with the line feed at the end, good until the
 * next call.  Numbers grow; where one is more than the one before and 1, those between are
 * not there any more, or never were.  -EAGAIN at the end: more may come.  Else -errno.
 * Lines that are none of ours, or too long, are passed over. */
int event_reader_next(struct event_reader *r, uint64_t *number, const char **line, size_t *len);

/* The number in front of a line, 0 where it does not begin as an event of the segment with
 * this first number does. */
uint64_t event_line_number(const char *p, size_t len, uint64_t first);

/* A segment's name into out; and its number, 0 for any other name. */
#define EVENT_SEGMENT_NAME 27
char *event_segment_name(char out[EVENT_SEGMENT_NAME], uint64_t first);
uint64_t event_segment_number(const char *name);
/* Opens one, of which flags say how: a descriptor, or -errno; -EINVAL, -ELOOP: there is
 * something else of that name. */
int event_segment_open(int dir, uint64_t first, int flags);

#endif
