/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken comes back the same through its dump; errors are printable. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char first[CONF_DUMP_MAX], second[CONF_DUMP_MAX];
	struct conf_error errs[8];
	struct conf c;
	size_t i, n;
	int r;

	memset(&c, 0, sizeof(c));
	r = conf_parse(&c, (const char *)p, len, errs, 8);
	assert(r >= 0 && r <= 8);
	for (i = 0; i < (size_t)r; i++) {
		assert(errs[i].line > 0 && errs[i].text[0] != '\0');
		for (n = 0; errs[i].text[n] != '\0'; n++)
			assert(errs[i].text[n] >= ' ' && errs[i].text[n] <= '~');
		assert(n < sizeof(errs[i].text));
	}
	if (r > 0)
		return 0;
	n = conf_dump(&c, first, sizeof(first));
	assert(conf_parse(&c, first, n, errs, 8) == 0);
	conf_dump(&c, second, sizeof(second));
	assert(strcmp(first, second) == 0);
	return 0;
}
