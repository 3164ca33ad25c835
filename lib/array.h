/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ARRAY_H
#define SHELLAC_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/* Makes room for one more element behind `used` of them in the heap array whose
 * pointer stands at array_pointer (NULL: none yet), elements of `size` bytes; *room
 * is how many it has room for.  0, or -ENOMEM and nothing has changed. */
int array_room(void *array_pointer, size_t used, size_t *room, size_t size);

/* Memory for very many elements at once, with huge pages where the kernel has them
 * (madvise(2)): for free(3).  NULL without memory. */
void *array_many(size_t count, size_t size);

/* The place of the first of count elements, of `size` bytes each, whose number is n or more;
 * count where there is none.  They are in the order of their numbers, a uint64_t that stands
 * `at` bytes into each. */
size_t array_first(const void *array, size_t count, size_t size, size_t at, uint64_t n);

/* The same of structs, whose number is this member. */
#define ARRAY_FIRST(array, count, member, n) \
	array_first(_Generic((array)->member, uint64_t: (array)), (count), sizeof(*(array)), \
	    offsetof(__typeof__(*(array)), member), (n))

#endif
