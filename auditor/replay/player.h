/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PLAYER_H
#define SHELLAC_PLAYER_H

#include <stdint.h>

#include "auditor.h"
#include "verify/judge.h"
#include "replay/doings.h"
#include "replay/draw.h"
#include "replay/follow.h"
#include "replay/hits.h"
#include "replay/prompt.h"
#include "replay/proof.h"
#include "sessions/session_ledger.h"
#include "replay/reel.h"
#include "replay/view.h"
#include "output/sink.h"
#include "replay/terminal.h"

#define PLAYER_SPEED_MAX 1024.0
#define PLAYER_SPEED_MIN (1 / 64.0)
#define PLAYER_MESSAGE 160

/* How a session is to be played. */
struct player_how {
	double speed;          /* 1: as it was */
	uint64_t max_wait_ns;  /* longest pause of the session that is waited for */
	int no_wait;
	int follow;
	const char *at;        /* where to begin, as where.h has it, or NULL */
	const char *match;     /* what to look for, or NULL */
	unsigned match_flags;  /* of pattern.h */
};

/*
 * A session on the auditor's terminal: its clock, and the keys that steer it.
 */
struct player {
	struct auditor *a;
	struct store_session *entry;
	struct player_how how;
	struct judge_how judge_how;
	int fd;
	struct follow follow;
	int live;              /* at the end of what there is: what comes is shown at once */
	struct terminal terminal;
	struct sink out;
	struct draw draw;
	struct view view;
	struct reel reel;
	struct proof proof;
	struct session_ledger ledger;
	struct expect expect;  /* what it says of the session, where it does */
	uint64_t pos_ns;       /* in the session: what was before it is on the screen */
	uint64_t mono_ns;      /* when that was so */
	uint64_t drawn_ns;     /* when the terminal was drawn */
	int dirty;             /* it is to be drawn */
	int paused;
	int ended;             /* nothing comes next, for now */
	int steered;           /* a key was pressed: the end is waited at */
	int help;              /* the keys are shown */
	struct hits hits;      /* of what is looked for, if matching */
	int matching;
	struct hit hit;        /* that was gone to, at its at_ns */
	struct doings doings;
	struct prompt prompt;  /* asks for something */
	char message[PLAYER_MESSAGE]; /* until the next key */
	int stopped;           /* 0; 1: the user quit; TERMINAL_SIGNAL + n: signal n */
};

/* Plays e on the terminal of stdout, which is as it was afterwards.  0 with the verdict in
 * *v, and in *stopped what player.stopped is; or a negative code. */
int player_session(struct auditor *a, struct store_session *e, const struct player_how *how,
    struct verdict *v, int *stopped);

/* For the player's parts. */

/* Goes to a time in the session, indexing up to there.  0 or negative. */
int player_go(struct player *p, uint64_t at_ns);

/* In a long work: shows what and how far it is, at times.  1 when a key says to stop. */
int player_busy(struct player *p, const char *what, uint64_t done, uint64_t all);

/* Goes to a place as where.h has it; one that there is not is said.  0 or negative. */
int player_place(struct player *p, const char *text);

/* Looks for a text from now on, player_hits.c.  Wrong ones are said.  0 or negative. */
int player_match(struct player *p, const char *text);
void player_match_end(struct player *p);
/* Goes to the next place of it (way > 0), or to the one before.  0 or negative. */
int player_hit(struct player *p, int way);
/* Shows the places of it that are on the screen. */
void player_mark(struct player *p);
/* "3/17 word", or "" */
#define PLAYER_HITS 120
void player_hits_text(const struct player *p, char text[PLAYER_HITS]);

/* Goes to the next command, or to the one before.  0 or negative. */
int player_command(struct player *p, int way);

/* What a key does, player_keys.c.  0 or negative. */
int player_key(struct player *p, int key);

/* Reads what the ledger says of the session, as it is judged from now on; one that cannot be
 * read was said, and nothing is known of it then.  player_ledger.c */
void player_ledger(struct player *p);
/* What the whole session is proven by, verdict.level: LEVEL_NONE as long as it is not. */
int player_level(struct player *p);

/* Draws all that is to be seen, player_draw.c. */
void player_draw(struct player *p);

/* Plays on to the next event that can be seen.  0 or negative. */
int player_skip(struct player *p);

/* "..." until the next key. */
void player_say(struct player *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
