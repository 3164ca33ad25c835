/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/input/lines.h"
#include "../../plugins/input/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Each line is an event of each format. */
static void line(void *ctx, const char *text, size_t len, size_t left_out, size_t end)
{
	(void)ctx;
	(void)end;
	for (int format = PARSE_TEXT; format <= PARSE_AUDIT; format++) {
		char *event = parse_line((enum parse_format)format, text, len, left_out);
		json_t *json;

		assert(event != NULL && strlen(event) <= PARSE_EVENT_MAX);
		assert(strchr(event, '\n') == NULL);
		json = json_loads(event, JSON_REJECT_DUPLICATES, NULL);
		assert(json_is_object(json));
		json_decref(json);
		free(event);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct lines l;

	lines_take(&l, (const char *)p, len, line, NULL);
	lines_end(&l, line, NULL);
	return 0;
}
