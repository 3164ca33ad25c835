/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STATUS_WORDS_H
#define SHELLAC_STATUS_WORDS_H

#include <jansson.h>
#include <stddef.h>

#define WORDS_MAX 512

/* A part of the collector, and a line about it; "" where there is nothing to say. */
struct status_part {
	const char *head;
	void (*words)(char *out, size_t size, const json_t *status);
};

/* The table, ended by a head of NULL. */
extern const struct status_part status_parts[];

/* "3 d 4 h", "12 min", "5 s". */
void words_time(char *out, size_t size, long long s);
/* Powers of 1000: "1.2 GB". */
void words_bytes(char *out, size_t size, long long bytes);

#endif
