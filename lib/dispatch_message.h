/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DISPATCH_MESSAGE_H
#define SHELLAC_DISPATCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "plugin_conf.h"

/*
 * Between the collector and shellac-dispatch, which it starts: one SOCK_SEQPACKET record a
 * message, its type in the first byte.  Then numbers, little-endian, and texts, each but the
 * last with a zero behind it.
 */
#define DISPATCH_FD_SOCKET 3
#define DISPATCH_FD_JOURNAL 4 /* the folder of events */
#define DISPATCH_BODY_MAX (PLUGIN_FILE_MAX + 512)
#define DISPATCH_TEXTS_MAX 3

enum dispatch_type {
	/* to shellac-dispatch; BEGIN, PLUGIN..., APPLY is a configuration */
	DISPATCH_BEGIN = 1,    /* u64 last event, u8 private, the host as JSON */
	DISPATCH_PLUGIN = 2,   /* name, text of its file */
	DISPATCH_APPLY = 3,
	DISPATCH_TAIL = 4,     /* u64 last event in the journal */
	DISPATCH_ROOM = 5,     /* u8 1: the store has room for what waits, 0: it has not */
	DISPATCH_STORE = 6,    /* name; with a descriptor of the store, or refused without */
	DISPATCH_HOOK = 7,     /* name, hook */
	DISPATCH_END = 8,
	/* to the collector */
	DISPATCH_LOG = 16,     /* u8 enum log_level, text */
	DISPATCH_INPUT = 17,   /* name, one JSON object: what an input plugin brings */
	DISPATCH_ACTION = 18,  /* name, action, what it is for */
	DISPATCH_WANTS = 19,   /* name: it is to read the store */
	DISPATCH_STATUS = 20,  /* JSON, an array, an object a plugin */
	DISPATCH_APPLIED = 21, /* the configuration is in force: those before are gone */
	DISPATCH_LOST = 22,    /* u64 events dropped so far, u8 1: there is no room, 0: there is; name */
};

struct dispatch_message {
	uint8_t type;
	uint64_t number;                        /* where it has one of 8 bytes */
	uint8_t flag;                           /* of 1 byte */
	unsigned texts;
	const char *text[DISPATCH_TEXTS_MAX];   /* zero-ended */
	size_t len[DISPATCH_TEXTS_MAX];
};

/* Writes m to p (room for DISPATCH_MAX).  Its size, or 0 where it is too long. */
size_t dispatch_put(uint8_t *p, const struct dispatch_message *m);
#define DISPATCH_MAX (1 + 8 + 1 + DISPATCH_BODY_MAX)

/* Reads one record of len bytes, at most DISPATCH_MAX; p has room for one more.  The texts
 * point into p.  0 or E_FORMAT. */
int dispatch_parse(struct dispatch_message *m, uint8_t *p, size_t len);

#endif
