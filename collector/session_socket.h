/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SESSION_SOCKET_H
#define SHELLAC_SESSION_SOCKET_H

#include <stdint.h>

#include "message.h"
#include "session.h"

/* Between the files of session*.c. */

/* epoll's callback for the FIFO */
void session_fifo_event(void *arg, uint32_t events);

/* Off the list of those that get a turn. */
void session_unready(struct session *s);

/* Tells the recorder, if it is connected, and closes its socket. */
void session_refused(struct session *s, enum refused_code code, const char *text);

/* Closes the recorder's socket. */
void session_detach(struct session *s);

#endif
