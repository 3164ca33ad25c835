/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STORE_NAME_H
#define SHELLAC_STORE_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "seal.h"

/* shellac-format(5), THE STORE: names of session files. */
enum session_state { SESSION_CLOSED, SESSION_LIVE, SESSION_CUT };

struct session_name {
	uint64_t n;
	uint8_t id[ID_SIZE];
	enum session_state state;
};

#define STORE_NAME_MAX 80
#define STORE_DAY_MAX 16

/* "<n>-<id>.shlc[.live|.cut]" into out (STORE_NAME_MAX chars). */
void store_name_format(char *out, const struct session_name *s);

/* 0 or E_FORMAT: anything that store_name_format() would not write. */
int store_name_parse(struct session_name *s, const char *name);

/* "yyyy/mm/dd" of the wall clock, UTC, into out (STORE_DAY_MAX chars). */
void store_day(char *out, int64_t wall_ns);

#endif
