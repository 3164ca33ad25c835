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

/* RESUME: the same process as in the certificate. */
int admit_again(struct collector *c, const struct peer_id *p, const struct message *m, int sock,
    const char **text);

#endif
