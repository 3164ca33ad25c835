/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HTTP_H
#define SHELLAC_HTTP_H

#include "cosign.h"

struct http;

/* Serves w on a listening socket, which is then its own, in threads of its own:
 *
 *   POST /add-checkpoint
 *   GET /SHA-256 OF THE ORIGIN/checkpoint
 *
 * Bounded: connections, bytes of a request, seconds that one may take.  0 or -errno. */
int http_start(struct http **out, struct witness *w, int sock);

/* Requests that have begun are answered first.  NULL is fine. */
void http_stop(struct http *h);

/* "ADDRESS:PORT", numbers only, an IPv6 address in brackets; port 0 takes any that is
 * free.  A listening socket, and in out the URL that leads there; -errno. */
#define HTTP_URL_MAX 80
int http_listen(const char *where, char out[HTTP_URL_MAX]);

#endif
