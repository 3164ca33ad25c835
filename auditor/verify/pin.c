/* SPDX-License-Identifier: ISC */
#include "verify/pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

/* text of len bytes is what could be read, or r says why not. */
static void take(struct pin *p, int r, uint8_t *text, size_t len)
{
	memset(p, 0, sizeof *p);
	if (r == -ENOENT)
		return;
	p->text = (char *)text;
	p->len = len;
	if (r != 0 || (r = note_parse(&p->note, p->text, p->len)) != 0 ||
	    (r = checkpoint_parse(&p->at, p->note.text, p->note.text_len)) != 0)
		p->error = r;
}

void pin_load(struct pin *p, int dirfd, const char *name)
{
	uint8_t *text = NULL;
	size_t len = 0;
	int r = io_read_file(dirfd, name, NOTE_MAX, &text, &len);

	take(p, r, text, len);
}

void pin_load_store(struct pin *p, const struct store *s, const char *path)
{
	uint8_t *text = NULL;
	size_t len = 0;
	int r = store_read_file(s, path, NOTE_MAX, &text, &len);

	take(p, r, text, len);
}

void pin_release(struct pin *p)
{
	free(p->text);
	p->text = NULL;
}

void pin_tree(struct pin *p, const struct merkle *t)
{
	if (p->text == NULL || p->error != 0 || t->size != p->at.size)
		return;
	merkle_root(t, p->root);
	p->reached = 1;
}

enum pin_fit pin_fit(const struct pin *p, const char *origin, const struct host_chain *keys)
{
	if (p->text == NULL && p->error == 0)
		return PIN_NONE;
	if (p->error != 0 || host_chain_verify(keys, origin, &p->note, &p->at, NULL) != 0)
		return PIN_WRONG;
	if (!p->reached)
		return PIN_AHEAD;
	return memcmp(p->root, p->at.root, MERKLE_HASH) == 0 ? PIN_FITS : PIN_FORKS;
}
