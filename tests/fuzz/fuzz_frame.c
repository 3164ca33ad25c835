/* SPDX-License-Identifier: ISC */
/* Frames and event bodies, one behind the other; what is read can be written. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_event(const struct frame *f)
{
	uint8_t again[FRAME_BODY_MAX];
	struct event e;
	size_t n;

	if (event_parse(f, &e) != 0)
		return;
	n = event_put(again, &e);
	if (n + e.len != f->len || memcmp(again, f->body, n) != 0)
		abort();
	if (e.len > 0 && memcmp(e.data, f->body + n, e.len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame f;
	size_t off = 0;
	int n;

	while ((n = frame_parse(data + off, size - off, &f)) > 0) {
		if ((size_t)n > size - off || n > FRAME_MAX)
			abort();
		try_event(&f);
		off += (size_t)n;
	}
	return 0;
}
