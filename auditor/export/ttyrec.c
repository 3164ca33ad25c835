/* SPDX-License-Identifier: ISC */
#include "export/events.h"
#include "export/export.h"

#include "bytes.h"

/* ttyrec: seconds, microseconds and length, little-endian, then so many bytes. */
#define HEADER 12
#define NS_S 1000000000
#define NS_US 1000

struct ttyrec {
	struct sink *out;
	int64_t begin_ns;
};

static int take(void *arg, const struct export_event *x)
{
	struct ttyrec *t = arg;
	int64_t at = t->begin_ns + (int64_t)x->at_ns;
	uint8_t h[HEADER];

	if (x->kind != EXPORT_OUTPUT)
		return 0;
	put_u32(h, (uint32_t)(at / NS_S));
	put_u32(h + 4, (uint32_t)(at % NS_S / NS_US));
	put_u32(h + 8, (uint32_t)x->len);
	sink_put(t->out, h, sizeof h);
	sink_put(t->out, x->data, x->len);
	return t->out->error;
}

int export_ttyrec(struct export_job *j)
{
	struct ttyrec t = { .out = &j->out[0],
		.begin_ns = export_wall(j->source, j->source->ask.from_ns) };
	int r = export_events(j->source, take, &t);

	return r != 0 ? r : sink_flush(t.out);
}
