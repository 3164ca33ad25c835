/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/store/fleet_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Whatever a row calls a file: a session has a day that stands in its path, and only what
 * has a number is anything but a small file. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *path = strndup((const char *)p, len);
	struct fleet_place place;

	if (path == NULL)
		abort();
	fleet_place(&place, path);
	assert(place.kind >= PIECE_SESSION && place.kind <= PIECE_FILE && place.path == path);
	if (place.kind == PIECE_SESSION)
		assert(strlen(place.day) == 10 && memcmp(place.day, path + 8, 4) == 0 && place.n > 0);
	else
		assert(place.day[0] == '\0');
	free(path);
	return 0;
}
