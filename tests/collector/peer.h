/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_COLLECTOR_PEER_H
#define SHELLAC_TESTS_COLLECTOR_PEER_H

#include <sys/types.h>

#include "cert.h"
#include "message.h"
#include "sealer.h"

/* A collector of the build in a private folder, and a recorder's half of the
 * protocol to speak to it.  All of it fails the running test where it cannot. */
struct host {
	char dir[64];
	pid_t pid; /* of shellacd, 0: none runs */
};

void host_make(struct host *h);
/* Makes and starts one that keeps plain files, which can be compared, and owns no
 * accounting. */
void host_begin(struct host *h);
void host_start(struct host *h);
/* Ends it with sig and returns its wait status. */
int host_end(struct host *h, int sig);
void host_remove(struct host *h);
/* Asks control.sock one line; the answer without line feed. */
void host_ask(const struct host *h, const char *what, char *answer, size_t size);
/* Number of files below store/session whose name ends so. */
int host_count(const struct host *h, const char *suffix);
/* The bytes of the only such file, at most size; -1 if there is not one. */
ssize_t host_read(const struct host *h, const char *suffix, void *p, size_t size);

/* Waits until so many are there. */
void host_wait_count(const struct host *h, const char *suffix, int n);

struct peer {
	const struct host *host;
	struct sealer sealer;
	char fifo_path[128];
	int sock, fifo;
	uint8_t sent[1 << 20]; /* the stream so far */
	size_t len;
};

int peer_connect(const struct host *h);
/* Asks for a session. */
void peer_ask(struct peer *p, const struct host *h);
/* Waits for the certificate, opens the FIFO; frame 0 is in sent, not yet written. */
void peer_certified(struct peer *p);
/* Both. */
void peer_register(struct peer *p, const struct host *h);
/* Appends a chunk to sent, and its frames. */
void peer_chunk(struct peer *p, uint8_t kind, uint16_t flags, int count, size_t size);
/* Writes sent from off on. */
void peer_write(struct peer *p, size_t off);
/* Waits until the only file of that suffix has len bytes, which are the first sent. */
void host_stores(const struct host *h, const char *suffix, const struct peer *p, size_t len);
/* One message, waiting up to 10 s; its type, 0 when the other side hung up. */
int peer_receive(int sock, struct message *m);
/* Waits for the ack of the last seal. */
void peer_wait_ack(struct peer *p);
void peer_close(struct peer *p);

#endif
