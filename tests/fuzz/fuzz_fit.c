/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/syslog/fit.h"
#include "escape.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check(const struct feed_event *e, size_t room)
{
	char *out = malloc(room);
	size_t n, i;
	uint32_t cp;
	json_t *json;
	int k;

	assert(out != NULL);
	n = fit_event(out, room, e);
	assert(n > 0 && n <= room);
	for (i = 0; i < n; i += (size_t)k) {
		k = utf8_next((const uint8_t *)out + i, n - i, &cp);
		assert(k > 0 && escape_printable(cp));
	}
	json = json_loadb(out, n, JSON_ALLOW_NUL, NULL);
	assert(json_is_object(json));
	assert(json_equal(json, e->json) ||
	    json_is_true(json_object_get(json_object_get(json, "shellac"), "truncated")));
	json_decref(json);
	free(out);
}

/* Whatever object comes: what is sent is one, the same or marked as cut, and printable. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct feed_event e = {.line = (const char *)p, .len = len};

	e.json = json_loadb(e.line, len, JSON_ALLOW_NUL, NULL);
	if (json_is_object(e.json)) {
		check(&e, FIT_MIN);
		check(&e, 7000);
	}
	json_decref(e.json);
	return 0;
}
