/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_ENTRY_H
#define SHELLAC_LEDGER_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "cert.h"
#include "hash.h"
#include "merkle.h"
#include "seal.h"

/*
 * The ledger's entries, shellac-format(5), LEDGER.  All numbers little-endian.  An
 * entry is a header of 32 bytes and a body whose size its type fixes; the leaf that
 * the tree hashes is both.  Names of people are in no entry: a salted hash is
 * BLAKE2b-256(salt || bytes), and who knows the bytes can check it.
 *
 *   0 "SHLE"  4 version 1  5 type  6 flags u16  8 index u64  16 wall ns i64  24 boot ns u64
 */
#define ENTRY_HEADER 32
#define ENTRY_MAX 512
#define ENTRY_SALT 16
#define ENTRY_TEXT_MAX 64

enum entry_type {
	ENTRY_GENESIS = 1,
	ENTRY_BOOT = 2,       /* a collector began; boot_id says whether the host did */
	ENTRY_OPEN = 3,
	ENTRY_CLOSE = 4,
	ENTRY_EPOCH = 5,
	ENTRY_GAP = 6,
	ENTRY_FAIL = 7,
	ENTRY_RECOVER = 8,
	ENTRY_UNRECORDED = 9,
	ENTRY_CLOCK = 10,
	ENTRY_CONFIG = 11,
	ENTRY_ACCESS = 12,
	ENTRY_REVIEW = 13,
	ENTRY_PURGE = 14,
	ENTRY_KEY = 15,
	ENTRY_ACTION = 16,
};

enum entry_end { ENTRY_END_WHOLE = 1, ENTRY_END_CUT = 2 };
/* flags of OPEN */
#define ENTRY_F_LATE 1         /* CERT_F_LATE */
#define ENTRY_F_UNCERTIFIED 2  /* CERT_F_CLAIMED, only with LATE */
#define ENTRY_F_RECOVERED 4    /* OPEN, CLOSE: added by the next start */
/* All others have none. */

struct entry {
	uint8_t type;
	uint16_t flags;
	uint64_t index;        /* of the leaf, from 0 */
	int64_t wall_ns;
	uint64_t boot_ns;
	union {
		struct {
			uint8_t host_pk[PK_SIZE], epoch_pk[PK_SIZE], boot_id[BOOT_ID_SIZE];
			uint8_t sig[SIG_SIZE];  /* by host_pk */
		} genesis;
		struct {
			uint8_t boot_id[BOOT_ID_SIZE];
		} boot;
		struct {
			uint64_t n;
			uint8_t id[ID_SIZE];
			uint8_t cert[HASH_SIZE]; /* BLAKE2b-256 of the body of frame 0 */
		} open;
		struct {
			uint64_t n;
			uint8_t id[ID_SIZE];
			uint8_t end;             /* enum entry_end */
			uint64_t chunks;         /* seals; 1 or more where the end is WHOLE */
			uint8_t head[HASH_SIZE]; /* BLAKE2b-256 of the last SEAL's body; of
			                          * CERT's where there is none */
			uint64_t sealed;         /* bytes of the stream up to and with that
			                          * SEAL, 0 where there is none */
			uint64_t size;           /* of the stream; = sealed where WHOLE */
			uint8_t tail[HASH_SIZE]; /* BLAKE2b-256 of the bytes behind sealed */
		} close;
		struct {
			uint64_t epoch;          /* number, from 1 */
			uint64_t next_n;         /* next session's number */
			uint32_t live;           /* sessions in the table */
			uint8_t live_root[MERKLE_HASH]; /* of its rows' leaf hashes */
			uint64_t records_from, records_to; /* bytes of process records, since ever */
			uint8_t records[HASH_SIZE]; /* BLAKE2b-256 of those */
			uint64_t raw_ns;         /* CLOCK_MONOTONIC_RAW */
			int64_t clock_offset_ns; /* adjtimex(2) offset */
			uint32_t clock_state;    /* its status bits */
			uint64_t est_error_us;
			uint64_t size;           /* of the tree before this leaf, = index */
			uint8_t root[MERKLE_HASH]; /* of that tree */
			uint8_t next_pk[PK_SIZE];
			uint8_t sig[SIG_SIZE];   /* by this epoch's key */
		} epoch;
		struct {
			uint64_t n;
			uint8_t id[ID_SIZE];
			uint64_t chunk, lost;    /* bytes, 1 or more, that it adds */
			uint32_t reason;         /* enum gap_reason */
		} gap;
		struct {
			uint32_t what;           /* enum entry_fail */
			int32_t error;           /* errno or our code, 0: it ended */
			uint64_t n;              /* of a session, 0: of none */
			char text[ENTRY_TEXT_MAX]; /* printable ASCII, zero-filled;
			                            * no zero where it is full */
		} fail;
		struct {
			uint64_t torn;           /* bytes dropped behind the last whole entry */
			uint32_t opened, closed; /* entries that follow for sessions found so */
			uint32_t clean;          /* 1: the collector before had ended cleanly */
			uint8_t epoch_pk[PK_SIZE]; /* a new one where the old key is lost; or zero */
			uint8_t sig[SIG_SIZE];   /* by the host key, with epoch_pk; or zero */
		} recover;
		struct {
			uint32_t pid, tty_dev;
			uint64_t start_ticks;
			uint8_t salt[ENTRY_SALT], user[HASH_SIZE];
		} unrecorded;
		struct {
			int64_t step_ns;         /* by which the wall clock left its course */
			uint32_t clock_state;
		} clock;
		struct {
			uint32_t what;           /* enum entry_config */
			uint8_t hash[HASH_SIZE];
		} config;
		struct {
			uint8_t salt[ENTRY_SALT], who[HASH_SIZE], what[HASH_SIZE], reason[HASH_SIZE];
		} access;
		struct {
			uint64_t n;
			uint8_t id[ID_SIZE];
			uint32_t verdict;
			uint8_t salt[ENTRY_SALT], who[HASH_SIZE], text[HASH_SIZE];
		} review;
		struct {
			uint64_t n;
			uint8_t id[ID_SIZE];
			uint64_t chunks, bytes;  /* whose payload goes */
			uint32_t why;            /* enum entry_purge */
			uint8_t approval[HASH_SIZE];
		} purge;
		struct {
			uint8_t host_pk[PK_SIZE];    /* the new one */
			uint8_t old_sig[SIG_SIZE], new_sig[SIG_SIZE];
		} key;
		struct { /* begins as access does */
			uint8_t salt[ENTRY_SALT], who[HASH_SIZE], what[HASH_SIZE], reason[HASH_SIZE];
			uint64_t n;              /* of a session, 0: of none */
			uint32_t done;           /* enum entry_done */
		} action;
	} u;
};

enum entry_fail { FAIL_STORE = 1, FAIL_ACCT = 2, FAIL_SPOOL = 3, FAIL_SYNC = 4, FAIL_SPACE = 5,
	FAIL_WITNESS = 6, FAIL_EVENTS = 7 };
enum entry_done { ACTION_DONE = 1, ACTION_REFUSED = 2 };
enum entry_purge { PURGE_RETENTION = 1, PURGE_APPROVAL = 2 };
enum entry_config { CONFIG_FILE = 1, CONFIG_POLICY = 2, CONFIG_PLUGIN = 3 };

/* What GENESIS, EPOCH, RECOVER (with epoch_pk) and KEY sign: this text with its zero,
 * then the entry from its first byte up to the signature (KEY: to the first). */
#define ENTRY_SIGNED "shellac ledger v1"

/* Bytes of a type's entry, header included; 0 for a type that is not known. */
size_t entry_size(uint8_t type);

/* Writes it to p (room for ENTRY_MAX).  Its size.  The caller's entry must be one
 * that entry_parse() takes. */
size_t entry_put(uint8_t *p, const struct entry *e);

/* Whole canonical entries only: unknown types, versions, flags, fields out of what
 * shellac-format(5) allows are E_FORMAT; len other than the type's is E_SHORT or
 * E_RANGE.  GENESIS is index 0 and nothing else is.  Looks at no signature. */
int entry_parse(const uint8_t *p, size_t len, struct entry *e);

/* Can the first have bytes of an entry, of which there are len, be these?  0, or what
 * entry_parse() will say: E_FORMAT, E_RANGE. */
int entry_check_start(const uint8_t *p, size_t have, size_t len);

/* Puts the signature of an entry of these types at its place in p, len as entry_put()
 * gave it.  KEY: once with the old key, once with the one that the entry names.  Does
 * nothing to an entry without signature. */
void entry_sign(uint8_t *p, size_t len, const uint8_t sk[SK_SIZE]);
/* 0 or E_SIGNATURE, also for an entry that has none.  KEY: both, pk the old one. */
int entry_verify(const uint8_t *p, size_t len, const uint8_t pk[PK_SIZE]);

/* "OPEN", ...; "?" for a type that is not known. */
const char *entry_word(uint8_t type);

/* A row of an epoch's table of live sessions: 64 bytes, in order of n.  Its leaf hash
 * in live_root is merkle_leaf() of them. */
struct live_row {
	uint64_t n;
	uint8_t id[ID_SIZE];
	uint64_t chunks;
	uint8_t head[HASH_SIZE]; /* as in CLOSE */
};
#define LIVE_ROW 64
void live_row_put(uint8_t p[LIVE_ROW], const struct live_row *r);
void live_row_get(struct live_row *r, const uint8_t p[LIVE_ROW]);

#endif
