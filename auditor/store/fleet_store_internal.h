/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_STORE_INTERNAL_H
#define SHELLAC_FLEET_STORE_INTERNAL_H

#include <pthread.h>

#include "store/fleet_pieces.h"
#include "store/fleet_query.h"

#define FLEET_KEPT 16  /* files that are kept open */
#define FLEET_PATH 256

struct fleet_kept {
	char path[FLEET_PATH];
	int fd;        /* -1: none */
	uint64_t used;
};

/* A file of process records, and what it is like. */
struct fleet_segment {
	uint64_t n;
	struct store_state state;
};

struct fleet_store {
	struct fleet *fleet;
	const struct fleet_host *host;
	const struct fleet_narrow *narrow; /* or NULL */
	int by_pieces, walked;
	uint64_t *dropped;    /* sessions whose row says so, in order */
	size_t drops, drop_room;
	struct fleet_segment *segment; /* of process records, in order, if segments_known */
	size_t segments, segment_room;
	int segments_known;
	pthread_mutex_t lock; /* of what follows */
	struct fleet_kept kept[FLEET_KEPT];
	uint64_t clock;
	struct fleet_fault *fault;
	size_t faults, fault_room;
};

/* Of a question: its conditions on rows of shellac.session, and the parameters $2 to $5 that
 * these have, for the host that is $1.  text stays until it is asked. */
#define FLEET_NARROW_SQL " and ($2 is null or username = $2 or uid = $3::int8)" \
	" and ($2 is not null or $3 is null or uid = $3::int8)" \
	" and ($4 is null or started >= to_timestamp($4::float8 - 0.001))" \
	" and ($5 is null or started <= to_timestamp($5::float8 + 0.002))"
struct fleet_narrow_text {
	char uid[16], from[FLEET_TIME_TEXT], to[FLEET_TIME_TEXT];
};
void fleet_narrow_ask(struct fleet_ask *a, const struct fleet_narrow *n,
    struct fleet_narrow_text *text);

/* Of a question: which rows t of shellac.stream are files of process records that sessions of
 * this time can have some in, and its parameters, of which $3 is those rows' days, so that
 * pieces of other days are not looked for.  0, or as fleet_rows(). */
#define FLEET_SEGMENTS_SQL "t.host = w.host and t.kind = 2 and ($2 is null or t.n >=" \
	" coalesce((select max(b.n) from shellac.stream b where b.host = w.host and b.kind = 2" \
	" and b.day < (to_timestamp($2::float8) at time zone 'utc')::date - 1), 0))"
int fleet_segments_ask(const struct fleet_store *fs, struct fleet_ask *a,
    char from[FLEET_TIME_TEXT]);

/* Another look is taken at all of it. */
void fleet_store_forget(struct fleet_store *fs);

/* arg: the struct fleet_store */
void fleet_store_fault(void *arg, const struct fleet_fault *x);

#endif
