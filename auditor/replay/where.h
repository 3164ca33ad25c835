/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_WHERE_H
#define SHELLAC_WHERE_H

#include <stdint.h>

/* Where in a session: "+90", "+1:30" and "+0:01:30" since its begin; "14:03" and "14:03:22"
 * by the local clock, the first time that it was so late; "chunk:12"; or any date that
 * date.h reads. */
enum where_kind { WHERE_ELAPSED, WHERE_WALL, WHERE_CHUNK };

struct where {
	enum where_kind kind;
	uint64_t elapsed_ns;
	int64_t wall_ns;
	uint64_t chunk;
};

#define WHERE_WORDS "+SECONDS, HH:MM[:SS], chunk:N or a date"

/* begin_ns: the session's begin, now_ns: the present, by the wall clock.  0, or E_FORMAT or
 * E_RANGE. */
int where_parse(struct where *out, const char *text, int64_t begin_ns, int64_t now_ns);

#endif
