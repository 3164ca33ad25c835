/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCS_H
#define SHELLAC_PROCS_H

#include <stddef.h>
#include <stdint.h>

#include "acct_record.h"
#include "words/expression.h"
#include "procs/process_index.h"
#include "process_text.h"
#include "procs/process_walk.h"
#include "store/users.h"

/*
 * shellac procs, in pieces: records come from a store (procs_store.c), a collector at
 * work (procs_follow.c) or a foreign file (procs_file.c), pass what was asked for
 * (procs_filter.c) and go to one sink: a table, JSON, a tree, sums.
 */

/* What is known of the last program that a life began: exe and cwd NULL where they are
 * not known, so args, which are args_len bytes, each ended by a zero.  Hostile. */
struct procs_exec {
	struct process_exec exec;
	const char *exe, *cwd, *args;
	size_t args_len;
};

/* Whose records a row is of. */
struct procs_host {
	const char *name;     /* as a fleet calls it, hostile; NULL: there is one host alone */
	struct users *users;
};

/* A life that has ended, or runs. */
struct procs_row {
	const struct procs_host *host;       /* as long as the sink that gets it */
	const struct acct_record *acct;      /* of a running one: what its EXEC says */
	const struct process_record *record; /* NULL: of a foreign file */
	const struct procs_exec *exec;       /* NULL: not known, or not asked for */
	const uint8_t *boot_id;              /* NULL: not known */
	int64_t start_ns;                    /* since 1970, exact where record has the start */
	int running;
};

/* Where rows go.  row: what it is given is gone when it returns. */
struct procs_sink {
	void (*row)(void *ctx, const struct procs_row *r);
	void *ctx;
};

/* procs_row.c: a copy of a row and all that it points to, for sinks that wait for the end.
 * NULL without memory. */
struct procs_copy;
struct procs_copy *procs_copy_new(const struct procs_row *r);
void procs_copy_free(struct procs_copy *c);
const struct procs_row *procs_copy_row(const struct procs_copy *c);

/* The start of a row where record and segment may say it; g may be NULL. */
int64_t procs_start(const struct acct_record *a, const struct process_record *p,
    const struct process_boot *boot);

/* "F" never exec'd, "S" used a capability, "T" on another terminal than its session's, "!"
 * two sources name two sessions; returns their number. */
#define PROCS_FLAGS 5
size_t procs_flags(char out[PROCS_FLAGS], const struct procs_row *r);

/* Terminal's name as precisely as it is known: "?" for none; TTY_NAME_SIZE chars. */
char *procs_tty(char *out, const struct procs_row *r);

/* procs_session.c: the certificate that a session begins with, unproven.  0 or negative. */
int procs_session(const struct store *s, const struct store_session *e, struct cert *cert);

/* procs_filter.c, procs_words.c: what was asked for. */
struct procs_filter {
	const struct procs_host *host; /* whose rows come */
	const struct store *store; /* NULL: a foreign file, or a fleet */
	int local;                 /* names of this machine are names of the records */
	int fleet;                 /* hosts have the names that their fleet gives them */
	char host_name[256];       /* of the store; set where it is asked for */
	struct expression *only;   /* NULL: all */
	uint64_t session;          /* 0: all */
	int unrecorded, strict;
	/* of what only asks for, so that the rest need not be read */
	int64_t from_ns, to_ns;    /* INT64_MIN, INT64_MAX: not asked for */
	int64_t began_ns;          /* session did: gaps of before say nothing of it; or MIN */
	const void *user;          /* value of a predicate that has to be true, or NULL */
	const void *command;       /* likewise */
	uint64_t asked_session;
	int wants_exec;            /* it has to know about EXECs */
	uint64_t uncertain;        /* rows that strict left out */
};

/* Reads the expression's words into f.  0; -ENOMEM; E_FORMAT with why. */
int procs_filter_words(struct procs_filter *f, int argc, char *const *argv,
    char why[EXPRESSION_WHY]);
/* What of that an index can tell: 1, or 0 where it is nothing. */
int procs_filter_query(struct procs_filter *f, struct process_index_query *q);
/* Of a fleet: can it be true of any process of the host of that name?  1 or 0. */
int procs_filter_host(const struct procs_filter *f, const char *name);
int procs_filter_takes(struct procs_filter *f, const struct procs_row *r);

/* procs_text.c: a table.  list: names of columns by commas, NULL the usual ones of what is
 * read.  0; -ENOMEM; E_FORMAT: a name that is none, in *wrong. */
struct procs_text;
enum procs_text_of { TEXT_OF_STORE, TEXT_OF_FILE, TEXT_OF_FLEET };
int procs_text_new(struct procs_text **out, const char *list, enum procs_text_of of,
    const char **wrong);
void procs_text_free(struct procs_text *t);
/* Rows from now on have so much in front of their ARGS. */
void procs_text_indent(struct procs_text *t, size_t chars);
void procs_text_row(void *text, const struct procs_row *r);
extern const char procs_columns_help[];

/* procs_json.c; without a context. */
void procs_json_row(void *none, const struct procs_row *r);

/* procs_tree.c */
struct procs_tree;
struct procs_tree *procs_tree_new(void);
void procs_tree_row(void *tree, const struct procs_row *r);
/* Prints and frees it. */
void procs_tree_end(struct procs_tree *t);

/* procs_sum.c: by is "command", "user" or "session". */
struct procs_sum;
int procs_sum_is(const char *by);
struct procs_sum *procs_sum_new(const char *by, int json, int reverse, int fleet);
void procs_sum_row(void *sum, const struct procs_row *r);
void procs_sum_end(struct procs_sum *s);

/* procs_reverse.c: keeps all, gives them to the sink last first. */
struct procs_reverse;
struct procs_reverse *procs_reverse_new(struct procs_sink to);
void procs_reverse_row(void *reverse, const struct procs_row *r);
void procs_reverse_end(struct procs_reverse *v);

/* procs_gaps.c: times for which records may be missing, or know less. */
struct procs_gaps;
struct procs_gaps *procs_gaps_new(void);
void procs_gaps_free(struct procs_gaps *g);
void procs_gaps_loss(struct procs_gaps *g, const struct process_record *p,
    const struct process_boot *boot);
/* Of a row that is shown: those that process events did not follow are a time too. */
void procs_gaps_row(struct procs_gaps *g, const struct process_record *p);
/* Says on stderr those that fall into this time; host: of a fleet, or NULL. */
void procs_gaps_say(const struct procs_gaps *g, const char *host, int64_t from_ns,
    int64_t to_ns);

/* procs_lives.c: the last EXEC of each life that has not ended yet, of one boot. */
struct procs_lives;
struct procs_lives *procs_lives_new(void);
void procs_lives_free(struct procs_lives *l);
/* Those of another boot are forgotten: nothing of them runs. */
void procs_lives_boot(struct procs_lives *l, const uint8_t boot_id[BOOT_ID_SIZE]);
void procs_lives_exec(struct procs_lives *l, const struct process_text *t);
/* Takes the one of this record's life out; NULL for none; valid until the next call. */
const struct procs_exec *procs_lives_take(struct procs_lives *l, uint32_t pid,
    const struct process_record *p);
/* Those that are left. */
void procs_lives_each(const struct procs_lives *l,
    void (*got)(void *arg, const struct process_record *p, const struct procs_exec *e), void *arg);

/* procs_store.c */
struct procs_source {
	const struct store *store;
	struct procs_filter *filter;
	struct procs_sink sink;
	int running;    /* also lives that have not ended */
	int live;       /* the store is this host's own */
	struct process_index *index; /* NULL: all is read */
	int muted;      /* what is read is taken note of, and no row is given */
	/* its own */
	struct procs_lives *lives; /* NULL: EXECs are not needed */
	struct procs_gaps *gaps;
	struct process_segment segment;
};

/* All of the store.  Number of segments or -errno. */
long procs_store(struct procs_source *s);
/* New records as they come; s->muted is set by the caller.  Negative: why it ended, -EPIPE
 * when nobody reads stdout any longer. */
int procs_follow(struct procs_source *s, const char *store_path);
/* For both: how a walk hands its slots to s. */
struct process_walk procs_source_walk(struct procs_source *s);

/* procs_file.c: a file of acct(5), "-" for stdin.  An exit status. */
int procs_file(const char *path, struct procs_filter *filter, struct procs_sink sink);

#endif
