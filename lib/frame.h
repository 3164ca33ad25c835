/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FRAME_H
#define SHELLAC_FRAME_H

#include <stddef.h>
#include <stdint.h>

/* shellac-format(5), FRAMES */
#define FRAME_MAGIC 0xf5
#define FRAME_HEADER 12
#define FRAME_BODY_MAX 4084
#define FRAME_MAX (FRAME_HEADER + FRAME_BODY_MAX) /* 4096 */

enum frame_type {
	FRAME_CERT = 0x01,
	FRAME_SEAL = 0x02,
	FRAME_BEGIN = 0x10,
	FRAME_OUTPUT = 0x11,
	FRAME_INPUT = 0x12,
	FRAME_HIDDEN = 0x13,
	FRAME_WINDOW = 0x14,
	FRAME_SIGNAL = 0x15,
	FRAME_MARK = 0x16,
	FRAME_META = 0x17,
};

struct frame {
	uint8_t type;
	uint16_t len;        /* of body */
	uint64_t number;
	const uint8_t *body; /* points into the parsed bytes */
};

/* Writes the 12 bytes of a header; len is 1 to FRAME_BODY_MAX. */
void frame_put_header(uint8_t *p, uint8_t type, uint16_t len, uint64_t number);

/* Reads the frame at p.  Returns its whole size (header and body) and sets *f,
 * or E_SHORT (the len bytes, 0 included, are the start of a frame) or E_FORMAT
 * (magic, type) or E_RANGE (length).  The caller checks the number. */
int frame_parse(const uint8_t *p, size_t len, struct frame *f);

#endif
