/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_FILE_H
#define SHELLAC_LEDGER_FILE_H

#include <stdint.h>

#include "ledger_entry.h"
#include "ledger_live.h"

/*
 * Reading a ledger, folder LEDGER_DIR of a store:
 *
 *   log         entries one after the other, each behind its size (u16)
 *   hashes      of the tree, see merkle.h; a cache
 *   checkpoint  the newest note that the host signed
 *   cosigned    the newest one with the witnesses' cosignatures
 *   live/EPOCH  the table of live sessions of that epoch; may be pruned
 *   access/INDEX  what the salted hashes of leaf INDEX are of; may be pruned
 *   keys        the KEY entries once more, as they stand in log; a cache
 */
#define LEDGER_DIR "ledger"
#define LEDGER_LOG "log"
#define LEDGER_HASHES "hashes"
#define LEDGER_CHECKPOINT "checkpoint"
#define LEDGER_COSIGNED "cosigned"
#define LEDGER_LIVE "live"
#define LEDGER_ACCESS "access"
#define LEDGER_KEYS "keys"

#define LEDGER_SIZE 2 /* bytes in front of an entry */

/* Checks every entry on the way: format, index, the host's signature on GENESIS, the
 * chain of epoch keys, epoch numbers, the root and size that each EPOCH states, that
 * the process records of epochs join, that sessions are opened with gapless numbers,
 * closed once, and what is said of them in between has their id. */
struct ledger_file {
	int fd;                   /* of log; the caller's */
	uint64_t offset;          /* of the next entry */
	struct merkle tree;       /* of those that were read */
	uint8_t host_pk[PK_SIZE]; /* moves on with KEY */
	uint8_t epoch_pk[PK_SIZE];
	uint8_t genesis_pk[PK_SIZE]; /* of epoch 1.  The host's key could begin a ledger anew:
	                           * only who knows this one, from the enrolment, or has a
	                           * checkpoint from elsewhere, knows that it did not */
	uint64_t epoch;           /* of the last EPOCH, 0 before the first */
	uint64_t first_n;         /* the first number that the ledger knows of, 0 before
	                           * that: sessions before it have no entry here */
	uint64_t next_n;          /* likewise 0 before the first OPEN or EPOCH */
	uint64_t key_lost;        /* index of the last RECOVER that began a new chain of
	                           * epoch keys, 0 for none: from there on, and back to
	                           * the EPOCH before it, all is worth the host's key */
	uint8_t boot_id[BOOT_ID_SIZE];
	uint64_t records_to;      /* of the last EPOCH */
	int64_t wall_ns;          /* of the last entry */
	uint64_t boot_ns;
	struct ledger_live live;  /* opened and not closed */
	uint8_t raw[ENTRY_MAX];   /* the last entry's bytes, raw_len of them */
	size_t raw_len;
	int error;                /* first error; it stays */
	uint64_t trusted;         /* the caller's to set: signatures of EPOCHs before this index
	                           * are not looked at; it knows the root of that tree */
	int host_known;           /* host_pk was given */
	uint8_t *buffer;          /* what was read and not taken yet */
	size_t from, to;
};

/* host_pk: the host's first key, from its enrolment; NULL believes GENESIS.  Free
 * with ledger_file_end(). */
void ledger_file_init(struct ledger_file *l, int fd, const uint8_t host_pk[PK_SIZE]);
void ledger_file_end(struct ledger_file *l);

/* The next entry: 1 and *e; 0 at the end; E_SHORT where the file ends inside an entry
 * (torn): both may be asked again when it has grown.  Everything else stays:
 * E_FORMAT, E_RANGE (the entry is malformed), E_KEY (GENESIS of another host's key),
 * E_SIGNATURE, E_DIGEST (an EPOCH with another root), E_CHAIN (an index, number or id
 * out of its order), -errno.  On error nothing has moved: offset is that of the entry
 * which is wrong, tree.size its index. */
int ledger_file_next(struct ledger_file *l, struct entry *e);

/* Takes all entries of the ledger of a store, of which store is a descriptor.  As above: 0, or
 * where it stopped; -errno where there is none to be read. */
int ledger_file_all(int store, void (*each)(void *arg, const struct entry *e), void *arg);

#endif
