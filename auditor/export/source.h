/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_SOURCE_H
#define SHELLAC_EXPORT_SOURCE_H

#include <stdint.h>

#include "output/json.h"
#include "note.h"
#include "verify/shown.h"

/* What was asked for. */
struct export_ask {
	uint64_t from_ns, until_ns; /* of the session; 0 and UINT64_MAX: all of it */
	uint64_t idle_ns;           /* no pause is longer; UINT64_MAX: as they were */
	int input;                  /* typed bytes too */
};

#define EXPORT_TERM_MAX 256
#define EXPORT_ARGV_MAX 4096

/* What formats say first, from a first reading. */
struct export_facts {
	struct window window;       /* at the begin; never 0 */
	uint64_t length_ns;         /* of the export, pauses cut */
	uint64_t events;            /* that it has */
	char term[EXPORT_TERM_MAX]; /* TERM, program and arguments, each with a space behind the */
	char program[EXPORT_TERM_MAX]; /* one before; "" not known, hostile */
	char argv[EXPORT_ARGV_MAX];
};

/* A session that is exported: what it is, how far it is proven, and its events. */
struct export_source {
	struct export_ask ask;
	struct store_session entry;
	struct verdict verdict;     /* with the level that the ledger gives */
	const char *level_why;      /* what the next level needs, or NULL */
	uint8_t digest[HASH_SIZE];  /* BLAKE2b-256 of the file's first digest_bytes, which are */
	uint64_t digest_bytes;      /* all but for a session that goes on */
	char key[NOTE_NAME_MAX + 10]; /* host's key: its name, "+", its id; "" not known */
	struct export_facts facts;  /* after export_facts_read() */
	/* All events that may be shown, as often as it is called, the same each time. */
	int (*each)(void *ctx, shown_fn *take, void *arg);
	void *ctx;
};

/* Reads the facts.  0 or negative. */
int export_facts_read(struct export_source *s);

/* What an export says of its source; NULL without memory. */
json_t *export_source_json(const struct export_source *s);

/* "session 7, alice on db1"; hostile, out has room for EXPORT_TITLE_MAX. */
#define EXPORT_TITLE_MAX 600
void export_title(char *out, const struct export_source *s);

/* Wall clock of a time of the session. */
int64_t export_wall(const struct export_source *s, uint64_t session_ns);

#endif
