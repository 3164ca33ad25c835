/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_TEXT_JSON_H
#define SHELLAC_EXPORT_TEXT_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "output/json.h"
#include "output/sink.h"

/*
 * Bytes of a terminal as the inside of JSON strings: ASCII only, a character that the
 * bytes of two calls share goes to the second, what is no UTF-8 becomes U+FFFD.  Nothing
 * that a terminal or a browser could act on is left.
 */
struct text_json {
	uint8_t held[4];
	size_t holds;
	int odd;     /* a byte became U+FFFD */
};

void text_json_put(struct text_json *t, struct sink *out, const uint8_t *p, size_t len);
/* What is held is no character any more. */
void text_json_end(struct text_json *t, struct sink *out);
/* All of a zero-ended text, with its quotes. */
void text_json_str(struct sink *out, const char *text);

/* A value without line feed, which is freed; "<" is \u003c in it, so that it may stand in a
 * page.  0, or -ENOMEM. */
int text_json_value(struct sink *out, json_t *o);

#endif
