/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TLS_H
#define SHELLAC_TLS_H

#include <stddef.h>

#include "link.h"

/* TLS 1.2 or newer over a connected socket that does not block, by OpenSSL. */
struct tls;

/* Reads what o names.  0, or a negative value with the reason (LINK_REASON chars). */
int tls_new(struct tls **out, const struct link_options *o, char *reason);
void tls_free(struct tls *t);

/* Takes the socket, which stays the caller's, through the handshake: the daemon's certificate
 * has to be of an authority that is trusted and of the name. */
int tls_start(struct tls *t, int fd, struct patience *p, char *reason);
int tls_send(struct tls *t, struct patience *p, const void *data, size_t len, char *reason);

/* Says that nothing more comes (close_notify), and reads until the daemon has said the same.
 * 0, -EPROTO where the connection ended without, or negative. */
int tls_finish(struct tls *t, struct patience *p, char *reason);

/* Forgets the connection. */
void tls_stop(struct tls *t);

#endif
