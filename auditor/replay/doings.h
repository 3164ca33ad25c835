/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DOINGS_H
#define SHELLAC_DOINGS_H

#include "replay/study.h"
#include "screen/commands.h"

/* The commands of a session, by the lines that were typed; without process records, which
 * can take long to read. */
struct doings {
	struct commands_gather *gather;
	struct study study;
	struct commands all;
	int done;
};

/* fd and seen stay the caller's.  0, -ENOMEM or -errno; release it either way. */
int doings_open(struct doings *d, int fd, struct seen *seen);
void doings_release(struct doings *d);

/* As study_work(). */
int doings_work(struct doings *d, uint64_t ns);

/* The line that was typed last up to a time, NULL for none; and those next to it. */
const struct command_line *doings_at(const struct doings *d, uint64_t at_ns);
const struct command_line *doings_next(const struct doings *d, uint64_t at_ns);
const struct command_line *doings_before(const struct doings *d, uint64_t at_ns);

#endif
