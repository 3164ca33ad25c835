/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A line that is taken has one spelling, but for the line feed at its end. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char out[KEY_LINE_MAX];
	struct host_pub k;
	size_t n;
	char *line;

	line = malloc(len + 1);
	if (line == NULL)
		return 0;
	memcpy(line, p, len);
	line[len] = '\0';
	if (key_pub_parse(&k, line) == 0) {
		key_pub_format(out, &k);
		n = strlen(out);
		assert(strncmp(out, line, n) == 0);
		assert(line[n] == '\0' || strcmp(line + n, "\n") == 0);
	}
	free(line);
	return 0;
}
