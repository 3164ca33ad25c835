/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SIGNALS_H
#define SHELLAC_SIGNALS_H

#include "collector.h"

/* SIGTERM and SIGINT end, SIGHUP rereads the configuration, SIGUSR1 writes
 * run/status.json; SIGPIPE is ignored.  Blocks them: call before any thread is
 * made. */
void signals_block(void);

/* Watches for them.  0 or -errno. */
int signals_open(struct collector *c);

#endif
