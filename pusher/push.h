/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PUSH_H
#define SHELLAC_PUSH_H

#include "push_message.h"

/* Sends what the collector says on sock to the witnesses of its policy, and tells it
 * what they say, until it hangs up.  log, hashes: of the ledger, to read.  0, or a
 * negative code. */
int push_run(int sock, int log, int hashes);

#endif
