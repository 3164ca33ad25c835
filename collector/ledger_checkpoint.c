/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "err.h"
#include "io.h"
#include "ledger_internal.h"
#include "log.h"
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
	if (r == 0)
		l->checkpoint = l->root_size;
	return r;
}

static int parse(struct checkpoint *cp, const char *text, size_t len, const uint8_t host_pk[PK_SIZE])
{
	char origin[NOTE_NAME_MAX + 1];
	struct note_key key;
	struct note n;
	int r;

	checkpoint_origin(origin, host_pk);
	if ((r = note_parse(&n, text, len)) != 0 ||
	    (r = note_key_make(&key, origin, NOTE_ED25519, host_pk)) != 0 ||
	    (r = note_verify(&n, &key, NULL)) != 0 ||
	    (r = checkpoint_parse(cp, n.text, n.text_len)) != 0)
		return r;
	return strcmp(cp->origin, origin) == 0 ? 0 : E_FORMAT;
}

int ledger_checkpoint_read(const struct ledger *l, const uint8_t host_pk[PK_SIZE],
    struct checkpoint *cp)
{
	struct checkpoint found = {0};
	uint8_t *text;
	size_t len;
	int r;

	r = io_read_file(l->dir, LEDGER_CHECKPOINT, NOTE_MAX, &text, &len);
	if (r == 0) {
		r = parse(&found, (char *)text, len, host_pk);
		free(text);
	} else if (r == -ENOENT) {
		r = 0;
	}
	if (r == 0)
		*cp = found;
	return r;
}
