/* SPDX-License-Identifier: ISC */
#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

int array_room(void *array_pointer, size_t used, size_t *room, size_t size)
{
	size_t want = *room > 0 ? 2 * *room : FIRST_ROOM;
	void *old, *bigger;

	if (used < *room)
		return 0;
	/* a pointer to any object pointer: read and written as bytes */
	memcpy(&old, array_pointer, sizeof(old));
	bigger = reallocarray(old, want, size);
	if (bigger == NULL)
		return -ENOMEM;
	memcpy(array_pointer, &bigger, sizeof(bigger));
	*room = want;
	return 0;
}
