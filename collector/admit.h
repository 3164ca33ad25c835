/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ADMIT_H
#define SHELLAC_ADMIT_H

#include "collector.h"
#include "identity.h"
#include "message.h"

/* From a peer's wish to a session.  Both take over sock when they return 0; else
 * they return the code to refuse with, have logged why, and *text is for the
 * peer. */

/* REGISTER: FIFO, number, file, certificate, keeper. */
int admit_new(struct collector *c, const struct peer_id *p, const struct message *m, int sock,
    const char **text);

/* A session with this certificate, which gets its number, this host and the policy
 * here.  0, *out and *folder for session_begin(); or a negative code.  fifo (-1: none)
 * is taken over, and closed where it fails. */
int admit_cert(struct collector *c, struct cert *cert, int fifo, struct session **out,
    int *folder);

/* RESUME: the same process as in the certificate. */
int admit_again(struct collector *c, const struct peer_id *p, const struct message *m, int sock,
    const char **text);

#endif
