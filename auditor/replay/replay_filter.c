/* SPDX-License-Identifier: ISC */
#include "replay/replay_filter.h"

#include <stdio.h>
#include <string.h>

#include "escape.h"

/* Most that one REP may repeat: a screen's worth */
#define REPEAT_MAX 4096

void replay_filter_init(struct replay_filter *f, struct sink *out)
{
	vt_init(&f->vt);
	f->out = out;
	f->changed = 0;
}

static int is_one_of(uint8_t b, const char *set)
{
	return b != 0 && strchr(set, b) != NULL;
}

static void control(struct replay_filter *f, uint8_t b)
{
	/* shift out and shift in choose a character set: line drawing */
	if (is_one_of(b, "\b\t\n\v\f\r\x0e\x0f"))
		sink_put(f->out, &b, 1);
	if (b == 0x0e)
		f->changed |= REPLAY_MODES;
}

static void escape(struct replay_filter *f, const struct vt_event *e)
{
	uint8_t seq[3] = { 0x1b, e->inter, e->final };

	if (e->inter == 0 && is_one_of(e->final, "78DEM")) {
		seq[1] = e->final;
		sink_put(f->out, seq, 2);
	} else if (is_one_of(e->inter, "()*+") && is_one_of(e->final, "0AB")) {
		sink_put(f->out, seq, 3);
		f->changed |= REPLAY_MODES;
	} else if (e->inter == 0 && e->final == 'c') {
		/* a full reset would take the auditor's own settings too */
		sink_str(f->out, "\033[0m\033[r\033[H\033[2J");
	}
}

/* CSI, the parameters as they were understood, final */
static void put_csi(struct replay_filter *f, const struct vt_event *e)
{
	char text[VT_PARAMS * 6 + 8];
	size_t len = 0;
	unsigned i;

	text[len++] = '\033';
	text[len++] = '[';
	for (i = 0; i < e->params; i++) {
		if (i > 0)
			text[len++] = (e->colons >> i & 1) ? ':' : ';';
		len += (size_t)snprintf(text + len, sizeof text - len, "%u", (unsigned)e->param[i]);
	}
	text[len++] = (char)e->final;
	sink_put(f->out, text, len);
}

static int private_mode_allowed(uint32_t mode)
{
	return mode == 7 || mode == 25 || mode == 47 || (mode >= 1047 && mode <= 1049);
}

static void note_private_mode(struct replay_filter *f, uint32_t mode, int set)
{
	unsigned bit = REPLAY_MODES;

	if (mode == 1048)
		return;
	if (mode == 1049)
		bit = REPLAY_ALTERNATE;
	else if (mode == 47 || mode == 1047)
		bit = REPLAY_ALTERNATE_OLD;
	if (bit != REPLAY_MODES && !set)
		f->changed &= ~bit;
	else
		f->changed |= bit;
}

static void private_modes(struct replay_filter *f, const struct vt_event *e)
{
	char text[16];
	unsigned i;
	int len;

	for (i = 0; i < e->params; i++) {
		if (!private_mode_allowed(e->param[i]))
			continue;
		len = snprintf(text, sizeof text, "\033[?%u%c", (unsigned)e->param[i],
		    e->final);
		sink_put(f->out, text, (size_t)len);
		note_private_mode(f, e->param[i], e->final == 'h');
	}
}

/* Those whose safety hangs on their parameters */
static int params_allowed(const struct vt_event *e)
{
	uint32_t first = e->params > 0 ? e->param[0] : 0;

	if (e->colons != 0 && e->final != 'm')
		return 0;
	switch (e->final) {
	case 'J':
		return e->params <= 1 && first <= 2; /* 3 erases what was scrolled away */
	case 'T':
		return e->params <= 1; /* with five it tracks the mouse */
	case 's': case 'u':
		return e->params == 0; /* with two it sets margins */
	case 'h': case 'l':
		return e->params == 1 && first == 4; /* insert mode */
	case 'b':
		return e->params <= 1 && first <= REPEAT_MAX;
	default:
		return 1;
	}
}

static void csi(struct replay_filter *f, const struct vt_event *e)
{
	if (e->inter != 0)
		return;
	if (e->prefix == '?' && (e->final == 'h' || e->final == 'l')) {
		private_modes(f, e);
		return;
	}
	if (e->prefix != 0 || !is_one_of(e->final, "@ABCDEFGHIJKLMPSTXZ`abdefmrsuhl") ||
	    !params_allowed(e))
		return;
	put_csi(f, e);
	if (e->final == 'r')
		f->changed |= REPLAY_REGION;
	else if (is_one_of(e->final, "mh"))
		f->changed |= REPLAY_MODES;
}

static void handle(struct replay_filter *f, const struct vt_event *e)
{
	switch (e->kind) {
	case VT_TEXT:
		sink_put(f->out, e->data, e->len);
		break;
	case VT_RUNE:
		if (escape_printable(e->cp)) {
			sink_put(f->out, e->data, e->len);
			break;
		}
		if (e->cp >= 0xa0)
			sink_str(f->out, "\xef\xbf\xbd");
		break;
	case VT_INVALID:
		sink_str(f->out, "\xef\xbf\xbd");
		break;
	case VT_CONTROL:
		control(f, e->final);
		break;
	case VT_ESC:
		escape(f, e);
		break;
	case VT_CSI:
		csi(f, e);
		break;
	}
}

void replay_filter_put(struct replay_filter *f, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	struct vt_event e;

	while (vt_next(&f->vt, &p, end, &e))
		handle(f, &e);
}

void replay_filter_end(struct replay_filter *f)
{
	struct vt_event e;

	if (vt_end(&f->vt, &e))
		handle(f, &e);
	if (f->changed & REPLAY_REGION)
		sink_str(f->out, "\0337\033[r\0338");
	if (f->changed & REPLAY_ALTERNATE)
		sink_str(f->out, "\033[?1049l");
	if (f->changed & REPLAY_ALTERNATE_OLD)
		sink_str(f->out, "\033[?1047l");
	if (f->changed != 0) /* SGR, character sets, insert mode, autowrap, cursor */
		sink_str(f->out, "\033[0m\033(B\033)B\017\033[4l\033[?7h\033[?25h");
	f->changed = 0;
}
