/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTARY_H
#define SHELLAC_NOTARY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "checkpoint.h"
#include "ledger_entry.h"

/*
 * The process that holds the host's key and the epoch's, and nothing else: a child
 * of the collector, one socketpair, a few verbs, no file but host.key and epoch.key, no
 * other system call that matters (it confines itself).  Each call here asks and waits for
 * the answer (some 0.1 ms).  It signs only what it understands: a certificate that
 * cert_parse() takes, of this host and of no lower number than the one before, entries
 * of the types below that come behind all that it signed, and a checkpoint whose text
 * it writes itself and whose size never goes back.  What it remembers of that goes
 * with it.
 *
 * Errors: -errno, a code of what is wrong with the question, E_REFUSED (what it was
 * asked for it does not sign), E_KEY (it has no such key), -EPIPE when it has gone, or
 * where n is NULL: nothing can be signed for now, see notary_keep.h; the collector goes
 * on with what needs no signature.
 */
struct notary;

/* Starts it.  It makes the host's key at key_path where there is none, and epoch.key
 * in the store; the host's first public key goes to pk.  0, -errno or E_KEY; it has then said on
 * the log what is wrong. */
int notary_start(struct notary **out, int store_dir, const char *key_path, uint8_t pk[PK_SIZE]);
/* Ends it and waits for it.  NULL is fine. */
void notary_end(struct notary *n);
int notary_fd(const struct notary *n); /* readable when it has gone */
pid_t notary_pid(const struct notary *n);

/* The body of a certificate but for its signature, which is put behind: p has room. */
int notary_cert(struct notary *n, uint8_t *p, size_t len);

/* The host's key is the one with this public key, as the ledger has it on disk: what is
 * there of another one, a successor that did not come to be or the one before, is wiped
 * and overwritten.  0, E_KEY (there is no such key), -errno.  While two are there and
 * this was not said, nothing is signed (E_KEY). */
int notary_host_key(struct notary *n, const uint8_t pk[PK_SIZE]);

/* An entry as entry_put() wrote it, of type GENESIS, EPOCH or RECOVER with a new key:
 * fills in the public key of the next epoch (GENESIS: of the first, and host_pk) and
 * the signature; or KEY: makes the host's next key and fills in that and both signatures.
 * The key before signs all else until notary_host_key() says that KEY is on disk.  The key
 * of an EPOCH signs no second one.  It and its successor are both there until the entry is
 * on disk, as a checkpoint or the question for the next key tells: a crash in between loses
 * neither. */
int notary_entry(struct notary *n, uint8_t *p, size_t len);

/* Has it the key of which the ledger says that it signs the next EPOCH?  0, and all keys
 * from before are wiped from memory and overwritten on disk; or E_KEY (lost, or there
 * never was one): then the next entry must be a RECOVER that begins a new one. */
int notary_epoch_key(struct notary *n, const uint8_t pk[PK_SIZE]);

/* The signed note of this state into out (NOTE_MAX bytes); its length.  What it covers
 * is on disk: so the key from before the last entry that was signed, if it is among
 * that, is wiped and overwritten first, with one fdatasync(2). */
int notary_checkpoint(struct notary *n, uint64_t size, const uint8_t root[MERKLE_HASH],
    char *out);

#endif
