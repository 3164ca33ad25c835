/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REGISTER_H
#define SHELLAC_REGISTER_H

#include "collector.h"
#include "message.h"

/* shellac-format(5), REGISTRATION: the listening socket, and peers until they
 * have a session. */
struct register_server;

/* So many connections may be there without a session; a further one pushes the
 * oldest out.  Each has so long to say what it wants. */
#define REGISTER_PEERS_MAX 256
#define REGISTER_DEADLINE_MS 5000

/* Listens on run/register.sock, a stale one replaced: only after the store's
 * lock is held.  0 or -errno. */
int register_open(struct register_server **out, struct collector *c);
/* Stops listening and removes the socket.  NULL is fine. */
void register_close(struct register_server *r);

/* The socket that listens. */
int register_socket(const struct register_server *r);

/* Single answers; a peer that does not read them has itself to blame. */
void register_refuse(int sock, enum refused_code code, const char *text);
void register_ready(int sock);

/* Opens <id>.fifo in run/session as shellac-format(5) says.  A descriptor, or
 * -errno with *why set to what is wrong. */
int register_fifo(int fifo_dir, const uint8_t id[ID_SIZE], uid_t owner, const char **why);

#endif
