/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LEDGER_SESSION_H
#define SHELLAC_LEDGER_SESSION_H

#include "chain.h"
#include "host_chain.h"
#include "ledger_entry.h"
#include "store.h"

/* What the ledger says of a session, from its stream. */

/* OPEN, of the body of frame 0. */
void ledger_session_open(struct entry *e, const struct cert *cert, const uint8_t *body,
    size_t len);

/* CLOSE of a stream that chain has seen to its end; fd is of the stream as it is, begun
 * is BLAKE2b-256 of the certificate's body.  0, -errno or E_SHORT. */
int ledger_session_close(struct entry *e, const struct chain *chain, int whole,
    const uint8_t begun[HASH_SIZE], int fd);

/* Both from a session's file, in whichever form: *begin is set as far as can be read,
 * *end where it can to the end.  0, -errno or why not. */
int ledger_session_read(const struct store *s, const char *day, const struct session_name *name,
    const struct host_chain *keys, struct entry *begin, struct entry *end);

#endif
