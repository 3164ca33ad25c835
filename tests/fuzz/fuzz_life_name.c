/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "life_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char text[2 * LIFE_NAME_SIZE], out[LIFE_NAME_SIZE];
	struct life_name n;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, p, len);
	text[len] = '\0';
	if (life_name_parse(text, &n) == 0)
		assert(strcmp(life_name_format(out, &n), text) == 0);
	return 0;
}
