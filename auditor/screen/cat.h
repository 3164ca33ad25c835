/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CAT_H
#define SHELLAC_CAT_H

#include "auditor.h"
#include "verify/judge.h"
#include "output/sink.h"

/* What cat shows of a session, on stdout. */
struct cat {
	struct auditor *auditor;
	struct store_session *entry;
	struct judge_how how;
	int times, json, screens, processes;
	int colour;          /* what was typed is put in bold */
	int64_t begin_ns;    /* wall clock of the session's begin; 0: not known */
	struct sink out;     /* to stdout */
};

/* Its exact bytes; its lines; its commands.  0 and *v, or negative. */
int cat_raw(struct cat *c, struct verdict *v);
int cat_lines(struct cat *c, struct verdict *v);
int cat_commands(struct cat *c, struct verdict *v);

/* The time of day, where this machine or TZ is, of so many ns of the session: "14:03:22",
 * CAT_TIME chars with its zero. */
#define CAT_TIME 16
void cat_time(char out[CAT_TIME], const struct cat *c, uint64_t at_ns);

/* Says which day it is before the first line and wherever that changes: *day, 0 at first. */
void cat_day(struct cat *c, uint64_t at_ns, long *day);

#endif
