/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RULES_H
#define SHELLAC_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "pattern.h"

/* A small file of patterns that somebody wants to hear about, shellac-rules(5). */
enum rule_on {
	RULE_COMMAND,  /* a line that was typed, and the arguments of each process */
	RULE_TYPED,    /* a line that was typed */
	RULE_OUTPUT,   /* a line as it stood on the screen */
	RULE_SESSION,  /* "USER TTY FROM" of a session that begins */
};

#define RULES_MAX 1000
#define RULES_FILE_MAX 262144
#define RULES_LINE_MAX 1023   /* bytes of a line */
#define RULE_NAME_SIZE 65
#define RULE_NAMES_MAX 16     /* users, or hosts, of one rule */
#define RULE_SEVERITY 50      /* where the rule says none */

struct rule_names {
	char *name[RULE_NAMES_MAX];
	unsigned names;
	int not;                  /* anybody but these */
};

struct rule {
	char name[RULE_NAME_SIZE];
	unsigned line;            /* of the file */
	unsigned severity;        /* 1 (low) to 100 */
	enum rule_on on;
	struct pattern *pattern;  /* NULL: all fits */
	struct rule_names users, hosts; /* 0 names: any */
	unsigned from_min, to_min; /* of the day, local time; the same: any time */
	unsigned days;            /* bit 0 Sunday to 6; 0: any day */
};

struct rules;

/* 0, or negative with *line (0: the whole file) and why; E_FORMAT where the file is what is
 * wrong.  path "" for none: no rules. */
int rules_load(struct rules **out, const char *path, unsigned *line, char why[PATTERN_WHY]);
/* The same from len hostile bytes. */
int rules_parse(struct rules **out, const char *text, size_t len, unsigned *line,
    char why[PATTERN_WHY]);
void rules_free(struct rules *r); /* NULL is fine */
size_t rules_count(const struct rules *r);
const struct rule *rules_at(const struct rules *r, size_t i);
/* The rule of this name, or NULL. */
const struct rule *rules_find(const struct rules *r, const char *name);

/* One line of at most RULES_LINE_MAX bytes without its line feed, zero-ended; the caller
 * frees *out with rule_release().  1; 0: it says nothing; -ENOMEM; E_FORMAT with why. */
int rule_parse(struct rule *out, const char *line, char why[PATTERN_WHY]);
void rule_release(struct rule *r);

/* "command", ... */
const char *rule_on_word(enum rule_on on);

/* What a text is held against. */
struct rules_subject {
	enum rule_on on;
	const char *text;  /* UTF-8 */
	size_t len;
	const char *user, *host;
	int64_t wall_ns;   /* rules may have times of the day and days of the week */
};

/* Calls hit for each rule that fits; at and len say where in the text.  Returns how many
 * could not be decided, since looking for their pattern took too much work. */
unsigned rules_match(const struct rules *r, const struct rules_subject *s,
    void (*hit)(void *arg, const struct rule *rule, size_t at, size_t len), void *arg);

struct auditor;
struct store_session;

#define RULE_HITS_MAX 100     /* of one rule in one session that are kept */

/* A hit in a session. */
struct rule_hit {
	const struct rule *rule;
	enum rule_on on;          /* what the text is */
	uint64_t at_ns;           /* since the session's begin */
	int64_t wall_ns;
	int64_t chunk;            /* -1: none sealed it */
	char *text;               /* the line; hostile */
};

struct rule_hits {
	struct rule_hit *hit;     /* in order of time */
	size_t hits, room;
	unsigned long long more;  /* that were not kept */
	unsigned long long undecided; /* lines that took too much work */
};

void rule_hits_release(struct rule_hits *h);

#endif
