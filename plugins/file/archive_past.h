/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ARCHIVE_PAST_H
#define SHELLAC_ARCHIVE_PAST_H

#include "../feed.h"
#include "file_name.h"

/* What an archive holds from before. */
struct archive_past {
	struct file_name newest; /* all zero: there is none */
	uint64_t last;           /* number of the last event in it */
	int fd;                  /* of it, to append to; -1: a new one is to be begun */
	uint64_t size;           /* of that, whole lines, all on disk */
};

/* 0 or -errno. */
int archive_past_read(struct archive_past *p, int dir);

/* 1 where the very line of the event is in the file that holds its number, 0, or -errno. */
int archive_past_has(int dir, const struct feed_event *e);

/* 1 for an events-lost, whose text is made anew each time. */
int archive_past_is_loss(const struct feed_event *e);

#endif
