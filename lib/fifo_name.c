/* SPDX-License-Identifier: ISC */
#include "fifo_name.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

#define HEX_SIZE (2 * (size_t)ID_SIZE)

static const char suffix[] = ".fifo";

_Static_assert(FIFO_NAME_SIZE == HEX_SIZE + sizeof(suffix), "an id, the suffix, a zero");

void fifo_name_format(char *out, const uint8_t id[ID_SIZE])
{
	hex_put(out, id, ID_SIZE);
	memcpy(out + HEX_SIZE, suffix, sizeof(suffix));
}

int fifo_name_parse(uint8_t id[ID_SIZE], const char *name)
{
	char hex[HEX_SIZE + 1];

	if (strnlen(name, FIFO_NAME_SIZE) != FIFO_NAME_SIZE - 1 ||
	    strcmp(name + HEX_SIZE, suffix) != 0)
		return E_FORMAT;
	memcpy(hex, name, HEX_SIZE);
	hex[HEX_SIZE] = '\0';
	return hex_get(id, ID_SIZE, hex);
}
