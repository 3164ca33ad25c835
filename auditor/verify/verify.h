/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_VERIFY_H
#define SHELLAC_VERIFY_H

#include <stdint.h>

#include "verify/evidence.h"
#include "verify/judge.h"
#include "store/store.h"

/* What shellac verify says, session by session, and what it comes to. */
#define VERIFY_LEVELS 4
/* What seems missing or there twice in a store that lives is looked for once more,
 * after this long. */
#define VERIFY_AGAIN_NS 200000000
#define VERIFY_MISSING (STATUS_TAMPERED + 1) /* of count[] */

/* Who wants to be told what else is printed.  verdict NULL: there is no file. */
struct verify_taker {
	void (*session)(void *arg, uint64_t n, const char *status, int level,
	    const struct verdict *verdict);
	void (*finding)(void *arg, uint64_t n, const struct finding *f);
	void *arg;
};

struct verify {
	const uint8_t *host_pk;
	const uint8_t *host_id;  /* NULL: not known from elsewhere */
	const uint8_t *epoch_pk; /* of the first epoch; NULL: not known */
	int level;       /* that is asked for */
	int json;
	int fast;        /* no seals' signatures where the ledger vouches */
	const struct witness_policy *policy;
	const char *seen; /* path of a checkpoint that was kept, or NULL */
	int64_t kept_ns;  /* what is from before need not be in a fleet any more; 0: all is */
	const char *host; /* of a fleet, by whose name lines are told; or NULL */
	const struct verify_taker *taker; /* NULL: all is printed */
	const struct verdict *judged;     /* of the session that is told of now */
	int bad;         /* there was a finding */
	int cannot;      /* something could not be read; said on stderr */
	int folders;     /* stores were given by their folders */
	int usage;       /* an argument made no sense; said on stderr */
	unsigned long long sessions, count[VERIFY_MISSING + 1], loose;
	unsigned long long dropped; /* sessions that need not be there, and are not */
	unsigned long long processes, process_files;
	unsigned long long at_level[VERIFY_LEVELS]; /* sessions without a finding, by level */
	struct evidence evidence;
	int have_evidence;
	int again;       /* it was read once more for a session that it did not know */
};

/* Reads the store's ledger, before its first session is asked about; again: what was
 * read is out of date.  0, or -1 after it said why not. */
int verify_begin(struct verify *v, const struct store *s, int again);
/* What is wrong with the ledger; all: the remarks on its time, too.  Forgets it. */
void verify_ledger(struct verify *v, int all);

void verify_session(struct verify *v, const struct store *s, struct store_session *e);

/* What the ledger makes of a session that was judged. */
struct grade {
	const char *why; /* what the level above the one reached needs */
	int unopened;    /* the ledger must know it and does not */
	const uint8_t *purged; /* its payload was deleted and the ledger says so: the digest
	                  * of the approval, or zeros; else NULL */
};

/* Sets *g and the verdict's level.  x: what the ledger expected, or NULL. */
void verify_grade(struct verify *v, const struct store_session *e, const struct expect *x,
    struct verdict *verdict, struct grade *g);

/* Prints what was judged, and counts it.  name NULL: neither file nor certificate says
 * which session it is. */
void verify_conclude(struct verify *v, const struct session_name *name,
    const struct verdict *verdict, const struct grade *g);

/* Does a bundle begin here?  Verifies it: 0, or -errno when it cannot be read. */
int verify_is_bundle(int fd);
int verify_bundle(struct verify *v, int fd);

/* A session file or a bundle anywhere.  1, or 0 when there is no such file and nothing has
 * been said. */
int verify_file(struct verify *v, const char *path);

/* The process records of a store, against the ledger too. */
void verify_processes(struct verify *v, const struct store *s);

/* The sign-offs of a store, against its ledger. */
void verify_reviews(struct verify *v, const struct store *s);

/* All sessions of a store, what is missing between them, what does not belong
 * there, and the process records. */
void verify_store(struct verify *v, struct store *s);

/* The last lines, for eyes only. */
void verify_summary(const struct verify *v);

struct auditor;

/* Hosts and sessions of a fleet, "HOST", "HOST/ID" or "ID"; none: all of it.  how: what was
 * asked for; keys: files of --key.  An exit status. */
int verify_fleet(struct auditor *a, const struct verify *how, const char *const *keys,
    size_t key_count, int argc, char **argv);

#endif
