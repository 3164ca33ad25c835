/* SPDX-License-Identifier: ISC */
#include "screen_text.h"

#define ESC 0x1b
#define BEL 0x07

/* Cursor left, erase in display, in line, delete and erase characters. */
static int is_erasing(uint8_t final)
{
	return final == 'D' || final == 'J' || final == 'K' || final == 'P' || final == 'X';
}

/* Cursor position, line position, next and preceding line. */
static int is_placing(uint8_t final)
{
	return final == 'H' || final == 'f' || final == 'd' || final == 'E' || final == 'F';
}

static enum screen_kind after_esc(struct screen_text *s, uint8_t b)
{
	if (b == '[') {
		s->state = SCREEN_CSI;
	} else if (b == ']' || b == 'P' || b == 'X' || b == '^' || b == '_') {
		s->state = SCREEN_STRING;
	} else if (b < 0x20 || b > 0x2f) {
		s->state = SCREEN_GROUND;
		return SCREEN_MOVE;
	}
	return SCREEN_NONE;
}

static enum screen_kind in_csi(struct screen_text *s, uint8_t b)
{
	if (b < 0x40 || b > 0x7e)
		return SCREEN_NONE;
	s->state = SCREEN_GROUND;
	if (is_placing(b))
		return SCREEN_JUMP;
	return is_erasing(b) ? SCREEN_NONE : SCREEN_MOVE;
}

static enum screen_kind in_string(struct screen_text *s, uint8_t b)
{
	int ends = b == BEL || (s->state == SCREEN_STRING_ESC && b == '\\');

	s->state = ends ? SCREEN_GROUND : b == ESC ? SCREEN_STRING_ESC : SCREEN_STRING;
	return ends ? SCREEN_MOVE : SCREEN_NONE;
}

/* U+2022 is e2 80 a2, U+25cf is e2 97 8f. */
static enum screen_kind utf8_mask(struct screen_text *s, uint8_t b)
{
	if (s->utf8_len == 1 && (b == 0x80 || b == 0x97)) {
		s->utf8[s->utf8_len++] = b;
		return SCREEN_NONE;
	}
	if (s->utf8_len == 2 && b == (s->utf8[1] == 0x80 ? 0xa2 : 0x8f)) {
		s->utf8_len = 0;
		return SCREEN_MASK;
	}
	s->utf8_len = 0;
	return SCREEN_TEXT;
}

static enum screen_kind control(struct screen_text *s, uint8_t b)
{
	switch (b) {
	case ESC:
		s->state = SCREEN_ESC;
		return SCREEN_NONE;
	case '\r':
		return SCREEN_CR;
	case '\n':
		return SCREEN_LF;
	case '\b':
		s->erasing = 1;
		return SCREEN_NONE;
	default:
		return SCREEN_NONE;
	}
}

static enum screen_kind ground(struct screen_text *s, uint8_t b)
{
	if (s->utf8_len > 0)
		return utf8_mask(s, b);
	if (b == ' ')
		return s->erasing ? SCREEN_NONE : SCREEN_SPACE;
	if (b < 0x20 || b == 0x7f)
		return control(s, b);
	s->erasing = 0;
	if (b == 0xe2) {
		s->utf8[0] = b;
		s->utf8_len = 1;
		return SCREEN_NONE;
	}
	return b == '*' ? SCREEN_MASK : SCREEN_TEXT;
}

enum screen_kind screen_next(struct screen_text *s, uint8_t byte)
{
	switch (s->state) {
	case SCREEN_ESC:
		return after_esc(s, byte);
	case SCREEN_CSI:
		return in_csi(s, byte);
	case SCREEN_STRING:
	case SCREEN_STRING_ESC:
		return in_string(s, byte);
	case SCREEN_GROUND:
		break;
	}
	return ground(s, byte);
}
