/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_VT_H
#define SHELLAC_VT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Splits what a program wrote to a terminal into text, controls and escape
 * sequences (ECMA-48, xterm's ctlseqs).  UTF-8 only: a C1 control is known by
 * its two-byte ESC form; as a code point it is a rune, as a single byte it is
 * invalid.  Control strings (OSC, DCS, APC, PM, SOS, and the title of screen(1))
 * are swallowed.  They end at ST, BEL, CAN, SUB, at any other escape sequence,
 * and at CR or LF, so that nothing on a later line can be hidden in one.
 */
#define VT_PARAMS 32
#define VT_PARAM_MAX 9999 /* larger values are clamped */

enum vt_kind {
	VT_TEXT,    /* data, len: a run of printable ASCII */
	VT_RUNE,    /* cp; data, len: its UTF-8 */
	VT_INVALID, /* len bytes that are no UTF-8; data: those bytes */
	VT_CONTROL, /* final: a C0 control other than ESC, or DEL */
	VT_ESC,     /* inter, final */
	VT_CSI,     /* prefix, inter, final, param[0 .. params - 1], colons */
};

struct vt_event {
	enum vt_kind kind;
	const uint8_t *data; /* valid until the next call */
	size_t len;
	uint32_t cp;
	uint8_t prefix;      /* one of < = > ? or 0 */
	uint8_t inter;       /* intermediate byte or 0 */
	uint8_t final;
	unsigned params;     /* an omitted one counts and is 0; none at all: 0 */
	uint32_t param[VT_PARAMS];
	uint32_t colons;     /* bit i: param i follows a colon, not a semicolon */
};

struct vt {
	uint8_t state;
	uint8_t held;        /* bytes of hold in use */
	uint8_t hold[4];     /* the start of a UTF-8 sequence that the input cut */
	struct vt_event seq; /* the sequence being read */
};

void vt_init(struct vt *v);

/* Takes the next event from *p, which moves on towards end.  1 and *e, or 0 when
 * the input is used up. */
int vt_next(struct vt *v, const uint8_t **p, const uint8_t *end, struct vt_event *e);

/* At the end of the input: 1 and a VT_INVALID event for a cut UTF-8 sequence, or
 * 0. */
int vt_end(struct vt *v, struct vt_event *e);

#endif
