/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "export/export.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/*
 * Events made of anything: a type, a time and a length, then so many bytes.  Each format
 * keeps its promise: JSON is JSON in ASCII, text and page hold nothing that a terminal or a
 * browser could act on, and the other formats the same bytes.
 */
#define HEAD 4
#define MS 1000000u

struct input {
	const uint8_t *p;
	size_t len;
};

static int each(void *ctx, shown_fn *take, void *arg)
{
	static const uint8_t types[] = { FRAME_OUTPUT, FRAME_OUTPUT, FRAME_INPUT, FRAME_WINDOW,
		FRAME_HIDDEN, FRAME_META, FRAME_BEGIN, FRAME_OUTPUT };
	static const uint8_t salt[EVENT_SALT];
	const struct input *in = ctx;
	struct shown_event x = { .sealed = 1 };
	size_t at = 0, n;
	int r = 0;

	while (r == 0 && in->len - at >= HEAD) {
		const uint8_t *h = in->p + at;

		at += HEAD;
		n = h[3] < in->len - at ? h[3] : in->len - at;
		x.at_ns += h[1] * (uint64_t)MS;
		x.e = (struct event){ .type = types[h[0] & 7], .kind = h[2] % 7, .data = in->p + at,
			.len = n, .value = h[2] + 1u, .salt = salt,
			.window = { .rows = h[2], .cols = h[1] } };
		x.chunk = (int64_t)x.frame / 3;
		if (n > 0 || x.e.type == FRAME_WINDOW)
			r = take(arg, &x);
		x.frame++;
		at += n;
	}
	return r;
}

static void source_make(struct export_source *s, struct input *in)
{
	struct cert *c = &s->verdict.chain.cert;

	s->each = each;
	s->ctx = in;
	s->verdict.status = STATUS_CUT;
	s->verdict.chain.have_cert = 1;
	s->verdict.chain.elapsed_ns = (uint64_t)in->len * 255 * MS;
	s->verdict.findings = 1;
	s->verdict.finding[0] = (struct finding){ .chunk = 1, .kind = "cut", .text = "<!-- & \"" };
	snprintf(c->user, sizeof c->user, "%.*s", in->len < 20 ? (int)in->len : 20,
	    (const char *)in->p);
	snprintf(c->host, sizeof c->host, "</title>\033[31m");
	s->ask = (struct export_ask){ .until_ns = UINT64_MAX, .idle_ns = UINT64_MAX };
	if (in->len > 0) {
		s->ask.input = in->p[0] & 1;
		s->ask.from_ns = in->p[0] & 2 ? 100 * MS : 0;
		s->ask.idle_ns = in->p[0] & 4 ? 50 * MS : UINT64_MAX;
		s->ask.until_ns = in->p[0] & 8 ? 900 * MS : UINT64_MAX;
	}
}

static void check_json(const struct sink *out)
{
	const char *p = (const char *)out->buf, *end = p + out->len, *line;
	size_t i;

	for (i = 0; i < out->len; i++)
		assert(out->buf[i] == '\n' || (out->buf[i] >= 0x20 && out->buf[i] < 0x7f &&
		    out->buf[i] != '<'));
	for (; p < end; p = line + 1) {
		json_error_t error;
		json_t *o;

		line = memchr(p, '\n', (size_t)(end - p));
		assert(line != NULL);
		o = json_loadb(p, (size_t)(line - p), JSON_ALLOW_NUL, &error);
		assert(o != NULL);
		json_decref(o);
	}
}

/* Only line feeds and tabs, the page's own, of all control characters. */
static void check_text(const struct sink *out)
{
	size_t i;

	for (i = 0; i < out->len; i++) {
		assert(out->buf[i] == '\n' || out->buf[i] == '\t' || (out->buf[i] >= 0x20 &&
		    out->buf[i] != 0x7f));
		assert(out->buf[i] != 0xc2 || i + 1 == out->len || out->buf[i + 1] >= 0xa0);
	}
}

static void check_ttyrec(const struct sink *out)
{
	size_t at = 0;

	while (at < out->len) {
		assert(out->len - at >= 12);
		at += 12 + get_u32(out->buf + at + 8);
	}
	assert(at == out->len);
}

static void check(const struct export_format *f, const struct sink *out)
{
	assert(out->len > 0 || f->write == export_ttyrec);
	if (f->write == export_text || f->write == export_page)
		check_text(out);
	else if (f->write == export_ttyrec)
		check_ttyrec(out);
	else if (f->write == export_script)
		check_text(&out[1]);
	else
		check_json(out);
}

static void write_one(const struct export_format *f, const struct export_source *s)
{
	struct export_job j = { .source = s };
	int i;

	for (i = 0; i < EXPORT_STREAMS; i++)
		if (sink_init(&j.out[i], -1) != 0)
			goto out;
	if (f->write(&j) == 0)
		check(f, j.out);
out:
	for (i = 0; i < EXPORT_STREAMS; i++)
		sink_release(&j.out[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct export_source s;
	struct input in = { p, len };
	const struct export_format *f;

	memset(&s, 0, sizeof s);
	source_make(&s, &in);
	if (export_facts_read(&s) != 0)
		return 0;
	for (f = export_formats; f->name != NULL; f++)
		write_one(f, &s);
	return 0;
}
