/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FLEET_QUERY_H
#define SHELLAC_FLEET_QUERY_H

#include <libpq-fe.h>
#include <stdint.h>

#include "store/fleet.h"

/*
 * Questions to a fleet's database.  Values go as parameters, never as text of the question;
 * answers are binary: questions cast their columns to int8, bytea or text.  Any thread may ask.
 */
#define FLEET_PARAMS 16

struct fleet_ask {
	int count;
	Oid type[FLEET_PARAMS];
	const char *value[FLEET_PARAMS];
	int len[FLEET_PARAMS], format[FLEET_PARAMS];
	uint8_t number[FLEET_PARAMS][8];
};

/* The next parameter, $1 being the first.  What text and bytes point to stays the
 * caller's until the question is asked. */
void fleet_ask_number(struct fleet_ask *a, int64_t v);
void fleet_ask_text(struct fleet_ask *a, const char *s);
void fleet_ask_bytes(struct fleet_ask *a, const void *p, size_t len);
/* A date, "2026-11-22", and an array of them, "{2026-11-22}": of that type already, so that
 * the planner leaves out partitions of other days. */
void fleet_ask_day(struct fleet_ask *a, const char *s);
void fleet_ask_days(struct fleet_ask *a, const char *s);

/* A date as seconds since 1970, to be cast to float8, at most a millisecond before ns: out, or
 * NULL for one that is beyond what anybody asks for. */
#define FLEET_TIME_TEXT 32
const char *fleet_time(char out[FLEET_TIME_TEXT], int64_t ns);

/* All rows at once: 0 and *out, which PQclear() frees; -EIO, and fleet_trouble() says why;
 * -ENOMEM. */
int fleet_rows(struct fleet *f, PGresult **out, const char *sql, const struct fleet_ask *a);

/* Row by row, so that no more than one is in memory: take gets a result and which row of it,
 * returns 0 to go on, and asks nothing itself.  What take returned; or as above. */
typedef int fleet_take(void *arg, const PGresult *r, int row);
int fleet_each(struct fleet *f, const char *sql, const struct fleet_ask *a, fleet_take *take,
    void *arg);

/* A question about one host, whose id is w.host in sql; $1 is kept for it, so parameters begin
 * with $2 behind one of fleet_ask_host().  Its rows come in any order.  Of hosts that are read
 * together the first that asks has it asked for all, and the others find their rows there;
 * whoever asks once more is answered alone.  So it is for questions that all hosts ask alike,
 * and rows that fit into memory. */
void fleet_ask_host(struct fleet_ask *a);
int fleet_each_of(struct fleet *f, const struct fleet_host *h, const char *sql,
    const struct fleet_ask *a, fleet_take *take, void *arg);

/* The days that such a question finds, of all hosts that are read together: an array for
 * fleet_ask_days(), valid until fleet_apart().  As fleet_rows(). */
int fleet_days(struct fleet *f, const struct fleet_host *h, const char *sql,
    const struct fleet_ask *a, const char **out);

/* From here on these hosts, the fleet's own, are read together, until fleet_apart(), which
 * fleet_refresh() does, too.  0 or -ENOMEM. */
int fleet_together(struct fleet *f, const struct fleet_host *const *host, size_t hosts);
void fleet_apart(struct fleet *f);

/* A cell.  NULL and what has another length is 0, and "". */
int64_t fleet_number(const PGresult *r, int row, int col);
const uint8_t *fleet_bytes(const PGresult *r, int row, int col, size_t *len);
/* A zero-ended string. */
const char *fleet_text(const PGresult *r, int row, int col);

#endif
