/* SPDX-License-Identifier: ISC */
#include "coverage/coverage_ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "auditor.h"
#include "err.h"
#include "ledger_file.h"

#define CLOSED_MAX 100000000 /* numbers are gapless: more is not believed */

/* What the walk through the ledger remembers. */
struct reading {
	struct cover *c;
	uint8_t boot_id[BOOT_ID_SIZE]; /* of the last BOOT or GENESIS */
	int64_t stopped_ns;            /* with RECOVER: the entry before it; else 0 */
	int clean;                     /* as RECOVER says; without one it had ended so */
};

static int closed(struct cover *c, uint64_t n, int64_t wall_ns)
{
	size_t room = c->closed_room;
	int64_t *more;

	if (n >= CLOSED_MAX)
		return 0;
	if (n >= room) {
		room = (size_t)n * 2 + 64;
		more = reallocarray(c->closed, room, sizeof *more);
		if (more == NULL)
			return -ENOMEM;
		memset(more + c->closed_room, 0, (room - c->closed_room) * sizeof *more);
		c->closed = more;
		c->closed_room = room;
	}
	c->closed[n] = wall_ns;
	return 0;
}

static int unrecorded(struct cover *c, const struct entry *e)
{
	struct cover_leaf *l;
	int r = array_room(&c->leaf, c->leaves, &c->leaf_room, sizeof *c->leaf);

	if (r != 0)
		return r;
	l = &c->leaf[c->leaves++];
	l->index = e->index;
	l->start_ticks = e->u.unrecorded.start_ticks;
	l->pid = e->u.unrecorded.pid;
	l->tty_dev = e->u.unrecorded.tty_dev;
	l->taken = 0;
	return 0;
}

static int booted(struct reading *g, const struct entry *e)
{
	int other = memcmp(g->boot_id, e->u.boot.boot_id, BOOT_ID_SIZE) != 0;
	struct cover_row *r;

	memcpy(g->boot_id, e->u.boot.boot_id, BOOT_ID_SIZE);
	if (e->index == 1)
		return 0;
	if (g->stopped_ns == 0) {
		g->stopped_ns = g->c->last_ns;
		g->clean = 1;
	}
	r = cover_add(g->c, COVER_GAP);
	if (r == NULL)
		return -ENOMEM;
	r->from_ns = g->stopped_ns;
	r->to_ns = e->wall_ns > g->stopped_ns ? e->wall_ns : g->stopped_ns;
	r->ended = 1;
	snprintf(r->what, sizeof r->what, "%s", other ? "no collector ran, and the host restarted" :
	    g->clean ? "no collector ran" : "the collector was stopped short");
	g->stopped_ns = 0;
	return 0;
}

static int take(struct reading *g, const struct entry *e)
{
	int r = 0;

	switch (e->type) {
	case ENTRY_GENESIS:
		memcpy(g->boot_id, e->u.genesis.boot_id, BOOT_ID_SIZE);
		break;
	case ENTRY_RECOVER:
		g->stopped_ns = g->c->last_ns;
		g->clean = e->u.recover.clean != 0;
		break;
	case ENTRY_BOOT: r = booted(g, e); break;
	case ENTRY_CLOSE: r = closed(g->c, e->u.close.n, e->wall_ns); break;
	case ENTRY_UNRECORDED: r = unrecorded(g->c, e); break;
	default: break;
	}
	g->c->last_ns = e->wall_ns;
	return r;
}

int cover_ledger(struct cover *c, const struct store *s)
{
	struct reading g = { .c = c };
	struct ledger_file l;
	struct entry e;
	int fd = store_open_file(s, LEDGER_DIR "/" LEDGER_LOG), r, kept = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ledger_file_init(&l, fd, NULL);
	while (kept == 0 && (r = ledger_file_next(&l, &e)) == 1)
		kept = take(&g, &e);
	ledger_file_end(&l);
	close(fd);
	if (kept != 0)
		return kept;
	if (r == 0 || r == E_SHORT)
		return 0;
	if (r > -4096)
		return r;
	complain("ledger entry %" PRIu64 ": %s; shellac verify says more", l.tree.size, err_text(r));
	return 1;
}

void cover_take_leaf(struct cover *c, struct cover_row *r)
{
	size_t i;

	for (i = 0; i < c->leaves; i++) {
		struct cover_leaf *l = &c->leaf[i];

		if (l->taken || l->pid != r->pid || l->start_ticks != r->start_ticks ||
		    l->tty_dev != r->tty_dev)
			continue;
		l->taken = 1;
		r->leaf = l->index;
		r->has_leaf = 1;
		return;
	}
}
