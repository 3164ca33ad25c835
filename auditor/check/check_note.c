/* SPDX-License-Identifier: ISC */
#include "check/check_note.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "io.h"
#include "ledger_file.h"

int check_note_read(struct check_note *n, const struct check *k, const char *name)
{
	char path[PATH_MAX + 32];
	size_t len;
	int r;

	memset(n, 0, sizeof(*n));
	snprintf(path, sizeof(path), "%s/" LEDGER_DIR "/%s", k->paths.store, name);
	if ((r = io_read_file(AT_FDCWD, path, NOTE_MAX, &n->text, &len)) != 0)
		return r;
	if ((r = note_parse(&n->note, (char *)n->text, len)) != 0)
		return r;
	return checkpoint_parse(&n->checkpoint, n->note.text, n->note.text_len);
}
