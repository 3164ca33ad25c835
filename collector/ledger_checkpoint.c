/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "clock.h"
#include "io.h"
#include "ledger_internal.h"
#include "notary.h"

int ledger_checkpoint(struct ledger *l)
{
	char note[NOTE_MAX];
	int len, r;

	if (l->root_size == 0 || l->root_size > l->on_disk)
		return -EINVAL;
	len = notary_checkpoint(l->c->notary, l->root_size, l->root, note);
	if (len < 0)
		return len;
	r = io_replace_file(l->dir, LEDGER_CHECKPOINT, 0600, note, (size_t)len);
	if (r == 0) {
		l->checkpoint = l->root_size;
		l->checkpoint_boot_ns = clock_boot();
	}
	return r;
}

int ledger_checkpoint_load(const struct ledger *l, struct ledger_checkpoint *cp)
{
	size_t len;
	int r;

	memset(cp, 0, sizeof(*cp));
	r = io_read_file(l->dir, LEDGER_CHECKPOINT, NOTE_MAX, &cp->text, &len);
	if (r != 0)
		return r == -ENOENT ? 0 : r;
	if ((r = note_parse(&cp->note, (const char *)cp->text, len)) == 0)
		r = checkpoint_parse(&cp->at, cp->note.text, cp->note.text_len);
	if (r != 0) {
		free(cp->text);
		memset(cp, 0, sizeof(*cp));
	}
	return r;
}

int ledger_checkpoint_check(const struct ledger *l, const struct ledger_checkpoint *cp)
{
	char origin[NOTE_NAME_MAX + 1];

	if (cp->text == NULL)
		return 0;
	checkpoint_origin(origin, l->c->pk);
	return host_chain_verify(&l->c->keys, origin, &cp->note, &cp->at, NULL);
}
