/* SPDX-License-Identifier: ISC */
#include "ended.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

int ended_add(struct ended *e, uint64_t seq, uint64_t n, uint64_t now_ns)
{
	int r = array_room(&e->list, e->count, &e->room, sizeof(*e->list));

	if (r == 0)
		e->list[e->count++] = (struct ended_session){.seq = seq, .n = n, .since_ns = now_ns};
	return r;
}

int ended_back(struct ended *e, uint64_t n, const uint8_t key[HASH_SIZE])
{
	for (size_t i = 0; i < e->count; i++) {
		struct ended_session *s = &e->list[i];
		int r;

		if (s->n != n)
			continue;
		if ((r = array_room(&s->back, s->backs, &s->back_room, sizeof(*s->back))) != 0)
			return r;
		memcpy(s->back[s->backs++], key, HASH_SIZE);
		return 0;
	}
	return 0;
}

int ended_is_back(const struct ended_session *s, const uint8_t key[HASH_SIZE])
{
	for (size_t i = 0; i < s->backs; i++)
		if (memcmp(s->back[i], key, HASH_SIZE) == 0)
			return 1;
	return 0;
}

void ended_drop(struct ended *e)
{
	free(e->list[0].back);
	e->count--;
	memmove(e->list, e->list + 1, e->count * sizeof(*e->list));
}

void ended_release(struct ended *e)
{
	while (e->count > 0)
		free(e->list[--e->count].back);
	free(e->list);
}

uint64_t ended_acked(const struct ended *e)
{
	return e->count > 0 ? e->list[0].seq - 1 : e->read;
}
