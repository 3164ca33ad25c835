/* SPDX-License-Identifier: ISC */
#include "replay/prompt.h"

#define CONTROL(c) ((c) & 0x1f)

void prompt_ask(struct prompt *p, int what)
{
	p->asked = what;
	p->len = 0;
	p->text[0] = '\0';
}

/* The last character goes, however many bytes it has. */
static void erase(struct prompt *p)
{
	while (p->len > 0 && ((unsigned char)p->text[--p->len] & 0xc0) == 0x80)
		;
	p->text[p->len] = '\0';
}

enum prompt_end prompt_key(struct prompt *p, int key)
{
	switch (key) {
	case '\r': case '\n':
		return PROMPT_TAKEN;
	case 0x1b:
		p->len = 0;
		return PROMPT_LEFT;
	case 0x7f: case '\b':
		if (p->len == 0)
			return PROMPT_LEFT;
		erase(p);
		return PROMPT_GOES_ON;
	case CONTROL('u'):
		p->len = 0;
		break;
	default:
		if (key >= 0x20 && key < 0x100 && p->len < PROMPT_MAX - 1)
			p->text[p->len++] = (char)key;
		break;
	}
	p->text[p->len] = '\0';
	return PROMPT_GOES_ON;
}
