/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_HITS_H
#define SHELLAC_HITS_H

#include <stddef.h>
#include <stdint.h>

#include "replay/study.h"
#include "screen/transcript.h"
#include "pattern.h"

/* When in a session a text was on its screen. */
struct hit {
	uint64_t at_ns; /* when its line was last written to */
	unsigned nth;   /* of those of one moment, from 0 */
};

#define HITS_MAX (1u << 20) /* further ones are not kept */

struct hits {
	struct pattern *pattern;
	struct transcript *transcript;
	struct study study;
	struct hit *hit; /* in order */
	size_t hits, room;
	int done;        /* all were looked for */
};

/* fd and seen stay the caller's; takes pattern over.  0, -ENOMEM or -errno; free it with
 * hits_release() either way. */
int hits_open(struct hits *h, int fd, struct seen *seen, struct pattern *pattern);
void hits_release(struct hits *h);

/* As study_work(). */
int hits_work(struct hits *h, uint64_t ns);

/* The first behind a moment, the last before one; or NULL. */
const struct hit *hits_next(const struct hits *h, const struct hit *than);
const struct hit *hits_before(const struct hits *h, const struct hit *than);

#endif
