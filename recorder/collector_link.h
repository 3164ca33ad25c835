/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COLLECTOR_LINK_H
#define SHELLAC_COLLECTOR_LINK_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

/* For an answer to PROBE and REGISTER.  A collector that takes longer has begun
 * a session that stays empty: rather long for one that hangs than short for one
 * that has much to do. */
#define LINK_ANSWER_S 5

/*
 * The recorder's side of the registration socket: connect, REGISTER, later ACKs,
 * and after the collector went away connect again and RESUME.  After
 * registration nothing here blocks.
 */
struct collector_link {
	char socket[PATH_MAX];
	int session_dir;        /* run/session, O_PATH; -1 */
	int fd;                 /* -1: the collector is away */
	uint8_t id[ID_SIZE];
	uint64_t acked;         /* all frames before this one are on disk */
	uint64_t retry_ns;      /* CLOCK_MONOTONIC; when to connect again */
	uint64_t delay_ns;
	int answered;           /* the collector said something on this connection */
	int spooled;            /* it was told on this connection that we spool */
	int drained;            /* DRAINED came and link_drained() was not called */
	uint64_t slow_ns;       /* when it last said that it takes little; 0: never */
	int hang_up;            /* the collector said that the session is to end, */
	int held;               /* or to stand still until it says otherwise, or is gone */
	int late;               /* not registered yet: nobody collected at the start */
	uint8_t pk[PK_SIZE];    /* of chunk 0 */
	uint16_t flags;         /* of REGISTER */
	uint16_t version;       /* that the collector is asked in */
	int lowered;            /* it was a newer one, until it refused that */
	int refused;            /* code of the last REFUSED, unless it is put off; or 0 */
	int put_off;            /* code of one that says: not now */
	char text[MESSAGE_TEXT_MAX + 1]; /* of the last REFUSED */
};

/* run: the folder of register.sock.  0 or -errno (nobody collects there). */
int link_open(struct collector_link *l, const char *run);
void link_release(struct collector_link *l);

/* Connects, asks PROBE, waits at most a few seconds for READY.  0 or -errno or
 * E_FORMAT. */
int link_probe(struct collector_link *l);

/* Makes the session's FIFO in run/session and opens it for reading and writing,
 * so that what is in it outlives a collector.  Returns the descriptor or -errno. */
int link_make_fifo(struct collector_link *l, const uint8_t id[ID_SIZE]);

/* Removes it again; only where no collector took it over. */
void link_unlink_fifo(const struct collector_link *l);

/* Connects and registers.  The answer is worth something else to do meanwhile:
 * link_certificate() waits for it, at most LINK_ANSWER_S; its body goes to cert (room
 * for MESSAGE_BODY_MAX) and its length to *len.  0, -errno, E_FORMAT (not a
 * certificate for this id and key), E_REFUSED (l->text; l->put_off where it may be
 * asked again later, l->refused where not).  A collector of the version before is
 * asked again in its version. */
int link_register(struct collector_link *l, const uint8_t pk[PK_SIZE], uint16_t flags);
int link_certificate(struct collector_link *l, uint8_t *cert, size_t *len);

/* Instead of it, where nobody answered or it was put off: registers without waiting
 * for the certificate; where nobody listens, link_retry() tries again.  Who is to be
 * recorded is told here, as the real user of this moment. */
void link_register_late(struct collector_link *l, const uint8_t pk[PK_SIZE], uint16_t flags);

/* The collector is connected and has answered since. */
int link_is_up(const struct collector_link *l);

/* It has said that it is there and takes this session slowly: so until this time a
 * full FIFO is no sign that it is away.  0: it has not. */
uint64_t link_slow_until(const struct collector_link *l);

/* Says how much of the spool counts.  The answer is link_drained(), 1 once. */
void link_tell_spooled(struct collector_link *l, uint64_t length, uint64_t generation);
int link_drained(struct collector_link *l);

/* The descriptor is readable or hung up: takes in messages. */
void link_turn(struct collector_link *l, uint64_t now_ns);

/* Asks the collector to look into the FIFO now.  It may be away: then nothing
 * happens. */
void link_hurry(const struct collector_link *l);

/* Connects again where retry_ns has come. */
void link_retry(struct collector_link *l, uint64_t now_ns);

/* 1 when the run folder itself is gone, so that no collector can come back. */
int link_is_gone(const struct collector_link *l);

#endif
