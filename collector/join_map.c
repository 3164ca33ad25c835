/* SPDX-License-Identifier: ISC */
#include "join_map.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64

static size_t home(const struct join_map *m, uint64_t key)
{
	uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(h ^ h >> 32) & (m->cap - 1);
}

/* where key is, or the free place where it would go */
static size_t find(const struct join_map *m, uint64_t key)
{
	size_t i = home(m, key);

	while (m->key[i] != 0 && m->key[i] != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static int grow(struct join_map *m)
{
	struct join_map bigger = { .cap = m->cap > 0 ? 2 * m->cap : CAP_MIN, .used = m->used };

	bigger.key = calloc(bigger.cap, sizeof(*bigger.key));
	bigger.val = calloc(bigger.cap, sizeof(*bigger.val));
	if (bigger.key == NULL || bigger.val == NULL) {
		free(bigger.key);
		free(bigger.val);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->cap; i++) {
		if (m->key[i] == 0)
			continue;
		size_t at = find(&bigger, m->key[i]);
		bigger.key[at] = m->key[i];
		bigger.val[at] = m->val[i];
	}
	free(m->key);
	free(m->val);
	*m = bigger;
	return 0;
}

int join_map_set(struct join_map *m, uint64_t key, uint32_t val)
{
	int r;
	size_t i;

	assert(key != 0);
	if (2 * (m->used + 1) > m->cap && (r = grow(m)) != 0)
		return r;
	i = find(m, key);
	if (m->key[i] == 0) {
		m->key[i] = key;
		m->used++;
	}
	m->val[i] = val;
	return 0;
}

int join_map_get(const struct join_map *m, uint64_t key, uint32_t *val)
{
	size_t i;

	if (m->cap == 0 || key == 0)
		return 0;
	i = find(m, key);
	if (m->key[i] == 0)
		return 0;
	*val = m->val[i];
	return 1;
}

/* No tombstones: what stands behind the hole moves up as far as its home allows
 * (Knuth, vol. 3, 6.4, algorithm R). */
void join_map_del(struct join_map *m, uint64_t key)
{
	size_t mask = m->cap - 1;
	size_t hole, i;

	if (m->cap == 0 || key == 0)
		return;
	hole = find(m, key);
	if (m->key[hole] == 0)
		return;
	m->used--;
	for (i = (hole + 1) & mask; m->key[i] != 0; i = (i + 1) & mask) {
		size_t from_home = (i - home(m, m->key[i])) & mask;

		if (from_home < ((i - hole) & mask))
			continue;
		m->key[hole] = m->key[i];
		m->val[hole] = m->val[i];
		hole = i;
	}
	m->key[hole] = 0;
}

void join_map_clear(struct join_map *m)
{
	if (m->used > 0)
		memset(m->key, 0, m->cap * sizeof(*m->key));
	m->used = 0;
}

void join_map_release(struct join_map *m)
{
	free(m->key);
	free(m->val);
	*m = (struct join_map){ 0 };
}
