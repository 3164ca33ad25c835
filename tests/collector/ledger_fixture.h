/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_COLLECTOR_LEDGER_FIXTURE_H
#define SHELLAC_TESTS_COLLECTOR_LEDGER_FIXTURE_H

#include "../../collector/ledger_internal.h"
#include "../../collector/session.h"
#include "sealer.h"

/* A collector in this process, without sockets: store, notary, sync threads, ledger.
 * All of it fails the running test where it cannot. */
extern struct collector host;

/* In a scratch folder, which is made by the first call. */
void host_up(void);
/* As host_up(), but the ledger's answer is returned and there is none if it is not 0. */
int host_try(void);
/* Ends as it should; as if it had been killed. */
void host_down(void);
void host_crash(void);
/* Lets the loop run until the ledger has got all to disk that somebody waits for. */
void host_settle(void);

/* A session with a chunk; its recorder. */
struct session *session_make(struct sealer *k);
void session_grow(struct session *s, struct sealer *k, enum seal_kind kind);

/* The whole ledger, which must be right: its entries, to be freed, and how many. */
struct entry *ledger_read(size_t *count);
/* How many entries are of this type. */
size_t ledger_count(uint8_t type);
/* The last entry of this type; fails where there is none. */
struct entry ledger_last(uint8_t type);

/* A file's bytes, the caller's to free; how many it has. */
struct bytes {
	uint8_t *p;
	size_t len;
};
struct bytes file_bytes(const char *path);
off_t file_size(const char *path);

#endif
