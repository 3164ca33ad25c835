/* SPDX-License-Identifier: ISC */
#include "container_damage.h"

#include <sodium.h>
#include <string.h>

#include "err.h"
#include "hash.h"
#include "io.h"

#define SEGMENT_LEAST (ZFRAME_MIN + CONTAINER_ENTRY) /* what one takes in the file */

uint64_t layout_table(const struct layout *l)
{
	return l->size - CONTAINER_TRAILER - (uint64_t)CONTAINER_ENTRY * l->segments;
}

uint64_t layout_entry(const struct layout *l, uint32_t i)
{
	return layout_table(l) + (uint64_t)CONTAINER_ENTRY * i;
}

static int has_room(const struct layout *l)
{
	uint64_t least = CONTAINER_HEADER + CONTAINER_TRAILER;

	return l->size >= least && (l->size - least) / SEGMENT_LEAST >= l->segments;
}

/* Exactly len bytes. */
static int read_exactly(const struct layout *l, void *p, size_t len, uint64_t off)
{
	ssize_t n = io_pread_all(l->fd, p, len, off);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : E_SHORT;
}

int layout_read_entry(const struct layout *l, uint32_t i, struct segment *s)
{
	uint8_t p[CONTAINER_ENTRY];
	int r = read_exactly(l, p, sizeof(p), layout_entry(l, i));

	if (r == 0)
		segment_get(p, s);
	return r;
}

int layout_fits(const struct layout *l, uint64_t pos, const struct segment *s)
{
	return s->plain >= 1 && s->plain <= CONTAINER_SEGMENT_MAX && s->packed >= ZFRAME_MIN &&
	    s->packed <= s->plain + ZFRAME_OVERHEAD && s->packed <= layout_table(l) - pos;
}

/* Compares the trailer with header and table, entry `at` of it taken as *as if
 * that is not NULL; sums up the lengths. */
static int check_table(const struct layout *l, uint8_t *buf, uint32_t at, const struct segment *as,
    struct segment *last, uint64_t sum[2])
{
	const uint32_t most = SEGMENT_PACKED_MAX / CONTAINER_ENTRY;
	uint8_t digest[HASH_SIZE], trailer[CONTAINER_TRAILER];
	uint32_t i, j, n;
	struct hash h;
	int r;

	hash_begin(&h);
	hash_add(&h, l->header, CONTAINER_HEADER, NULL, 0);
	for (i = 0; i < l->segments; i += n) {
		n = l->segments - i < most ? l->segments - i : most;
		r = read_exactly(l, buf, (size_t)n * CONTAINER_ENTRY, layout_entry(l, i));
		if (r != 0)
			return r;
		if (as != NULL && at >= i && at < i + n)
			segment_put(buf + (size_t)(at - i) * CONTAINER_ENTRY, as);
		hash_add(&h, buf, (size_t)n * CONTAINER_ENTRY, NULL, 0);
		for (j = 0; j < n; j++) {
			segment_get(buf + (size_t)j * CONTAINER_ENTRY, last);
			sum[0] += last->packed;
			sum[1] += last->plain;
		}
	}
	hash_get(&h, digest);
	r = read_exactly(l, trailer, sizeof(trailer), l->size - CONTAINER_TRAILER);
	if (r != 0)
		return r;
	return memcmp(digest, trailer, sizeof(trailer)) == 0 ? 0 : E_DIGEST;
}

int layout_check(const struct layout *l, uint8_t *buf, uint64_t *where)
{
	uint64_t sum[2] = { 0, 0 };
	struct segment last;
	int r;

	*where = l->size;
	if (!has_room(l))
		return E_SHORT;
	*where = layout_table(l);
	if ((r = check_table(l, buf, 0, NULL, &last, sum)) != 0)
		return r;
	if (sum[0] != layout_table(l) - CONTAINER_HEADER || sum[1] != l->length)
		return E_RANGE;
	return 0;
}

/* Does entry i describe the bytes at off?  1, 0 or -errno. */
static int matches(const struct layout *l, uint8_t *buf, const struct segment *s, uint64_t off)
{
	struct segment is;
	int r;

	if (!layout_fits(l, off, s))
		return 0;
	r = read_exactly(l, buf, s->packed, off);
	if (r != 0)
		return r == E_SHORT ? 0 : r;
	if (segment_describe(&is, buf, s->packed) != 0)
		return 0;
	return is.plain == s->plain && memcmp(is.digest, s->digest, SEGMENT_DIGEST) == 0;
}

/* From the first segment on, the entries that fit: *i is the first that does not,
 * *off where its segment begins. */
static int fit_forwards(const struct layout *l, uint8_t *buf, uint32_t *i, uint64_t *off)
{
	struct segment s;
	int r;

	*off = CONTAINER_HEADER;
	for (*i = 0; *i < l->segments; (*i)++) {
		if ((r = layout_read_entry(l, *i, &s)) != 0 ||
		    (r = matches(l, buf, &s, *off)) < 0)
			return r;
		if (r == 0)
			break;
		*off += s.packed;
	}
	return 0;
}

/* From the last segment back to the one behind i: 1 if all fit, then *end is where
 * segment i ends. */
static int fit_backwards(const struct layout *l, uint8_t *buf, uint32_t i, uint64_t off,
    uint64_t *end)
{
	struct segment s;
	uint32_t k;
	int r;

	*end = layout_table(l);
	for (k = l->segments - 1; k > i; k--) {
		if ((r = layout_read_entry(l, k, &s)) != 0)
			return r;
		if (s.packed > *end - off)
			return 0;
		if ((r = matches(l, buf, &s, *end - s.packed)) <= 0)
			return r;
		*end -= s.packed;
	}
	return 1;
}

/* 1 and *d if one entry alone is wrong. */
static int blame_entry(const struct layout *l, uint8_t *buf, struct damage *d)
{
	uint64_t off, end, sum[2] = { 0, 0 };
	struct segment s, last;
	uint32_t i;
	int r;

	if ((r = fit_forwards(l, buf, &i, &off)) != 0 || i == l->segments)
		return r;
	if ((r = fit_backwards(l, buf, i, off, &end)) <= 0)
		return r;
	if (end - off > SEGMENT_PACKED_MAX)
		return 0;
	if ((r = read_exactly(l, buf, (size_t)(end - off), off)) != 0)
		return r;
	if (segment_describe(&s, buf, (size_t)(end - off)) != 0)
		return 0;
	r = check_table(l, buf, i, &s, &last, sum);
	if (r != 0)
		return r == E_DIGEST ? 0 : r;
	*d = (struct damage){ .code = E_DIGEST, .segment = i, .where = layout_entry(l, i) };
	return 1;
}

/* 1 and *d if the file ends inside a segment: they are told from one another
 * without the table. */
static int blame_cut(const struct layout *l, uint8_t *buf, struct damage *d)
{
	uint64_t off = CONTAINER_HEADER;
	struct zframe z;
	uint32_t i;
	ssize_t n;
	int r;

	for (i = 0; i < l->segments; i++) {
		n = io_pread_all(l->fd, buf, ZFRAME_OVERHEAD, off);
		if (n < 0)
			return (int)n;
		r = zframe_parse(buf, (size_t)n, &z);
		if (r == E_FORMAT)
			return 0;
		if (r == E_SHORT || z.size > l->size - off) {
			*d = (struct damage){ .code = E_SHORT, .segment = i, .where = off };
			return 1;
		}
		off += z.size;
	}
	return 0;
}

int damage_find(const struct layout *l, uint8_t *buf, struct damage *d, uint64_t *where)
{
	int r = 0;

	*where = has_room(l) ? layout_table(l) : l->size;
	if (has_room(l))
		r = blame_entry(l, buf, d);
	if (r == 0)
		r = blame_cut(l, buf, d);
	if (r != 0)
		return r < 0 ? r : 0;
	return has_room(l) ? E_DIGEST : E_SHORT;
}
