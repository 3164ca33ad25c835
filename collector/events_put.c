/* SPDX-License-Identifier: ISC */
/* Parts that several events have. */
#include <string.h>

#include "events_internal.h"
#include "session.h"

#define TTY_MINOR_BITS 20

/* A number as a word: ids of users. */
static void put_id(struct events_text *t, const char *name, uint32_t id)
{
	char text[11];
	char *p = text + sizeof(text) - 1;

	*p = '\0';
	do {
		*--p = (char)('0' + id % 10);
		id /= 10;
	} while (id > 0);
	events_text_word(t, name, p);
}

void events_put_user(struct events_text *t, uint32_t uid, const char *name)
{
	events_text_begin(t, "user", '{');
	put_id(t, "id", uid);
	events_text_string(t, "name", name);
	events_text_end(t, '}');
}

void events_put_tty(struct events_text *t, uint32_t dev)
{
	if (dev == 0)
		return;
	events_text_begin(t, "tty", '{');
	events_text_begin(t, "char_device", '{');
	events_text_number(t, "major", dev >> TTY_MINOR_BITS);
	events_text_number(t, "minor", dev & ((1u << TTY_MINOR_BITS) - 1));
	events_text_end(t, '}');
	events_text_end(t, '}');
}

void events_put_life(struct events_text *t, const uint8_t boot_id[BOOT_ID_SIZE], uint32_t pid,
    uint64_t start_ticks, uint16_t ordinal)
{
	struct life_name n = {.has_boot = 1, .pid = pid, .start_ticks = start_ticks,
		.ordinal = ordinal};
	char name[LIFE_NAME_SIZE];

	memcpy(n.boot_id, boot_id, BOOT_ID_SIZE);
	events_text_word(t, "entity_id", life_name_format(name, &n));
}

void events_put_session(struct events_text *t, uint64_t n, const uint8_t id[ID_SIZE])
{
	events_text_begin(t, "session", '{');
	events_text_number(t, "n", n);
	if (id != NULL)
		events_text_hex(t, "id", id, ID_SIZE);
}

void events_put_owner(const struct events *e, struct events_text *t, const uint8_t id[ID_SIZE])
{
	const struct session *s = registry_find(&e->c->registry, id);

	if (s != NULL)
		events_put_user(t, s->in.chain.cert.uid, s->in.chain.cert.user);
}

void events_put_leaf(struct events_text *t, uint64_t index)
{
	events_text_begin(t, "ledger", '{');
	events_text_number(t, "index", index);
	events_text_end(t, '}');
}
