/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ACCESS_CLIENT_H
#define SHELLAC_ACCESS_CLIENT_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "access.h"

/* Between access.c and access_client.c. */

#define ACCESS_WHO_MAX 300
#define ACCESS_WHAT_MAX 64

/* One command of one auditor. */
struct access_client {
	LIST_ENTRY(access_client) link;
	struct access *access;
	struct collector *c;
	int fd;
	struct source source;
	struct timer due;   /* to speak for the first time; for sync */
	enum { ACCESS_IDLE, ACCESS_SYNCS, ACCESS_WANTS, ACCESS_REVIEWS } state;
	uint64_t close_seq; /* of sync */

	int all;            /* wanted and logged: all sessions, */
	uint64_t n;         /* or this one; 0 none */

	int is_plugin;      /* whose end the collector made */
	void (*granted)(void *arg, int error); /* of it, once */
	void *granted_arg;

	uint64_t want_n;    /* 0: all */
	uint64_t index;     /* of its ACCESS */
	char who[ACCESS_WHO_MAX + 1], what[ACCESS_WHAT_MAX + 1], reason[ACCESS_REASON_MAX + 1];
};
LIST_HEAD(access_clients, access_client);

/* Takes over fd.  NULL without memory, fd is then the caller's. */
struct access_client *access_client_new(struct access *a, struct collector *c, int fd, uid_t uid);
/* The client is a plugin, for which all is wanted: ACCESS goes into the ledger, and done is
 * called when that is on disk, with 0, or with an error, after which the client is freed.  0
 * or -errno: done is not called. */
int access_client_grant(struct access_client *cl, const char *plugin,
    void (*done)(void *arg, int error), void *arg);
void access_client_free(struct access_client *cl);

/* Reads its next message.  0, or anything else: it is to go. */
int access_client_turn(struct access_client *cl);

/* Answers its sync if that is over.  As above. */
int access_client_synced(struct access_client *cl);

/* access.c's: it went by itself, and is freed. */
void access_gone(struct access_client *cl);

#endif
