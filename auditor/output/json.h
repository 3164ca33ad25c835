/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_JSON_H
#define SHELLAC_JSON_H

#include <jansson.h>
#include <stdint.h>

/* JSON for scripts: one object a line, keys in the order they were set.  What is
 * not ASCII is written \uXXXX, so that no line can harm a terminal. */

/* A string from bytes of outside by the tree's UTF-8 rule; "" becomes null. */
json_t *json_bytes(const char *s);

/* RFC 3339 of the wall clock; null for a year that has no such form. */
json_t *json_time(int64_t wall_ns);

/* null over INT64_MAX, which JSON readers could not hold either. */
json_t *json_u64(uint64_t v);

/* Lower-case hexadecimal. */
json_t *json_hex(const uint8_t *p, size_t len);

/* Writes o as a line to stdout and frees it.  Exits with AUDIT_CANNOT when there
 * is no memory. */
void json_line(json_t *o);

#endif
