/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_JUDGE_H
#define SHELLAC_JUDGE_H

#include <stdint.h>

#include "verify/agree.h"
#include "host_chain.h"
#include "verify/hidden_runs.h"
#include "verify/notice_seen.h"
#include "session_file.h"
#include "store/store.h"

/* shellac(1), "Status".  Where several fit, the later in this list is given. */
enum verdict_status {
	STATUS_COMPLETE,    /* END is there, all is sealed and certified */
	STATUS_LIVE,        /* goes on, right so far */
	STATUS_CUT,         /* no END */
	STATUS_UNSEALED,    /* no END, and no seal at all */
	STATUS_PURGED,      /* its payload was deleted; the chain of its seals holds */
	STATUS_UNCERTIFIED, /* the host's key did not sign the certificate */
	STATUS_TORN,        /* ends inside a frame, or is empty */
	STATUS_TAMPERED,    /* a check failed */
};

#define LEVEL_NONE (-1)
#define VERDICT_FINDINGS 24
#define VERDICT_GAPS 8 /* further ones are not kept */

struct verdict_gap {
	int64_t chunk;
	uint64_t offset, bytes;
};

struct verdict {
	enum verdict_status status;
	int level;              /* 0, or LEVEL_NONE */
	struct chain chain;     /* as far as it got: certificate, last seal, totals */
	uint64_t shown_frames;  /* the first so many may be shown: sealed, or unsealed
	                         * with nothing wrong before them */
	struct purged was;      /* with STATUS_PURGED: how long the stream was, when it went */
	uint16_t rows, cols;    /* of the largest window, each */
	unsigned findings;
	struct finding finding[VERDICT_FINDINGS];
};

/*
 * Reads a session's file and judges it on the way.
 */
struct judge {
	struct session_file file;
	const uint8_t *host_pk, *host_id;
	const struct host_chain *keys;
	const struct store_session *entry;
	int done;      /* the end of the file, or of what can be believed */
	int damaged;   /* a check failed; file.finding says which */
	uint64_t size; /* of the file; 0 is a finding of its own */
	struct hidden_runs hidden;
	struct verdict_gap gap[VERDICT_GAPS];
	unsigned gaps;
	uint64_t lost; /* bytes, by the last GAP */
	struct notice_seen notice;
	struct agree agree;
	struct verdict v;
};

/* How a session is judged. */
struct judge_how {
	const uint8_t *host_pk;      /* that signed the certificate; NULL: nothing is certified */
	const uint8_t *host_id;      /* NULL: that of host_pk */
	const struct host_chain *keys; /* one of these may have, too; NULL: none */
	const struct expect *expect; /* what the ledger says of it; NULL: nothing */
	int fast;                    /* seals' signatures are left out: for a session whose
	                              * CLOSE the ledger proves, so that expect has it */
};

/* fd and entry stay the caller's and must outlive the judge.  entry: what the file's
 * name says, NULL if it says nothing; its day is "" where the folders say nothing.  0,
 * or -errno when the file cannot be read; close it either way. */
int judge_open(struct judge *j, int fd, const struct store_session *entry,
    const struct judge_how *how);
void judge_close(struct judge *j);

/* As session_file_next(), but damage is an end too: 1, 0, or -errno of a failed
 * read. */
int judge_next(struct judge *j, struct frame *f, struct event *e);

/* The verdict on what has been read: after judge_next() gave 0.  Valid until
 * judge_close(). */
const struct verdict *judge_verdict(struct judge *j);

/* All of it for a file; fd stays the caller's, entry is as in judge_open(). */
int judge_whole(int fd, const struct store_session *entry, const struct judge_how *how,
    struct verdict *v);

/* All of it for one session of a store, into *v.  A live file that seems torn is
 * looked at again: its collector may be writing.  0 or -errno. */
int judge_session(const struct store *s, struct store_session *e, const struct judge_how *how,
    struct verdict *v);

/* "COMPLETE", "CUT", ... */
const char *verdict_word(enum verdict_status s);

/* 1 for COMPLETE and LIVE.  PURGED is good where the ledger says so too. */
int verdict_good(const struct verdict *v);

#endif
