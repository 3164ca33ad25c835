/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_MESSAGE_H
#define SHELLAC_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"

/* shellac-format(5), REGISTRATION.  One message is one SOCK_SEQPACKET record. */
#define MESSAGE_HEADER 8
#define MESSAGE_BODY_MAX 4084
#define MESSAGE_MAX (MESSAGE_HEADER + MESSAGE_BODY_MAX)
#define MESSAGE_TEXT_MAX 200

/* Versions of what recorder and collector say to each other, frames included: this
 * program's, and the oldest that it still speaks, which is the one before. */
#define MESSAGE_VERSION 2
#define MESSAGE_OLDEST 1

enum message_type {
	MSG_PROBE = 1,
	MSG_REGISTER = 2,
	MSG_RESUME = 3,
	MSG_HURRY = 4,
	MSG_SPOOLED = 5,
	MSG_READY = 16,
	MSG_CERTIFICATE = 17,
	MSG_ACK = 18,
	MSG_REFUSED = 19,
	MSG_DRAINED = 20,
	MSG_SLOW = 21,
	MSG_HANG_UP = 22,
	MSG_HOLD = 23,
	MSG_GO_ON = 24,
};

enum refused_code {
	REFUSED_MALFORMED = 1,
	REFUSED_FIFO = 2,
	REFUSED_UNKNOWN = 3,
	REFUSED_NOT_YOURS = 4,
	REFUSED_TOO_MANY = 5,
	REFUSED_NO_ROOM = 6,
	REFUSED_INTERNAL = 7,
	REFUSED_PEER = 8,
	REFUSED_RATE = 9,
	REFUSED_NEWER = 10,   /* a version newer than the collector's: ask in an older one */
	REFUSED_VERSION = 11, /* there is none that both speak */
};

struct message {
	uint8_t type;
	uint8_t id[ID_SIZE];               /* REGISTER, RESUME */
	uint8_t pk[PK_SIZE];               /* REGISTER */
	uint16_t flags;                    /* REGISTER: CERT_F_ */
	uint16_t version, oldest;          /* REGISTER, RESUME: asked in; 0, for put: 1 */
	uint64_t frame;                    /* ACK, DRAINED */
	uint64_t length, generation;       /* SPOOLED: of the spool, see spool_header.h */
	uint16_t code;                     /* REFUSED */
	char text[MESSAGE_TEXT_MAX + 1];   /* REFUSED; parse accepts printable ASCII only */
	const uint8_t *cert;               /* CERTIFICATE: points into the parsed bytes */
	size_t cert_len;
};

enum version_fit {
	VERSION_FITS,
	VERSION_NEWER,   /* ask in an older one */
	VERSION_TOO_NEW, /* none of the sender's is known, */
	VERSION_TOO_OLD, /* or taken any more */
};

/* What a collector that takes versions oldest to newest has to say to a REGISTER or
 * RESUME. */
enum version_fit message_fit(const struct message *m, unsigned oldest, unsigned newest);

/* Writes m to p (room for MESSAGE_MAX); returns its size. */
size_t message_put(uint8_t *p, const struct message *m);

/* Reads one whole record.  0, E_FORMAT, E_RANGE or E_SHORT.  Of REGISTER and RESUME of
 * a version above MESSAGE_VERSION only id, version and oldest are read. */
int message_parse(const uint8_t *p, size_t len, struct message *m);

#endif
