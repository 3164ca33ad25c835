/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_H
#define SHELLAC_REPORT_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a report says, before it is text, JSON or a page: sections, each with facts, with
 * what is missing, and with tables whose cells have a type.  Nothing in it depends on when,
 * where or by whom it is made.  All texts are bytes from outside: printers escape them.
 */

/* What something is evidence for; a framework's requirements are sets of these. */
enum report_topic {
	TOPIC_SESSION = 1 << 0,     /* who, from where, when, what, how it ended */
	TOPIC_PRIVILEGED = 1 << 1,
	TOPIC_UNRECORDED = 1 << 2,
	TOPIC_OUTAGE = 1 << 3,      /* a time for which nobody can say who was here */
	TOPIC_PROOF = 1 << 4,       /* that nothing was changed or is missing */
	TOPIC_WITNESS = 1 << 5,     /* somebody elsewhere knows what was here */
	TOPIC_CLOCK = 1 << 6,
	TOPIC_FAILURE = 1 << 7,
	TOPIC_START = 1 << 8,       /* logging began, ended, was stopped */
	TOPIC_LOSS = 1 << 9,        /* bytes that a session lost */
	TOPIC_ACCESS = 1 << 10,     /* somebody looked at recordings */
	TOPIC_FINDING = 1 << 11,
	TOPIC_REVIEW = 1 << 12,
	TOPIC_RETENTION = 1 << 13,
	TOPIC_PURGE = 1 << 14,
	TOPIC_CONFIG = 1 << 15,
	TOPIC_KEY = 1 << 16,
	TOPIC_CAPACITY = 1 << 17,
	TOPIC_NOTICE = 1 << 18,     /* users were told that they are recorded */
	TOPIC_LIMIT = 1 << 19,
};

enum report_section_id {
	REPORT_SOURCE, REPORT_COVERAGE, REPORT_USERS, REPORT_INTEGRITY, REPORT_TIME,
	REPORT_FAILURES, REPORT_ACCESS, REPORT_FINDINGS, REPORT_REVIEW, REPORT_RETENTION,
	REPORT_CONFIGURATION, REPORT_CAPACITY, REPORT_LIMITS, REPORT_SECTIONS
};

enum report_type {
	REPORT_TEXT,
	REPORT_COUNT,   /* also numbers that name something: sessions, chunks, leaves */
	REPORT_NUMBER,  /* the same, printed without separators */
	REPORT_BYTES,
	REPORT_WALL,    /* ns since 1970 */
	REPORT_LENGTH,  /* ns */
	REPORT_COMMAND, /* text: what to run to see it, or to check it */
};

#define REPORT_UNKNOWN INT64_MIN

union report_value {
	int64_t number;   /* REPORT_UNKNOWN: not known */
	const char *text; /* NULL: likewise */
};

struct report_column {
	const char *key, *head; /* in JSON, for eyes */
	enum report_type type;
};
#define REPORT_COLUMNS 14

struct report_table {
	struct report *report;
	const char *key, *title;
	const struct report_column *column;
	unsigned columns;
	unsigned topics;           /* of all its rows */
	union report_value *cell;  /* of row 0, of row 1, ... */
	size_t cells, cell_room;
	unsigned *topic;           /* of each row */
	size_t rows, row_room;
};
#define REPORT_TABLES 4

struct report_fact {
	const char *name;          /* stays the caller's, for ever */
	enum report_type type;
	union report_value value;
	unsigned topics;
};

struct report_gap {
	const char *text;
	const char *command;       /* that shows more, or mends it; NULL for none */
	unsigned topics;
};

struct report_section {
	struct report_fact *fact;
	size_t facts, fact_room;
	struct report_gap *gap;
	size_t gaps, gap_room;
	struct report_table table[REPORT_TABLES];
	unsigned tables;
	unsigned topics;           /* of all of it */
};

struct report_block;

struct report {
	struct report_section section[REPORT_SECTIONS];
	unsigned long long findings; /* rows and gaps that are wrong, not only missing */
	struct report_block *block;  /* texts */
	int error;                   /* -ENOMEM stays; all is passed over then */
};

void report_init(struct report *r);
void report_release(struct report *r);

/* "coverage", "Coverage", and what it is about in a sentence. */
const char *report_section_key(enum report_section_id id);
const char *report_section_title(enum report_section_id id);
const char *report_section_about(enum report_section_id id);

/* Copies of texts that live as long as the report; NULL only with r->error. */
const char *report_keep(struct report *r, const char *text);

void report_fact_text(struct report *r, enum report_section_id id, unsigned topics,
    const char *name, const char *text);
void report_fact_number(struct report *r, enum report_section_id id, unsigned topics,
    const char *name, enum report_type type, int64_t number);

/* Something is not there that one would want to see. */
void report_gap(struct report *r, enum report_section_id id, unsigned topics,
    const char *command, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* A new table of a section, which has room for REPORT_TABLES; column stays the caller's. */
struct report_table *report_table(struct report *r, enum report_section_id id, const char *key,
    const char *title, const struct report_column *column, unsigned columns);

/* A row, and then its cells from left to right, all of them. */
void report_row(struct report_table *t, unsigned topics);
void report_number(struct report_table *t, int64_t number);
void report_text(struct report_table *t, const char *text); /* copied; NULL or "" not known */
void report_textf(struct report_table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* 1 where a value of this type is not known. */
int report_is_unknown(enum report_type type, const union report_value *v);

#endif
