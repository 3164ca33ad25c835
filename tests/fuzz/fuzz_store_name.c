/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A name that is taken is the one that would be given. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char again[STORE_NAME_MAX], *name;
	struct session_name s;

	name = malloc(len + 1);
	if (name == NULL)
		return 0;
	memcpy(name, p, len);
	name[len] = '\0';
	if (store_name_parse(&s, name) == 0) {
		store_name_format(again, &s);
		assert(strcmp(again, name) == 0);
	}
	free(name);
	return 0;
}
