/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "../../recorder/screen_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Do the len bytes at p end with what hides a typed character? */
static int ends_with_mask(const uint8_t *p, size_t len)
{
	return p[len - 1] == '*' || (len >= 3 && (memcmp(p + len - 3, "\xe2\x80\xa2", 3) == 0 ||
	    memcmp(p + len - 3, "\xe2\x97\x8f", 3) == 0));
}

/* Only a mask is a mask, only line ends are line ends, and whatever was written,
 * what follows the end of a string is text again. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct screen_text s = { 0 };
	enum screen_kind kind;
	size_t i;

	for (i = 0; i < len; i++) {
		kind = screen_next(&s, p[i]);
		assert(kind <= SCREEN_JUMP);
		assert(kind != SCREEN_MASK || ends_with_mask(p, i + 1));
		assert(kind != SCREEN_SPACE || p[i] == ' ');
		assert(kind != SCREEN_LF || p[i] == '\n');
		assert(kind != SCREEN_CR || p[i] == '\r');
		assert(s.utf8_len <= sizeof(s.utf8));
	}
	screen_next(&s, '\033');
	screen_next(&s, '\\');
	assert(screen_next(&s, 'x') == SCREEN_TEXT);
	return 0;
}
