/* SPDX-License-Identifier: ISC */
#include "review/entries.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "decimal.h"
#include "ledger_file.h"
#include "store/store.h"

#define FOUND 1

int entries_each(const struct store *s,
    int (*take)(void *arg, const struct entry *e, const uint8_t leaf[MERKLE_HASH]), void *arg)
{
	int fd = store_open_file(s, LEDGER_DIR "/" LEDGER_LOG), r = 0;
	uint8_t leaf[MERKLE_HASH];
	struct ledger_file l;
	struct entry e;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ledger_file_init(&l, fd, NULL);
	while (r == 0 && ledger_file_next(&l, &e) > 0) {
		merkle_leaf(leaf, l.raw, l.raw_len);
		r = take(arg, &e, leaf);
	}
	ledger_file_end(&l);
	close(fd);
	return r;
}

int entries_named(const char *text, uint64_t *index)
{
	size_t head = strlen(ENTRIES_NAME);

	return strncmp(text, ENTRIES_NAME, head) == 0 &&
	    decimal_get(index, text + head, strlen(text + head)) == 0;
}

struct wanted {
	uint64_t index;
	uint8_t *leaf;
};

static int is_wanted(void *arg, const struct entry *e, const uint8_t leaf[MERKLE_HASH])
{
	const struct wanted *w = arg;

	if (e->index != w->index)
		return 0;
	memcpy(w->leaf, leaf, MERKLE_HASH);
	return FOUND;
}

int entries_leaf(const struct store *s, uint64_t index, uint8_t leaf[MERKLE_HASH])
{
	struct wanted w = { index, leaf };
	int r = entries_each(s, is_wanted, &w);

	return r == FOUND ? 0 : r == 0 ? -ENOENT : r;
}
