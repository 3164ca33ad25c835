/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVIDENCE_H
#define SHELLAC_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "verify/agree.h"
#include "ledger_file.h"
#include "verify/pin.h"
#include "session_file.h"
#include "store/store.h"
#include "witness_policy.h"

/*
 * What a store's ledger says: read once, checked whole, and then asked about each
 * session.  Nothing in it is believed that is not signed or hashed by what is.
 */
enum ledger_status {
	LEDGER_NONE,      /* there is none */
	LEDGER_RIGHT,
	LEDGER_MISSING,   /* a part of it is not there */
	LEDGER_TORN,      /* the log ends inside an entry */
	LEDGER_TAMPERED,  /* an entry, or what the host signed, is wrong */
	LEDGER_ROLLBACK,  /* a checkpoint that was kept has more leaves */
	LEDGER_FORK,      /* a checkpoint that was kept is of another tree */
};

/* A session that was opened. */
struct evidence_session {
	uint64_t purge;               /* leaf of its newest PURGE, or NO_LEAF; */
	uint8_t approval[HASH_SIZE];  /* by whose word, or zero */
	struct expect expect;         /* but for the row */
};

struct evidence_epoch {
	uint64_t index, number;       /* leaf; its number from 1 */
	int64_t wall_ns;
	uint32_t live;
	uint8_t live_root[MERKLE_HASH];
	uint64_t records_from, records_to; /* bytes of process records, and their digest */
	uint8_t records[HASH_SIZE];
};

/* A session of before the ledger whose payload was deleted. */
struct evidence_purge {
	uint64_t index, n;
	uint8_t id[ID_SIZE], approval[HASH_SIZE];
};

#define EVIDENCE_FINDINGS 64  /* further ones are only counted */

struct evidence {
	enum ledger_status status;
	const struct store *store;    /* NULL: it has no ledger */
	struct evidence_session *session; /* of numbers first_n, first_n + 1, ... */
	size_t sessions, session_room;
	uint64_t first_n;
	struct evidence_epoch *epoch;
	size_t epochs, epoch_room;
	uint8_t epoch_pk[PK_SIZE];    /* of the first epoch, where there is a key */
	struct host_chain keys;       /* of the host, by the ledger */
	struct host_chain signers;    /* ... and the one that was known before */
	uint8_t host_id[ID_SIZE];
	char origin[NOTE_NAME_MAX + 1]; /* the host's name as a log */
	uint64_t reviews;             /* REVIEWs that there are */
	struct evidence_purge *purge;
	size_t purges, purge_room;
	uint64_t *renewal;            /* leaves of RECOVERs that began a new chain of epoch */
	size_t renewals, renewal_room; /* keys, which only the host's key vouches for */
	struct ledger_file file;      /* read to its end, or to its first error */
	struct pin checkpoint, cosigned, seen;
	uint64_t signed_leaves;       /* by the host, at a checkpoint that fits */
	uint64_t witnessed_leaves;    /* by the policy's quorum */
	uint64_t witnessed_s;         /* when, seconds since 1970 */
	int has_policy;
	uint64_t table_epoch;         /* whose table was read last, 0 for none */
	uint8_t *table;
	size_t table_len;
	int table_error;
	uint64_t epoch_boot_ns;       /* while reading: of the last EPOCH, or of BOOT */
	int running;                  /* ... and whether that is known */
	struct finding finding[EVIDENCE_FINDINGS]; /* chunk -1, offset in the log */
	int remark[EVIDENCE_FINDINGS]; /* of the whole store's time, not of what is asked */
	unsigned findings;
	unsigned long long more;      /* that had no room */
};

struct evidence_ask {
	const uint8_t *host_pk;  /* any that it has, or had */
	const uint8_t *host_id;  /* NULL: where the ledger does not say otherwise, of host_pk */
	const uint8_t *epoch_pk; /* of the first epoch, as the host enrolled; NULL: not known */
	const struct witness_policy *policy; /* NULL: nobody's cosignature counts */
	const char *seen;                    /* path of a kept checkpoint, NULL for none */
};

/* Reads the ledger of an open store.  What is wrong with it is a finding; a store
 * without one is fine.  0, or a negative code when it cannot be read.  Release it
 * either way. */
int evidence_read(struct evidence *e, const struct store *s, const struct evidence_ask *ask);
void evidence_release(struct evidence *e);

/* The session that was opened with this number, or NULL. */
const struct evidence_session *evidence_of(const struct evidence *e, uint64_t n);

/* Must it have been?  Numbers below the ledger's first are of before it began. */
int evidence_must_know(const struct evidence *e, uint64_t n);

/* What the file of session n must be, if the ledger says anything: 1 and *x.  Reads
 * the table of live sessions that knows it best. */
int evidence_expect(struct evidence *e, uint64_t n, struct expect *x);

/* The level of evidence for a session that agrees with x; *why, where it is not the
 * highest, is what the next one needs. */
int evidence_level(const struct evidence *e, const struct expect *x, const char **why);

/* The digest of the approval, or zeros, by which the payload of this session was deleted,
 * as a PURGE says that the host signed; NULL where none does.  Behind the last checkpoint
 * anybody can append one. */
const uint8_t *evidence_purged(const struct evidence *e, const struct session_name *name);

/* The host's key that signed the certificate of this session, by the ledger: the first one
 * where it does not know it; without a ledger host_pk. */
const uint8_t *evidence_host_pk(const struct evidence *e, const struct expect *x,
    const uint8_t *host_pk);

/* Is a leaf surely from before that time, since an EPOCH behind it is? */
int evidence_is_older(const struct evidence *e, uint64_t leaf, int64_t wall_ns);

/* Does the host's signature cover the CLOSE that x tells? */
int evidence_has_close(const struct evidence *e, const struct expect *x);

/* A checkpoint of the store that fits and covers the leaf: the witnessed one, if it does;
 * or NULL. */
const struct pin *evidence_pin(const struct evidence *e, uint64_t leaf);

/* How far the host vouches with keys that are gone: the last EPOCH that a checkpoint
 * covers, or NULL. */
const struct evidence_epoch *evidence_until(const struct evidence *e);

/* Takes the next entry, which stands at offset of the log.  0 or a negative code. */
int evidence_take(struct evidence *e, const struct entry *in, uint64_t offset);

/* Whoever lost the key of an epoch, or never had it, begins new ones: a finding, unless
 * it was witnessed. */
void evidence_find_renewals(struct evidence *e);

void evidence_find(struct evidence *e, int code, uint64_t offset, const char *kind,
    const char *text);

const char *ledger_status_word(enum ledger_status s);

#endif
