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

/* Has anybody its FIFO open for writing?  Not before somebody did. */
int session_has_writers(const struct session *s);

/* Tells the recorder, once a second at most, that it is read and slowly. */
void session_slow(struct session *s);

/* Tells the recorder, if it is connected, and closes its socket. */
void session_refused(struct session *s, enum refused_code code, const char *text);

/* Puts what it can of the len bytes in c->drain.buf into the file, counts it and has
 * it synced.  1 and *r; 0: not now, it gets another turn. */
int session_take_in(struct session *s, size_t len, struct intake_result *r);

/* What came is refused: the session ends here, cut. */
void session_refuse(struct session *s, int error);

/* Its recorder is gone without END; left bytes of a frame are there. */
void session_ended_by_writer(struct session *s, size_t left);

/* Sends the certificate.  0 or -errno. */
int session_send_cert(const struct session *s);

/* Closes the recorder's socket. */
void session_detach(struct session *s);

/* The same for one that cannot be reached: who may have left something is looked at soon. */
void session_hung_up(struct session *s);

/* Tells the recorder to hang up, to stand still, or to go on, which it does as long as it is
 * connected.  0 or -errno: it was not told. */
int session_tell(struct session *s, enum message_type what);

#endif
