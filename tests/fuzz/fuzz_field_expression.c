/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/filter/field_expression.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A line with an expression; behind it an event. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	const uint8_t *lf = len > 0 ? memchr(p, '\n', len) : NULL;
	size_t n = lf != NULL ? (size_t)(lf - p) : len;
	struct field_wrong wrong = {0};
	struct field_expression *e = NULL;
	json_t *json = lf != NULL ? json_loadb((const char *)lf + 1, len - n - 1, JSON_ALLOW_NUL,
	    NULL) : NULL;
	int r = field_expression_parse(&e, (const char *)p, n, &wrong);

	assert(r == 0 || (r == E_FORMAT && e == NULL && wrong.why[0] != '\0' &&
	    wrong.column >= 1 && wrong.column <= n + 1));
	if (r == 0) {
		r = field_expression_test(e, json);
		assert(r == 0 || r == 1 || r == E_RANGE);
	}
	field_expression_free(e);
	json_decref(json);
	return 0;
}
