/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTARY_KEEP_H
#define SHELLAC_NOTARY_KEEP_H

#include "collector.h"

/*
 * The notary of a collector, c->notary: while it is there, and when it is not.  Should
 * it go, another one is started, at most one a second.  Where that fails, c->notary is
 * NULL, and recorders are put off until there is one.
 */

/* The first one, before there are threads: the host's public key and id are known
 * from here on.  0, or -1 after it said on the log what is wrong. */
int notary_keep_start(struct collector *c);

/* Once the loop is there: watches it.  0 or -errno. */
int notary_keep_watch(struct collector *c);

/* An answer was -EPIPE: 0 if there is another notary now, which may be asked again;
 * -EPIPE. */
int notary_keep_again(struct collector *c);

void notary_keep_end(struct collector *c);

#endif
