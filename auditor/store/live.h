/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LIVE_H
#define SHELLAC_LIVE_H

/* The collector's control socket, unix(7) stream: a line asks, a line answers.
 * An answer is waited for at most LIVE_TIMEOUT_S seconds. */
#define LIVE_TIMEOUT_S 10
#define LIVE_ANSWER_MAX 1048576

/* Sends a line, with its line feed; the answer, without, into a new string *answer that
 * the caller frees.  0 or -errno. */
int live_ask(const char *socket_path, const char *question, char **answer);

/* Waits until the collector has taken in what kernel and FIFOs held.  0, or
 * -errno (-ENOENT, -ECONNREFUSED: none is there; -EPROTO: an odd answer). */
int live_sync(const char *socket_path);

/* Has it end the ledger's epoch: EPOCH and checkpoint are on disk when this returns 0.
 * -ETIME: not in time, -EIO: it cannot; or as above. */
int live_rotate(const char *socket_path);

/* The same, and the host has a new key. */
int live_rotate_key(const char *socket_path);

/* The collector's status, one JSON object, into a new string *out without line
 * feed that the caller frees.  0 or -errno. */
int live_status(const char *socket_path, char **out);

#endif
