/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SEARCH_H
#define SHELLAC_SEARCH_H

#include <stdint.h>

#include "auditor.h"
#include "pattern.h"
#include "search/search_line.h"
#include "output/sink.h"

/* shellac search, in pieces: what is asked for, and what runs through all of them. */
#define SEARCH_IN_SCREEN 1u
#define SEARCH_IN_TYPED 2u
#define SEARCH_IN_COMMANDS 4u
#define SEARCH_PATTERNS 32

enum search_mode { SEARCH_LINES, SEARCH_COUNTS, SEARCH_NAMES };

struct search_want {
	const char *text[SEARCH_PATTERNS]; /* patterns: a line that fits one is a hit */
	unsigned texts, flags;             /* PATTERN_ */
	unsigned in;
	enum search_mode mode;
	unsigned before, after;            /* lines of context */
	uint64_t max;                      /* hits; UINT64_MAX: all */
	int json, colour, index;
};

/* A session whose hits are printed. */
struct search_session {
	uint64_t n;
	uint8_t id[ID_SIZE];
	const char *user; /* hostile */
	int64_t start_ns; /* 0: not known */
};

/* search_match.c: which lines are hits, and which stand around them. */
struct search_match;
struct search_patterns {
	struct pattern *pattern[SEARCH_PATTERNS];
	unsigned count;
	int literal; /* none is a regular expression */
};
/* 0 or negative with why; release either way. */
int search_patterns_new(struct search_patterns *p, const struct search_want *w,
    char why[PATTERN_WHY]);
void search_patterns_release(struct search_patterns *p);
/* The first place in text, at or behind from, that fits one of them. */
int search_patterns_find(const struct search_patterns *p, const char *text, size_t len,
    size_t from, size_t *at, size_t *hit_len);

/* show gets a hit, or a line around one (hit 0); apart: lines were left out before it. */
struct search_match *search_match_new(const struct search_want *w,
    const struct search_patterns *p,
    int (*show)(void *arg, const struct search_line *l, int hit, int apart), void *arg);
void search_match_free(struct search_match *m); /* NULL is fine */
/* A search_line_fn: the next line. */
int search_match_line(void *match, const struct search_line *l);
/* Of the lines taken so far. */
uint64_t search_match_hits(const struct search_match *m);
/* Lines at which a bound on work was met: they may be hits or not. */
uint64_t search_match_bounded(const struct search_match *m);

/* search_print.c */
struct search_print {
	const struct search_want *want;
	const struct search_patterns *patterns;
	const char *command; /* "shellac -S 'x'", in front of " replay" */
	const char *host;    /* of a fleet, hostile; or NULL */
	struct sink *out;
};
void search_print_head(const struct search_print *p, const struct search_session *s);
void search_print_line(const struct search_print *p, const struct search_session *s,
    const struct search_line *l, int hit, int apart);
void search_print_count(const struct search_print *p, const struct search_session *s,
    uint64_t hits);

/* search_process.c: programs that began in sessions, and that fit, by session and time. */
struct search_process {
	uint64_t n;
	int64_t wall_ns;
	char *text;
};
struct search_processes {
	struct search_process *process;
	size_t count, room;
};
int search_processes_find(struct search_processes *out, const struct store *s,
    const struct search_patterns *p);
void search_processes_release(struct search_processes *x);
/* Those of session n: the first and how many. */
const struct search_process *search_processes_of(const struct search_processes *x, uint64_t n,
    size_t *count);

/* search_run.c: searches these sessions, in this order; an exit status, and how many *hits. */
int search_run(struct auditor *a, const struct search_want *w, struct store_session **session,
    size_t sessions, uint64_t *hits);

#endif
