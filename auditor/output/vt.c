/* SPDX-License-Identifier: ISC */
#include "output/vt.h"

#include <string.h>

#include "utf8.h"

enum { GROUND, ESCAPE, ESCAPE_INTER, CSI, CSI_INTER, CSI_IGNORE, STRING };

#define ESC 0x1b
#define DEL 0x7f

void vt_init(struct vt *v)
{
	memset(v, 0, sizeof *v);
}

static int is_control(uint8_t b)
{
	return b < 0x20 || b == DEL;
}

static int event_bytes(struct vt_event *e, enum vt_kind kind, const uint8_t *data, size_t len)
{
	e->kind = kind;
	e->data = data;
	e->len = len;
	return 1;
}

static int event_control(struct vt_event *e, uint8_t b)
{
	e->kind = VT_CONTROL;
	e->final = b;
	return 1;
}

/* Goes on with the UTF-8 sequence in hold.  The bytes in hold are always the
 * start of a valid one, so what a further byte makes invalid is all of them
 * without that byte. */
static int next_held(struct vt *v, const uint8_t **p, const uint8_t *end, struct vt_event *e)
{
	while (*p < end) {
		uint8_t had = v->held;
		int r;

		v->hold[v->held++] = **p;
		r = utf8_next(v->hold, v->held, &e->cp);
		if (r == 0) {
			(*p)++;
			continue;
		}
		v->held = 0;
		if (r < 0)
			return event_bytes(e, VT_INVALID, v->hold, had);
		(*p)++;
		return event_bytes(e, VT_RUNE, v->hold, (size_t)r);
	}
	return 0;
}

static int next_multibyte(struct vt *v, const uint8_t **p, const uint8_t *end, struct vt_event *e)
{
	const uint8_t *start = *p;
	size_t left = (size_t)(end - start);
	int r = utf8_next(start, left, &e->cp);

	if (r == 0 && left < sizeof v->hold) {
		memcpy(v->hold, start, left);
		v->held = (uint8_t)left;
		*p = end;
		return 0;
	}
	if (r > 0) {
		*p += r;
		return event_bytes(e, VT_RUNE, start, (size_t)r);
	}
	*p += r < 0 ? -r : 1;
	return event_bytes(e, VT_INVALID, start, (size_t)(*p - start));
}

/* 1: *e is set; 0: input used up, or the state has changed */
static int next_ground(struct vt *v, const uint8_t **p, const uint8_t *end, struct vt_event *e)
{
	const uint8_t *start = *p;

	if (v->held > 0)
		return next_held(v, p, end, e);
	while (*p < end && **p >= 0x20 && **p < DEL)
		(*p)++;
	if (*p > start)
		return event_bytes(e, VT_TEXT, start, (size_t)(*p - start));
	if (**p >= 0x80)
		return next_multibyte(v, p, end, e);
	(*p)++;
	if (*start != ESC)
		return event_control(e, *start);
	v->state = ESCAPE;
	memset(&v->seq, 0, sizeof v->seq);
	return 0;
}

static int finish(struct vt *v, enum vt_kind kind, uint8_t final, struct vt_event *e)
{
	v->seq.kind = kind;
	v->seq.final = final;
	*e = v->seq;
	v->state = GROUND;
	return 1;
}

static int escape_byte(struct vt *v, uint8_t b, struct vt_event *e)
{
	if (b < 0x30) {
		/* two intermediates: no sequence of interest has them */
		v->seq.inter = v->state == ESCAPE ? b : 0xff;
		v->state = ESCAPE_INTER;
		return 0;
	}
	if (v->state == ESCAPE_INTER)
		return finish(v, VT_ESC, b, e);
	switch (b) {
	case '[':
		v->state = CSI;
		return 0;
	case ']': case 'P': case 'X': case '^': case '_': case 'k':
		v->state = STRING;
		return 0;
	default:
		return finish(v, VT_ESC, b, e);
	}
}

static void csi_digit(struct vt *v, uint8_t b)
{
	struct vt_event *s = &v->seq;
	uint32_t *last;

	if (s->params == 0)
		s->params = 1;
	last = &s->param[s->params - 1];
	*last = *last * 10 + (uint32_t)(b - '0');
	if (*last > VT_PARAM_MAX)
		*last = VT_PARAM_MAX;
}

static void csi_separator(struct vt *v, uint8_t b)
{
	struct vt_event *s = &v->seq;

	if (s->params == 0)
		s->params = 1;
	if (s->params == VT_PARAMS) {
		v->state = CSI_IGNORE;
		return;
	}
	if (b == ':')
		s->colons |= UINT32_C(1) << s->params;
	s->params++;
}

static int csi_byte(struct vt *v, uint8_t b, struct vt_event *e)
{
	if (b >= 0x40) {
		if (v->state != CSI_IGNORE)
			return finish(v, VT_CSI, b, e);
		v->state = GROUND;
	} else if (b < 0x30) {
		if (v->state == CSI)
			v->state = CSI_INTER;
		else
			v->state = CSI_IGNORE;
		v->seq.inter = b;
	} else if (v->state != CSI) {
		v->state = CSI_IGNORE;
	} else if (b <= '9') {
		csi_digit(v, b);
	} else if (b <= ';') {
		csi_separator(v, b);
	} else if (v->seq.params == 0 && v->seq.prefix == 0) {
		v->seq.prefix = b;
	} else {
		v->state = CSI_IGNORE;
	}
	return 0;
}

static int next_sequence(struct vt *v, const uint8_t **p, struct vt_event *e)
{
	uint8_t b = **p;

	if (b >= 0x80) { /* no sequence goes on with it: it is text again */
		v->state = GROUND;
		return 0;
	}
	(*p)++;
	if (b == ESC) {
		v->state = ESCAPE;
		memset(&v->seq, 0, sizeof v->seq);
		return 0;
	}
	if (b == 0x18 || b == 0x1a) {
		v->state = GROUND;
		return 0;
	}
	if (is_control(b))
		return event_control(e, b);
	return v->state <= ESCAPE_INTER ? escape_byte(v, b, e) : csi_byte(v, b, e);
}

static int ends_string(uint8_t b)
{
	return b == '\a' || b == '\r' || b == '\n' || b == 0x18 || b == 0x1a || b == ESC;
}

static void skip_string(struct vt *v, const uint8_t **p, const uint8_t *end)
{
	while (*p < end && !ends_string(**p))
		(*p)++;
	if (*p == end)
		return;
	v->state = GROUND; /* where ESC, CR and LF are taken up again */
	if (**p != ESC && **p != '\r' && **p != '\n')
		(*p)++;
}

int vt_next(struct vt *v, const uint8_t **p, const uint8_t *end, struct vt_event *e)
{
	while (*p < end) {
		int r = 0;

		if (v->state == GROUND)
			r = next_ground(v, p, end, e);
		else if (v->state == STRING)
			skip_string(v, p, end);
		else
			r = next_sequence(v, p, e);
		if (r)
			return 1;
	}
	return 0;
}

int vt_end(struct vt *v, struct vt_event *e)
{
	size_t had = v->held;

	v->held = 0;
	v->state = GROUND;
	return had > 0 ? event_bytes(e, VT_INVALID, v->hold, had) : 0;
}
