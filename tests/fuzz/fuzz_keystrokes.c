/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "search/keystrokes.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int end(void *arg, const char *line, size_t len)
{
	size_t *sum = arg;

	assert(len > 0 && len <= KEYSTROKES_MAX);
	*sum += len;
	for (size_t i = 0; i < len; i++)
		assert((uint8_t)line[i] >= ' ' && line[i] != 0x7f);
	return 0;
}

/* However they are cut, the same lines. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct keystrokes whole, bytes;
	size_t a = 0, b = 0;

	keystrokes_init(&whole, end, &a);
	keystrokes_init(&bytes, end, &b);
	assert(keystrokes_put(&whole, p, len) == 0 && keystrokes_end(&whole) == 0);
	for (size_t i = 0; i < len; i++)
		assert(keystrokes_put(&bytes, p + i, 1) == 0);
	assert(keystrokes_end(&bytes) == 0);
	assert(a == b && a <= len);
	return 0;
}
