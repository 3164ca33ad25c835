/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STATUS_H
#define SHELLAC_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "verify/judge.h"

/* What the line at the bottom of a replay says, most important first. */
struct status {
	int64_t wall_ns;         /* of the session's moment that is shown; 0: not known */
	uint64_t pos_ns, length_ns;
	int length_known;
	const char *state;       /* "PAUSED", "LIVE", "END" or "" */
	double speed;
	int64_t chunk;           /* last one of which anything is on the screen, -1: none */
	int sealed;              /* it has its seal */
	const struct verdict *v; /* on all of it, or NULL: not known yet */
	int64_t damaged;         /* chunk in which a check failed, as far as was looked; -1 none */
	int level;               /* of evidence, or LEVEL_NONE */
	const char *hits;        /* "3/17 word" or "" */
	const char *command;     /* that runs, without control characters, or "" */
	const char *message;     /* in place of the command, or "" */
};

/* The line, at most cols characters and the final zero; size is at least STATUS_MAX. */
#define STATUS_MAX 1024
void status_line(char *out, size_t size, int cols, const struct status *s);

#endif
