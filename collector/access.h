/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCESS_H
#define SHELLAC_ACCESS_H

#include "collector.h"

/*
 * run/access.sock, for the group conf.auditors: read-only descriptors of what is in the
 * store.  A message asks, a message answers; one connection is one command of
 * shellac(1).
 *
 *   sync                           as on the control socket: "ok" or "late"
 *   want COMMAND TARGET LF REASON  TARGET: a session's number, or "all".  "ok" when the
 *                                  ledger's ACCESS, and what it is about, are on disk
 *   open PATH                      "ok" with a descriptor of a file or folder below the
 *                                  store; "want" where that was not asked for before;
 *                                  "error N" with errno's number
 *   review DAY LF NOTE             a sign-off of a session that is stored in the folder of
 *                                  DAY: "ok LEAF" when the ledger's REVIEW is on disk
 *
 * or "refused" and why.  Folders and the ledger name nobody and need no "want".
 */
#define ACCESS_SOCKET "access.sock"
#define ACCESS_MESSAGE_MAX 8192
#define ACCESS_REASON_MAX 400
#define ACCESS_CLIENTS_MAX 64

/* Writes what an ACCESS or ACTION of this index is about beside the ledger, for who may read
 * it: its salted hashes are of these.  0 or -errno. */
int access_write_text(const struct store *s, uint64_t index, const char *who, const char *what,
    const char *reason);

/* Makes the folder that those go to, on disk when this returns. */
int access_make_folder(const struct store *s);

struct access;

/* Without conf.auditors, or where there is no such group, nobody is let in: no socket.
 * 0 or -errno. */
int access_open(struct access **out, struct collector *c);
/* NULL is fine. */
void access_close(struct access *a);

/* Makes a connection for the plugin of this name, which may then open whatever an auditor
 * may who wanted all.  *fd is the plugin's end, the caller's to close; done is called when
 * ACCESS is on disk, unless access_forget() comes first.  0 or -errno: there is none. */
int access_plugin(struct access *a, const char *plugin, int *fd,
    void (*done)(void *arg, int error), void *arg);
void access_forget(struct access *a, const void *arg);

/* The configuration is another. */
void access_configured(struct access *a);

/* Answers those whose sync is over. */
void access_check(struct access *a);

#endif
