/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CHECKPOINT_H
#define SHELLAC_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "merkle.h"
#include "note.h"

/* A log's state, the text of a note (C2SP tlog-checkpoint): origin, size in decimal,
 * root in base64, each on a line; further lines are kept out of what we write and
 * ignored in what we read. */
#define CHECKPOINT_TEXT_MAX 512

struct checkpoint {
	char origin[NOTE_NAME_MAX + 1];
	uint64_t size;
	uint8_t root[MERKLE_HASH];
};

/* The text; its length. */
int checkpoint_format(char out[CHECKPOINT_TEXT_MAX], const struct checkpoint *c);
/* A size has no leading zero.  0, E_FORMAT or E_RANGE. */
int checkpoint_parse(struct checkpoint *c, const char *text, size_t len);

/* The host's name as a log, which is also its key's: "shellac/" and the 32 hex
 * digits of the host id, which is made of the host's first key. */
void checkpoint_origin(char out[NOTE_NAME_MAX + 1], const uint8_t host_pk[PK_SIZE]);
void checkpoint_origin_id(char out[NOTE_NAME_MAX + 1], const uint8_t id[ID_SIZE]);
/* The host id in such a name.  0 or E_FORMAT. */
int checkpoint_origin_parse(uint8_t id[ID_SIZE], const char *origin);

#endif
