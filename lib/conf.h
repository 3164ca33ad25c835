/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONF_H
#define SHELLAC_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "conf_watch.h"

enum conf_acct_lost { CONF_ACCT_RETAKE, CONF_ACCT_LEAVE };
enum conf_away { CONF_AWAY_SPOOL, CONF_AWAY_STRICT };
enum conf_full { CONF_FULL_FREEZE, CONF_FULL_GAP };
enum conf_input { CONF_INPUT_ECHOED, CONF_INPUT_ALL, CONF_INPUT_NONE };

/* what is done when less than space_left is free */
enum conf_space_action { CONF_SPACE_SYSLOG, CONF_SPACE_REFUSE_NEW, CONF_SPACE_FREEZE };

/* A field that may be bytes or, with this bit set, a percentage. */
#define CONF_PERCENT (UINT64_C(1) << 63)

#define CONF_PATH_MAX 255
#define CONF_GROUP_MAX 32

/* shellac.conf(5).  conf_defaults() gives the values that hold without a file. */
struct conf {
	enum conf_input input;  /* input = echoed | all | none */
	int acct;               /* acct = own | off */
	uint64_t acct_size;     /* acct_size: bytes of a kernel segment before rotation */
	enum conf_acct_lost acct_lost; /* acct_lost = retake | leave: someone took it */
	int process_events;     /* process_events = yes | no: fork, exec, exit of the kernel's */
	int process_syslog;     /* process_syslog = yes | no: each that ended */
	struct conf_watch watch[CONF_WATCH_MAX]; /* watch: several times; none | a rule */
	unsigned watches;       /* rules of it */
	int process_args;       /* process_args = yes | no: program, cwd, arguments of an exec */
	int compress;           /* compress = yes | no: closed sessions */
	int linger;             /* linger = yes | no: keeper stays while it has children */
	unsigned max_sessions;  /* max_sessions: live ones; further are refused */
	enum conf_away away;    /* away = spool | strict: nobody collects */
	uint64_t spool_size;    /* spool_size: bytes that a session reserves */
	uint64_t spool_user;    /* spool_user: bytes that a user's sessions reserve */
	enum conf_full full_action; /* full_action = freeze | gap: the spool is full */
	unsigned freeze_limit;  /* freeze_limit: seconds, then hang up; 0: never */
	char notice[CONF_PATH_MAX + 1]; /* notice = none | path: shown first; "" for none */
	unsigned evidence_ms;   /* evidence_ms: longest wait of a typed line for its ack */
	unsigned sync_ms;       /* sync_ms: longest wait of an unprompted ack */
	unsigned epoch_s;       /* epoch_s: from one EPOCH of the ledger to the next */
	uint64_t space_left;    /* space_left: see conf_space(); 0 none */
	enum conf_space_action space_left_action; /* space_left_action = syslog | refuse-new | ... */
	uint64_t user_quota;    /* user_quota: a day, see conf_space(); 0 none */
	char auditors[CONF_GROUP_MAX + 1]; /* auditors = none | group; "" for none */
	unsigned retention;     /* retention: days that recordings are kept; 0: for ever */
	char purge_approvers[CONF_PATH_MAX + 1]; /* purge_approvers = none | path; "" for none */
	char reviewers[CONF_PATH_MAX + 1]; /* reviewers = none | path; "" for none */
	unsigned session_rate;  /* session_rate: new ones of a user a minute; 0 any */
	char witness_policy[CONF_PATH_MAX + 1]; /* witness_policy = none | path; "" for none */
	int checkpoint_syslog;  /* checkpoint_syslog = yes | no: each on the log */
	char metrics_file[CONF_PATH_MAX + 1]; /* metrics_file = none | path; "" for none */
	unsigned metrics_every; /* metrics_every: seconds from one to the next */
};

struct conf_error {
	unsigned line;   /* from 1; 0: not about a line */
	char text[200];  /* printable ASCII, says what to do */
};

void conf_defaults(struct conf *c);

/* Reads text (len bytes, hostile) over the defaults.  One "key = value" a line,
 * '#' starts a comment at line start, lines to 1023 bytes.  All errors found (at
 * most max) are put into errs; returns their number, 0 = good and *c is set.
 * With errors *c is untouched.  max is at least 1. */
int conf_parse(struct conf *c, const char *text, size_t len, struct conf_error *errs, int max);

/* Reads the file at path; a file that does not exist is the defaults.  Returns
 * as conf_parse(), or -errno, or E_RANGE over 256 KiB.  A link is not followed in
 * the last component (-ELOOP). */
int conf_load(struct conf *c, const char *path, struct conf_error *errs, int max);

/* Bytes that a field says which may be a percentage, of a whole of so many bytes. */
uint64_t conf_space(uint64_t v, uint64_t whole);

/* The effective configuration, one "key = value" line each in table order, into
 * out (zero-ended, cut to size).  Returns its length.  Its BLAKE2b-256 is the
 * policy hash of certificates. */
size_t conf_dump(const struct conf *c, char *out, size_t size);

#define CONF_DUMP_MAX (3072 + CONF_WATCH_MAX * (CONF_WATCH_TEXT + 8))

/* The table itself, for documents and their tests: name, default as one would
 * write it, one line of help of key i; NULL from the number of keys on. */
const char *conf_key_name(unsigned i);
const char *conf_key_default(unsigned i);
const char *conf_key_help(unsigned i);

#endif
