/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_FIND_H
#define SHELLAC_SESSION_FIND_H

/*
 * Predicates that look into what a session did, and not into its row; as in struct
 * predicate, ctx is the struct sessions.
 */

/* A process ran whose name, program or arguments, or the session's own program or its
 * arguments, match a regular expression. */
int session_find_command(void *ctx, const char *text, void **value);
int session_has_command(void *ctx, const void *subject, const void *value);

/* A line of its transcript, full-screen programs' rows too, has this text. */
int session_find_text(void *ctx, const char *text, void **value);
int session_has_text(void *ctx, const void *subject, const void *value);

void session_find_free(void *value);

#endif
