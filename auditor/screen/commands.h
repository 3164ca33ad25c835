/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COMMANDS_H
#define SHELLAC_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

#include "auditor.h"
#include "verify/shown.h"
#include "session_lives.h"

/*
 * What was done in a session: the lines that were typed, as they stood on the screen when
 * Enter was pressed (history and completion resolved), joined with the processes that
 * began between one and the next.
 */
#define COMMAND_KEYS 1u    /* the text is from keystrokes: the screen did not show it */
#define COMMAND_HIDDEN 2u  /* something was typed unseen: a password */
#define COMMAND_SCREEN 4u  /* a full-screen program ran */
#define COMMAND_UNTYPED 8u /* nobody typed it: what the session began with */
#define COMMAND_INPUT 16u  /* typed to a program that ran, as far as can be told, and not to
                            * the shell; the processes are those of the command before */

struct command_line {
	uint64_t at_ns, end_ns; /* Enter; and when its last process ended, or the next one was
	                         * typed, or the session ended: since the session's begin */
	int64_t chunk;          /* of the Enter, -1 where none sealed it */
	unsigned flags;
	char *text;             /* UTF-8 without control characters, without the prompt */
	int exited;             /* status is known: */
	int status;             /* wait(2) status of the process that it named */
	size_t first, lives;    /* its processes: places in commands.lives->life */
};

struct commands {
	struct command_line *line;
	size_t lines, room;
	struct session_lives *lives; /* NULL: no process records; owned */
};

/* Gathers while events go by (a shown_fn, arg is the gatherer), then joins. */
struct commands_gather;
int commands_gather_new(struct commands_gather **out);
int commands_gather_event(void *gather, const struct shown_event *x);
void commands_gather_free(struct commands_gather *g); /* NULL is fine */
/* Takes lives over (NULL: none known); cert_wall_ns: the session's begin, for the join.
 * 0 or -ENOMEM; commands_release() either way. */
int commands_join(struct commands *out, struct commands_gather *g, struct session_lives *lives,
    int64_t cert_wall_ns);
void commands_release(struct commands *c);

/* The session's begin by the clock that dates processes: since the boot, as the certificate
 * has it, behind the date of the boot that all of them share.  l may be NULL. */
int64_t commands_begin(const struct cert *cert, const struct session_lives *l);

/* All at once for a session of the auditor's open store; *v its verdict.  0 or -errno. */
int commands_of(struct commands *out, struct auditor *a, struct store_session *e,
    struct verdict *v);

#endif
