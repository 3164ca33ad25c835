/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FILTER_RULES_H
#define SHELLAC_FILTER_RULES_H

#include <jansson.h>
#include <stddef.h>

#include "field_expression.h"

/* Which events pass: those that one of the expressions is true of, or all others. */
struct filter_rules {
	int drop; /* what matches does not pass */
	struct field_expression **list;
	size_t count, room;
};

#define FILTER_FILE_MAX (256 * 1024) /* bytes of a file of expressions */

/* What is wrong with a line (from 1) of a file. */
typedef void filter_said(void *ctx, unsigned line, const struct field_wrong *wrong);

/* One more expression, of len bytes.  As field_expression_parse(). */
int filter_rules_add(struct filter_rules *f, const char *text, size_t len,
    struct field_wrong *wrong);

/* Those of a file, one a line; empty lines and those that begin with # say nothing.  All that
 * is wrong is said.  0; E_FORMAT: something was said; -errno or E_RANGE: it cannot be read. */
int filter_rules_read(struct filter_rules *f, const char *path, filter_said *said, void *ctx);

void filter_rules_release(struct filter_rules *f);

/* Does it pass?  What the dispatcher says of the feed itself always does: the first line, and
 * that events were lost.  1 or 0; E_RANGE: it could not be decided, and it is to pass. */
int filter_rules_pass(const struct filter_rules *f, const json_t *event);

#endif
