/* SPDX-License-Identifier: ISC */
#include "search/keystrokes.h"

#define ESC 0x1b
#define ERASE_WORD 0x17
#define ERASE_LINE 0x15
#define INTERRUPT 0x03

void keystrokes_init(struct keystrokes *k, int (*end)(void *arg, const char *line, size_t len),
    void *arg)
{
	k->len = 0;
	k->escape = 0;
	k->end = end;
	k->arg = arg;
}

int keystrokes_end(struct keystrokes *k)
{
	size_t len = k->len;

	k->len = 0;
	return len > 0 ? k->end(k->arg, k->line, len) : 0;
}

static void erase_character(struct keystrokes *k)
{
	while (k->len > 0 && ((uint8_t)k->line[k->len - 1] & 0xc0) == 0x80)
		k->len--;
	if (k->len > 0)
		k->len--;
}

static void erase_word(struct keystrokes *k)
{
	while (k->len > 0 && k->line[k->len - 1] == ' ')
		k->len--;
	while (k->len > 0 && k->line[k->len - 1] != ' ')
		k->len--;
}

static int control(struct keystrokes *k, uint8_t c)
{
	switch (c) {
	case '\r':
	case '\n':
		return keystrokes_end(k);
	case ESC:
		k->escape = ESC;
		break;
	case '\b':
	case 0x7f:
		erase_character(k);
		break;
	case ERASE_WORD:
		erase_word(k);
		break;
	case ERASE_LINE:
	case INTERRUPT:
		k->len = 0;
		break;
	default:
		break;
	}
	return 0;
}

/* A byte of a sequence as keys send them: ESC [ ... letter, ESC O letter, ESC letter. */
static void in_escape(struct keystrokes *k, uint8_t c)
{
	if (k->escape == ESC && (c == '[' || c == 'O'))
		k->escape = c;
	else if (k->escape != '[' || (c >= 0x40 && c <= 0x7e))
		k->escape = 0;
}

int keystrokes_put(struct keystrokes *k, const uint8_t *p, size_t len)
{
	int r = 0;

	for (size_t i = 0; i < len && r == 0; i++) {
		if (k->escape != 0 && p[i] >= ' ') {
			in_escape(k, p[i]);
			continue;
		}
		k->escape = 0;
		if (p[i] < ' ' || p[i] == 0x7f) {
			r = control(k, p[i]);
			continue;
		}
		k->line[k->len++] = (char)p[i];
		if (k->len == sizeof k->line)
			r = keystrokes_end(k);
	}
	return r;
}
