/* SPDX-License-Identifier: ISC */
#include "ledger_table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "log.h"
#include "session.h"

#define NAME_MAX_LEN 24

static void fill(struct live_row *row, const struct session *s)
{
	/* a SEAL that turned out to be nobody's may have been synced */
	const struct vouched *v = s->vouched.chunks <= s->in.chain.chunk ? &s->vouched : &s->begun;

	row->n = s->name.n;
	memcpy(row->id, s->name.id, ID_SIZE);
	row->chunks = v->chunks;
	memcpy(row->head, v->head, HASH_SIZE);
}

static int by_number(const void *a, const void *b)
{
	const struct live_row *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n;
}

static size_t collect(const struct ledger *l, struct live_row *rows)
{
	const struct session *s;
	size_t n = 0;

	LIST_FOREACH(s, &l->c->registry.sessions, link)
		if (ledger_is_open(l, s->name.n))
			fill(&rows[n++], s);
	qsort(rows, n, sizeof(*rows), by_number);
	return n;
}

/* All in one write, under its name when it is whole. */
static int write_table(const struct ledger *l, uint64_t epoch, const uint8_t *p, size_t len)
{
	char name[NAME_MAX_LEN];
	int dir, fd, r;

	snprintf(name, sizeof(name), "%" PRIu64, epoch);
	dir = io_make_dir(l->dir, LEDGER_LIVE, 0700);
	if (dir < 0)
		return dir;
	fd = openat(dir, ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : io_write_all(fd, p, len);
	if (r == 0 && renameat(dir, ".new", dir, name) < 0)
		r = -errno;
	if (fd >= 0)
		close(fd);
	close(dir);
	return r;
}

void ledger_table_prune(const struct ledger *l)
{
	char name[sizeof(LEDGER_LIVE) + NAME_MAX_LEN];

	if (l->epoch <= LEDGER_TABLES || (l->cuts >> LEDGER_TABLES & 1) != 0)
		return;
	snprintf(name, sizeof(name), LEDGER_LIVE "/%" PRIu64, l->epoch - LEDGER_TABLES);
	if (unlinkat(l->dir, name, 0) < 0 && errno != ENOENT)
		log_warn("ledger/%s cannot be removed (%s)", name, err_text(-errno));
}

static void add_row(struct merkle *t, uint8_t p[LIVE_ROW], const struct live_row *row)
{
	uint8_t leaf[MERKLE_HASH];

	live_row_put(p, row);
	merkle_leaf(leaf, p, LIVE_ROW);
	merkle_add(t, leaf, NULL);
}

int ledger_table_write(const struct ledger *l, uint64_t epoch, uint32_t *live,
    uint8_t root[MERKLE_HASH])
{
	size_t room = l->c->registry.live + 1, n, i;
	struct live_row *rows = calloc(room, sizeof(*rows));
	uint8_t *p = calloc(room, LIVE_ROW);
	struct merkle t;
	int r = -ENOMEM;

	if (rows == NULL || p == NULL)
		goto out;
	merkle_init(&t);
	n = collect(l, rows);
	for (i = 0; i < n; i++)
		add_row(&t, p + i * LIVE_ROW, &rows[i]);
	r = n > 0 ? write_table(l, epoch, p, n * LIVE_ROW) : 0;
	if (r != 0)
		goto out;
	*live = (uint32_t)n;
	merkle_root(&t, root);
out:
	free(rows);
	free(p);
	return r;
}
