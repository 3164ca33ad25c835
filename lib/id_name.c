/* SPDX-License-Identifier: ISC */
#include "id_name.h"

#include <string.h>

#include "bytes.h"
#include "err.h"

#define HEX_SIZE (2 * (size_t)ID_SIZE)

static const char fifo[] = ".fifo", spool[] = ".spool";

_Static_assert(FIFO_NAME_SIZE == HEX_SIZE + sizeof(fifo), "an id, the suffix, a zero");
_Static_assert(SPOOL_NAME_SIZE == HEX_SIZE + sizeof(spool), "an id, the suffix, a zero");

static void format(char *out, const uint8_t id[ID_SIZE], const char *suffix)
{
	hex_put(out, id, ID_SIZE);
	memcpy(out + HEX_SIZE, suffix, strlen(suffix) + 1);
}

static int parse(uint8_t id[ID_SIZE], const char *name, const char *suffix)
{
	char hex[HEX_SIZE + 1];

	if (strnlen(name, HEX_SIZE) != HEX_SIZE || strcmp(name + HEX_SIZE, suffix) != 0)
		return E_FORMAT;
	memcpy(hex, name, HEX_SIZE);
	hex[HEX_SIZE] = '\0';
	return hex_get(id, ID_SIZE, hex);
}

void fifo_name_format(char out[FIFO_NAME_SIZE], const uint8_t id[ID_SIZE])
{
	format(out, id, fifo);
}

void spool_name_format(char out[SPOOL_NAME_SIZE], const uint8_t id[ID_SIZE])
{
	format(out, id, spool);
}

int fifo_name_parse(uint8_t id[ID_SIZE], const char *name)
{
	return parse(id, name, fifo);
}

int spool_name_parse(uint8_t id[ID_SIZE], const char *name)
{
	return parse(id, name, spool);
}
