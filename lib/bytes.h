/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_BYTES_H
#define SHELLAC_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Little-endian integers at any address. */

static inline void put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)v);
	put_u16(p + 2, (uint16_t)(v >> 16));
}

static inline void put_u64(uint8_t *p, uint64_t v)
{
	put_u32(p, (uint32_t)v);
	put_u32(p + 4, (uint32_t)(v >> 32));
}

static inline uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}

static inline uint64_t get_u64(const uint8_t *p)
{
	return (uint64_t)get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

/* The unread rest of some bytes. */
struct rest {
	const uint8_t *p;
	size_t len;
};

/* The next len bytes; NULL where there are fewer, and none is taken. */
static inline const uint8_t *rest_take(struct rest *b, size_t len)
{
	const uint8_t *p = b->p;

	if (len > b->len)
		return NULL;
	b->p += len;
	b->len -= len;
	return p;
}

/* shellac-format(5), "Conventions" */
#define VARINT_MAX 9 /* bytes */
#define VARINT_LIMIT INT64_MAX

/* Writes v (at most VARINT_LIMIT) to p, which has room for VARINT_MAX bytes;
 * returns the bytes written. */
size_t varint_put(uint8_t *p, uint64_t v);

/* Reads a varint from the len bytes at p.  Returns the bytes read and sets *v,
 * or E_FORMAT (not the shortest form, too large) or E_SHORT. */
int varint_get(const uint8_t *p, size_t len, uint64_t *v);

/* 1 if the len bytes at p are all zero. */
int all_zero(const uint8_t *p, size_t len);

/* Lower-case hexadecimal: out has room for 2 * len + 1 chars. */
void hex_put(char *out, const uint8_t *p, size_t len);

/* Reads exactly len bytes from 2 * len lower-case hexadecimal digits, which must
 * end the string.  0 or E_FORMAT; *p is written only on success. */
int hex_get(uint8_t *p, size_t len, const char *s);

#endif
