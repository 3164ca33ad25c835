/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_HIDDEN_PLAY_H
#define SHELLAC_TESTS_HIDDEN_PLAY_H

/* A user and a program on one terminal, and what of it reaches the record. */
#include "../../recorder/hidden.h"
#include "../lib/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define S (1000 * MS)

/* What the sink got, as text: kept bytes as they are, "<n>" for n hidden ones. */
static char log_text[80000];
static size_t log_len;
static uint64_t now, last_age;
static struct hidden h;

static inline void keep(void *ctx, const uint8_t *p, size_t len, uint64_t typed_ns)
{
	(void)ctx;
	memcpy(log_text + log_len, p, len);
	log_len += len;
	last_age = now - typed_ns;
}

static inline void hide(void *ctx, uint64_t n, uint64_t typed_ns)
{
	(void)ctx;
	log_len += (size_t)sprintf(log_text + log_len, "<%llu>", (unsigned long long)n);
	last_age = now - typed_ns;
}

static inline void begin(enum conf_input policy)
{
	const struct hidden_sink sink = { keep, hide, NULL };

	log_len = 0;
	now = S;
	hidden_init(&h, policy, &sink);
}

static inline void setup(void)
{
	begin(CONF_INPUT_ECHOED);
}

enum modes { COOKED, NOECHO, RAW };

static inline void typed(enum modes m, const char *text)
{
	hidden_typed(&h, now, (const uint8_t *)text, strlen(text), m == COOKED, m != RAW);
}

static inline void keys(enum modes m, const char *text)
{
	for (; *text != '\0'; text++) {
		hidden_typed(&h, now, (const uint8_t *)text, 1, m == COOKED, m != RAW);
		now += 100 * MS;
	}
}

static inline void wrote(const char *text)
{
	hidden_written(&h, now, (const uint8_t *)text, strlen(text));
}

/* A line editor: each key comes back. */
static inline void echoed(const char *text)
{
	char c[2] = "";

	for (; *text != '\0'; text++) {
		c[0] = *text;
		keys(RAW, c);
		wrote(c);
	}
}

static inline void passes(uint64_t ns)
{
	now += ns;
	hidden_tick(&h, now);
}

#define SAW(text) do { \
	log_text[log_len] = '\0'; \
	ck_assert_str_eq(log_text, text); \
} while (0)

#endif
