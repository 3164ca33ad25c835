/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_VERIFY_H
#define SHELLAC_VERIFY_H

#include <stdint.h>

#include "judge.h"
#include "store.h"

/* What shellac verify says, session by session, and what it comes to. */
#define VERIFY_MISSING (STATUS_TAMPERED + 1) /* of count[] */

struct verify {
	const uint8_t *host_pk;
	int level;       /* that is asked for */
	int json;
	int bad;         /* there was a finding */
	int cannot;      /* something could not be read; said on stderr */
	int usage;       /* an argument made no sense; said on stderr */
	unsigned long long sessions, count[VERIFY_MISSING + 1], loose;
	unsigned long long processes, process_files;
};

void verify_session(struct verify *v, const struct store *s, struct store_session *e);

/* A session file anywhere.  1, or 0 when there is no such file and nothing has
 * been said. */
int verify_file(struct verify *v, const char *path);

/* All sessions of a store, what is missing between them, what does not belong
 * there, and the process records. */
void verify_store(struct verify *v, struct store *s);

/* The last line, for eyes only. */
void verify_summary(const struct verify *v);

#endif
