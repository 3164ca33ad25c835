/* SPDX-License-Identifier: ISC */
#include "hidden.h"

#include <sodium.h>
#include <string.h>

enum { FATE_OPEN, FATE_KEEP, FATE_HIDE };

/* typed one by one without an answer, so many are what secrets look like */
#define SILENT_MIN 3

void hidden_init(struct hidden *h, enum conf_input policy, const struct hidden_sink *sink)
{
	memset(h, 0, offsetof(struct hidden, piece)); /* the rest is written before it is read */
	h->policy = policy;
	h->sink = *sink;
}

/* Keys that end a run: line ends; interrupt, end-of-file, stop and quit as
 * terminals have them by default. */
static int ends_run(uint8_t b)
{
	return b == '\r' || b == '\n' || b == 0x03 || b == 0x04 || b == 0x1a || b == 0x1c;
}

static int is_open(const struct hidden *h, size_t i, uint32_t run)
{
	return h->piece[i].fate == FATE_OPEN && h->piece[i].run == run;
}

/* Text of a run's undecided bytes, without line ends; cut to HIDDEN_ECHO_MAX.
 * *since: where an echo of it may begin. */
static size_t run_text(const struct hidden *h, uint32_t run, uint8_t *out, uint64_t *since)
{
	struct screen_text s = { 0 };
	size_t i, off = 0, n = 0;

	for (i = 0; i < h->pieces && h->piece[i].run <= run; off += h->piece[i++].len) {
		if (!is_open(h, i, run))
			continue;
		n = hidden_echo_visible(&s, out, n, HIDDEN_ECHO_MAX, h->held + off,
		    h->piece[i].len);
		*since = h->piece[i].since;
	}
	while (n > 0 && out[n - 1] == '\n')
		n--;
	return n;
}

static void decide(struct hidden *h, uint32_t run, uint8_t fate)
{
	size_t i;

	for (i = 0; i < h->pieces; i++)
		if (is_open(h, i, run))
			h->piece[i].fate = fate;
}

/* Undecided bytes of a run wait for their echo until then. */
static void await_echo(struct hidden *h, uint32_t run, uint64_t end_ns)
{
	size_t i;

	for (i = 0; i < h->pieces; i++)
		if (is_open(h, i, run))
			h->piece[i].end_ns = end_ns;
}

static int is_waiting(const struct hidden *h)
{
	return h->pieces > 0 && h->piece[0].fate == FATE_OPEN && h->piece[0].end_ns != 0;
}

/* Decides about the oldest run if it waits; 1 if that is possible now. */
static int decide_oldest(struct hidden *h, uint64_t now_ns)
{
	uint8_t text[HIDDEN_ECHO_MAX];
	uint32_t run = h->piece[0].run;
	uint64_t since = 0;
	size_t len;
	int fate = FATE_OPEN;

	len = run_text(h, run, text, &since);
	if (hidden_echo_take(&h->echo, text, len, since))
		fate = FATE_KEEP;
	else if (now_ns >= h->piece[0].end_ns)
		fate = FATE_HIDE;
	sodium_memzero(text, sizeof(text));
	if (fate != FATE_OPEN)
		decide(h, run, (uint8_t)fate);
	return fate != FATE_OPEN;
}

static void drop_front(struct hidden *h, size_t pieces, size_t bytes)
{
	h->pieces -= pieces;
	memmove(h->piece, h->piece + pieces, h->pieces * sizeof(*h->piece));
	h->held_len -= bytes;
	memmove(h->held, h->held + bytes, h->held_len);
	sodium_memzero(h->held + h->held_len, bytes);
}

/* Hands the first decided pieces to the sink: kept ones one by one, hidden ones
 * of a run as one number. */
static void hand_over(struct hidden *h)
{
	const struct hidden_piece *p = h->piece;
	size_t i, n = 0;

	if (p->fate == FATE_KEEP) {
		h->sink.keep(h->sink.ctx, h->held, p->len, p->typed_ns);
		drop_front(h, 1, p->len);
		return;
	}
	for (i = 0; i < h->pieces && p[i].fate == FATE_HIDE && p[i].run == p->run; i++)
		n += p[i].len;
	h->sink.hide(h->sink.ctx, n, p->typed_ns);
	drop_front(h, i, n);
}

static void settle(struct hidden *h, uint64_t now_ns)
{
	while (h->pieces > 0) {
		if (is_waiting(h) && !decide_oldest(h, now_ns))
			return;
		if (h->piece[0].fate == FATE_OPEN)
			break;
		hand_over(h);
	}
	hidden_echo_reset(&h->echo);
}

static void next_run(struct hidden *h)
{
	h->run++;
	h->state = HIDDEN_FRESH;
	memset(&h->scan, 0, sizeof(h->scan));
}

/* Holds bytes of the current run; without room they count as hidden. */
static void hold(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len)
{
	struct hidden_piece *last = h->pieces > 0 ? &h->piece[h->pieces - 1] : NULL;

	if (len == 0)
		return;
	if (len > HIDDEN_HELD_MAX - h->held_len ||
	    (h->pieces == HIDDEN_PIECES_MAX && !is_open(h, h->pieces - 1, h->run))) {
		h->sink.hide(h->sink.ctx, len, now_ns);
		return;
	}
	memcpy(h->held + h->held_len, p, len);
	h->held_len += len;
	if (h->pieces == HIDDEN_PIECES_MAX) {
		last->len += (uint32_t)len;
		last->since = hidden_echo_here(&h->echo);
		return;
	}
	h->piece[h->pieces++] = (struct hidden_piece){ .typed_ns = now_ns, .run = h->run,
	    .len = (uint32_t)len, .since = hidden_echo_here(&h->echo), .fate = FATE_OPEN };
}

/* The run's last byte is held: what can be decided now is decided. */
static void end_run(struct hidden *h, uint64_t now_ns, size_t before)
{
	uint8_t text[HIDDEN_ECHO_MAX];
	uint64_t since;
	size_t last = h->pieces - 1;

	if (h->state == HIDDEN_MASKED) {
		decide(h, h->run, FATE_HIDE);
	} else if (run_text(h, h->run, text, &since) == 0) {
		decide(h, h->run, FATE_KEEP);
	} else {
		if (h->state == HIDDEN_ANSWERED && h->pieces > before)
			h->piece[last].fate = FATE_KEEP;
		await_echo(h, h->run, now_ns + HIDDEN_PATIENCE_NS);
	}
	sodium_memzero(text, sizeof(text));
	next_run(h);
}

static void typed_raw(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len)
{
	size_t n, before;

	while (len > 0) {
		for (n = 0; n < len && !ends_run(p[n]); n++)
			;
		hold(h, now_ns, p, n);
		if (n == len)
			return;
		before = h->pieces;
		hold(h, now_ns, p + n, 1);
		end_run(h, now_ns, before);
		p += n + 1;
		len -= n + 1;
	}
}

static void end_canonical(struct hidden *h)
{
	if (h->canon_n > 0)
		h->sink.hide(h->sink.ctx, h->canon_n, h->canon_ns);
	h->canon_n = 0;
}

static void typed_canonical(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len)
{
	for (; len > 0; p++, len--) {
		if (h->canon_n++ == 0)
			h->canon_ns = now_ns;
		if (ends_run(*p))
			end_canonical(h);
	}
}

/* The modes are no longer those in which the open run was typed. */
static void leave_raw(struct hidden *h, uint64_t now_ns)
{
	if (h->pieces == 0 || !is_open(h, h->pieces - 1, h->run))
		return;
	if (h->state == HIDDEN_MASKED)
		decide(h, h->run, FATE_HIDE);
	else
		await_echo(h, h->run, now_ns + HIDDEN_PATIENCE_NS);
	next_run(h);
}

void hidden_typed(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len, int echo,
    int icanon)
{
	if (h->policy == CONF_INPUT_NONE) {
		h->sink.hide(h->sink.ctx, len, now_ns);
		return;
	}
	if (echo || !icanon)
		end_canonical(h);
	if (echo || icanon || h->policy == CONF_INPUT_ALL)
		leave_raw(h, now_ns);
	if (echo || h->policy == CONF_INPUT_ALL)
		h->sink.keep(h->sink.ctx, p, len, now_ns);
	else if (icanon)
		typed_canonical(h, now_ns, p, len);
	else
		typed_raw(h, now_ns, p, len);
	settle(h, now_ns);
}

/* Text for lines that wait for their echo. */
static void collect_echo(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len)
{
	size_t n;

	for (; len > 0 && is_waiting(h); p += n, len -= n) {
		n = len < HIDDEN_ECHO_MAX / 2 ? len : HIDDEN_ECHO_MAX / 2;
		hidden_echo_add(&h->echo, p, n);
		settle(h, now_ns);
	}
}

/* First visible byte and number of reads of the current run that hold any. */
static unsigned open_reads(const struct hidden *h, uint8_t *first)
{
	struct screen_text s = { 0 };
	uint8_t text;
	size_t i, off = 0;
	unsigned n = 0;

	for (i = 0; i < h->pieces; off += h->piece[i++].len) {
		if (!is_open(h, i, h->run) ||
		    hidden_echo_visible(&s, &text, 0, 1, h->held + off, h->piece[i].len) == 0 || text == '\n')
			continue;
		if (n++ == 0)
			*first = text;
	}
	return n;
}

static void answered(struct hidden *h, const uint8_t *p, size_t len)
{
	uint8_t first = 0;

	if (open_reads(h, &first) >= SILENT_MIN && memchr(p, first, len) == NULL) {
		decide(h, h->run, FATE_HIDE);
		next_run(h);
		return;
	}
	decide(h, h->run, FATE_KEEP);
	h->state = HIDDEN_ANSWERED;
}

/* What a write says about the run that is being typed. */
static void judge(struct hidden *h, const uint8_t *p, size_t len)
{
	int text = 0, mask = 0, move = 0, star = h->held[h->held_len - 1] == '*';
	size_t i;

	for (i = 0; i < len && !text; i++) {
		switch (screen_next(&h->scan, p[i])) {
		case SCREEN_TEXT:
		case SCREEN_SPACE:
			text = 1;
			break;
		case SCREEN_MASK:
			mask = 1;
			break;
		case SCREEN_MOVE:
		case SCREEN_JUMP:
			move = 1;
			break;
		default:
			break;
		}
	}
	if (mask && !text && !star)
		h->state = HIDDEN_MASKED;
	else if (text || mask || move)
		answered(h, p, len);
}

void hidden_written(struct hidden *h, uint64_t now_ns, const uint8_t *p, size_t len)
{
	if (h->pieces == 0)
		return;
	collect_echo(h, now_ns, p, len);
	if (h->pieces > 0 && is_open(h, h->pieces - 1, h->run) && h->state != HIDDEN_MASKED) {
		judge(h, p, len);
		settle(h, now_ns);
	}
}

size_t hidden_held(const struct hidden *h)
{
	return h->held_len;
}

uint64_t hidden_deadline(const struct hidden *h)
{
	return is_waiting(h) ? h->piece[0].end_ns : 0;
}

void hidden_tick(struct hidden *h, uint64_t now_ns)
{
	if (is_waiting(h))
		settle(h, now_ns);
}

void hidden_end(struct hidden *h)
{
	size_t i;

	end_canonical(h);
	for (i = 0; i < h->pieces; i++)
		if (h->piece[i].fate == FATE_OPEN)
			h->piece[i].fate = FATE_HIDE;
	while (h->pieces > 0)
		hand_over(h);
	sodium_memzero(h->held, sizeof(h->held));
}
