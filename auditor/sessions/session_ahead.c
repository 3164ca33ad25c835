/* SPDX-License-Identifier: ISC */
#include "session_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "err.h"
#include "sessions.h"

/* The one that is read ahead; a command has one store. */
static struct ahead {
	pthread_t thread;
	int running;
	char *path;
	struct session_cache *cache;
	struct session_pieces pieces;
} ahead;

static int take_piece(void *arg, uint64_t k, const uint8_t *p, size_t len)
{
	struct session_pieces *all = arg;
	int r = array_room(&all->piece, all->count, &all->room, sizeof *all->piece);

	if (r != 0)
		return r;
	if (len > all->size - all->used)
		return E_FORMAT; /* not what was counted */
	if (len > 0)
		memcpy(all->bytes + all->used, p, len);
	all->piece[all->count++] = (struct session_piece){ k, all->bytes + all->used, len };
	all->used += len;
	return 0;
}

/* All in one place: with a buffer of each its own the kernel would clear page after page. */
static int read_blocks(struct session_cache *c, struct session_pieces *p)
{
	int r = session_cache_size(c, CACHE_BLOCK, &p->size);

	if (r != 0)
		return r;
	p->bytes = array_many(p->size + 1, 1);
	return p->bytes != NULL ? session_cache_each(c, CACHE_BLOCK, take_piece, p) : -ENOMEM;
}

static int read_fact(struct session_cache *c, uint64_t k, uint8_t **out, size_t *len)
{
	int r = session_cache_get(c, CACHE_FACT, k, out, len);

	return r == -ENOENT ? 0 : r;
}

static void read_pieces(struct session_cache **c, struct session_pieces *p,
    const char *store_path)
{
	memset(p, 0, sizeof *p);
	if (session_cache_open(c, store_path) != 0) {
		*c = NULL; /* each time anew */
		return;
	}
	if ((p->error = session_cache_look(*c)) != 0)
		return;
	if ((p->error = read_fact(*c, CACHE_FACT_KEY, &p->key, &p->key_len)) == 0 &&
	    (p->error = read_fact(*c, CACHE_FACT_LEDGER, &p->ledger, &p->ledger_len)) == 0)
		p->error = read_blocks(*c, p);
	(void)session_cache_end(*c, 0);
}

static void *run(void *arg)
{
	(void)arg;
	read_pieces(&ahead.cache, &ahead.pieces, ahead.path);
	return NULL;
}

void sessions_ahead(const char *store_path)
{
	if (ahead.running || (ahead.path = strdup(store_path)) == NULL)
		return;
	ahead.running = pthread_create(&ahead.thread, NULL, run, NULL) == 0;
}

void session_ahead_take(struct session_cache **c, struct session_pieces *p,
    const char *store_path)
{
	int same = ahead.running && strcmp(ahead.path, store_path) == 0;

	if (!same) {
		read_pieces(c, p, store_path);
		return;
	}
	pthread_join(ahead.thread, NULL);
	*c = ahead.cache;
	*p = ahead.pieces;
	free(ahead.path);
	memset(&ahead, 0, sizeof ahead);
}

void session_pieces_release(struct session_pieces *p)
{
	free(p->piece);
	free(p->bytes);
	free(p->key);
	free(p->ledger);
	memset(p, 0, sizeof *p);
}
