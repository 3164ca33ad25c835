/* SPDX-License-Identifier: ISC */
#include "session_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "err.h"

/* Its numbers, then expected and id, then the strings, each ended by a zero. */
#define NUMBERS 27
#define STRINGS 9
#define FIXED (NUMBERS * 8 + SESSION_EXPECTED + ID_SIZE)

static void put_numbers(uint8_t *p, const struct session_record *r)
{
	const struct session_row *w = &r->row;
	const uint64_t v[NUMBERS] = { r->name.n, (uint64_t)r->name.state, r->state.dev, r->state.ino,
		r->state.size, (uint64_t)r->state.mtime_ns, (uint64_t)r->state.ctime_ns,
		(uint64_t)w->have_cert, w->uid, (uint64_t)w->start_ns, (uint64_t)w->end_ns,
		w->length_ns, w->active_ns, w->bytes_in, w->bytes_out, w->lost, w->hidden,
		(uint64_t)w->status, (uint64_t)(w->level + 1), (uint64_t)(r->base + 1),
		(uint64_t)w->exited, (uint32_t)w->wait_status, w->findings,
		(uint64_t)w->finding_chunk, r->own, w->gid, 0 };
	size_t i;

	for (i = 0; i < NUMBERS; i++)
		put_u64(p + 8 * i, v[i]);
}

int session_record_pack(uint8_t **out, size_t *len, const struct session_record *r)
{
	const struct session_row *w = &r->row;
	const char *const text[STRINGS] = { r->day, w->user, w->tty, w->host, w->from, w->cwd,
		w->program, w->args, w->finding };
	size_t size = FIXED, i;
	uint8_t *p, *at;

	for (i = 0; i < STRINGS; i++)
		size += strlen(text[i]) + 1;
	p = malloc(size);
	if (p == NULL)
		return -ENOMEM;
	put_numbers(p, r);
	put_u64(p + 8 * (NUMBERS - 1), size);
	memcpy(p + 8 * NUMBERS, r->expected, SESSION_EXPECTED);
	memcpy(p + 8 * NUMBERS + SESSION_EXPECTED, r->name.id, ID_SIZE);
	at = p + FIXED;
	for (i = 0; i < STRINGS; i++) {
		memcpy(at, text[i], strlen(text[i]) + 1);
		at += strlen(text[i]) + 1;
	}
	*out = p;
	*len = size;
	return 0;
}

static int get_numbers(struct session_record *r, const uint8_t *p)
{
	struct session_row *w = &r->row;
	uint64_t v[NUMBERS];
	size_t i;

	for (i = 0; i < NUMBERS; i++)
		v[i] = get_u64(p + 8 * i);
	if (v[1] > SESSION_CUT || v[17] > STATUS_TAMPERED || v[18] > 4 || v[19] > 4)
		return E_FORMAT;
	r->name.n = v[0];
	r->name.state = (enum session_state)v[1];
	r->state = (struct store_state){ .dev = v[2], .ino = v[3], .size = v[4],
		.mtime_ns = (int64_t)v[5], .ctime_ns = (int64_t)v[6] };
	r->base = (int)v[19] - 1;
	r->own = (unsigned)v[24];
	*w = (struct session_row){ .have_cert = v[7] != 0, .uid = (uint32_t)v[8], .gid = (uint32_t)v[25],
		.start_ns = (int64_t)v[9], .end_ns = (int64_t)v[10], .length_ns = v[11],
		.active_ns = v[12], .bytes_in = v[13], .bytes_out = v[14], .lost = v[15],
		.hidden = v[16], .status = (enum verdict_status)v[17], .level = (int)v[18] - 1,
		.exited = v[20] != 0, .wait_status = (int)(uint32_t)v[21],
		.findings = (unsigned)v[22], .finding_chunk = (int64_t)v[23], .as = "" };
	return 0;
}

/* A string and its zero; NULL where there is none. */
static const char *take_text(struct rest *b)
{
	const uint8_t *end = memchr(b->p, 0, b->len);

	return end != NULL ? (const char *)rest_take(b, (size_t)(end - b->p) + 1) : NULL;
}

int session_record_unpack(struct session_record *r, struct rest *b)
{
	struct session_row *w = &r->row;
	const char *day, **const text[STRINGS] = { &day, &w->user, &w->tty, &w->host, &w->from,
		&w->cwd, &w->program, &w->args, &w->finding };
	const uint8_t *p = b->p;
	struct rest own;
	size_t i;
	int e;

	if (b->len < FIXED)
		return E_SHORT;
	own.len = get_u64(p + 8 * (NUMBERS - 1));
	if (own.len < FIXED || own.len > b->len)
		return E_FORMAT;
	own.p = rest_take(b, own.len);
	if ((e = get_numbers(r, rest_take(&own, FIXED))) != 0)
		return e;
	memcpy(r->expected, p + 8 * NUMBERS, SESSION_EXPECTED);
	memcpy(r->name.id, p + 8 * NUMBERS + SESSION_EXPECTED, ID_SIZE);
	for (i = 0; i < STRINGS; i++)
		if ((*text[i] = take_text(&own)) == NULL)
			return E_SHORT;
	if (strlen(day) >= sizeof r->day || own.len != 0)
		return E_FORMAT;
	memcpy(r->day, day, strlen(day) + 1);
	return 0;
}
