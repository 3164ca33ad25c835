/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REVIEW_QUEUE_H
#define SHELLAC_REVIEW_QUEUE_H

#include "review/rules.h"
#include "sessions/sessions.h"

struct cover_row;

/* What somebody should look at, the most urgent first. */
enum queue_class {
	QUEUE_FINDING,    /* its evidence is damaged, or parts are missing */
	QUEUE_UNRECORDED, /* a terminal that nobody recorded */
	QUEUE_CUT,        /* no END */
	QUEUE_NIGHT,      /* root was at work at night */
	QUEUE_RULE,       /* a rule fits */
	QUEUE_SAMPLE,     /* nothing is said against it */
};
#define QUEUE_CLASSES (QUEUE_SAMPLE + 1)
#define QUEUE_REASON_SIZE 200

struct queue_item {
	enum queue_class class;        /* the first that fits */
	unsigned severity;             /* of the severest rule that fits, 0 none */
	const struct session_row *row; /* NULL: no session that is in the store */
	uint64_t n;                    /* 0: no session */
	uint64_t entry;                /* of the ledger, that can be signed off, where has_entry: */
	int has_entry;                 /* of a terminal, of a missing session */
	int64_t start_ns;              /* 0: not known */
	char *user, *tty;              /* hostile, "" not known */
	char *reason[QUEUE_CLASSES];   /* hostile; NULL where that does not fit */
	uint64_t at_ns;                /* of the severest hit, where has_at */
	int has_at;
	uint32_t lot;                  /* orders the sample */
};

struct queue {
	struct queue_item *item;
	size_t items, room;
};

struct queue_how {
	unsigned sample;               /* 1/100 % */
	unsigned night_from, night_to; /* hours of local time; the same: no night */
	const uint8_t *seed;           /* of the store: HASH_SIZE bytes */
};

/* A session that nobody has signed off: adds it where there is a reason to look at it.  0 or
 * -ENOMEM. */
int queue_session(struct queue *q, const struct queue_how *how, const struct session_row *row,
    const struct rule_hits *hits);
/* A terminal without a recorder, and a session whose file is missing. */
int queue_terminal(struct queue *q, const struct cover_row *row);
int queue_missing(struct queue *q, uint64_t n);

/* Takes one out. */
void queue_drop(struct queue *q, size_t i);

/* Puts it in order: the same store gives the same queue, whoever asks. */
void queue_order(struct queue *q);
void queue_release(struct queue *q);

/* "finding", ... */
const char *queue_word(enum queue_class class);

#endif
