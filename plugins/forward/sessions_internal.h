/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FORWARD_SESSIONS_INTERNAL_H
#define SHELLAC_FORWARD_SESSIONS_INTERNAL_H

#include "forward.h"

/* Between sessions.c, which knows them, and session_send.c. */

/* "session/2026/11/22/7-<id>.shlc" */
#define SESSION_PATH_MAX (STORE_NAME_MAX + 32)
void session_path(char *out, size_t size, const struct item *it);

/* Its file, under the name that it has by now: a descriptor, which is it->fd where that is
 * kept open, or -errno. */
int session_open(struct forward *f, struct item *it);

/* Sends what is new of it.  As forward_sessions(). */
int session_send(struct forward *f, struct item *it);

#endif
