/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "screen_internal.h"

/*
 * libvterm's memory lies inside the screen, so that a copy of it is a snapshot and, since it
 * never moves, a copy back is all it takes to return.  libvterm asks for about ten blocks, the
 * largest being its state (under 1 KiB) and what it keeps of each row (at most
 * SCREEN_ROWS_MAX times 4 bytes); it has no way to be told that there is no memory.
 */
static void *arena_malloc(size_t size, void *data)
{
	struct screen_arena *a = data;
	unsigned i;

	for (i = 0; i < SCREEN_SLOTS; i++) {
		if (a->used & (UINT32_C(1) << i))
			continue;
		if (size > SCREEN_SLOT)
			break;
		a->used |= UINT32_C(1) << i;
		memset(a->slot[i], 0, SCREEN_SLOT);
		return a->slot[i];
	}
	abort();
}

static void arena_free(void *p, void *data)
{
	struct screen_arena *a = data;
	size_t at;

	if (p == NULL)
		return;
	at = (size_t)((unsigned char *)p - a->slot[0]) / SCREEN_SLOT;
	a->used &= ~(UINT32_C(1) << at);
}

VTermAllocatorFunctions screen_arena_functions = { arena_malloc, arena_free };
