/* SPDX-License-Identifier: ISC */
#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_ROOM 64
#define HUGE_PAGE ((size_t)2 << 20)

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

void *array_many(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
		return NULL;
	if (bytes < HUGE_PAGE)
		return malloc(bytes);
	bytes = (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	p = aligned_alloc(HUGE_PAGE, bytes);
	if (p != NULL)
		(void)madvise(p, bytes, MADV_HUGEPAGE); /* only quicker */
	return p;
}

size_t array_first(const void *array, size_t count, size_t size, size_t at, uint64_t n)
{
	size_t low = 0, high = count;
	uint64_t here;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		memcpy(&here, (const char *)array + mid * size + at, sizeof(here));
		if (here < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
