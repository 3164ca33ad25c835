/* SPDX-License-Identifier: ISC */
#include "review/review.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "approval.h"
#include "array.h"
#include "auditor.h"
#include "ledger_file.h"
#include "review/entries.h"
#include "review_note.h"

#define AGAIN_NS 200000000

/* A note below REVIEW_DIR. */
struct kept {
	uint64_t n;
	uint8_t digest[HASH_SIZE];
	int is_new; /* the collector settles it, now or when it starts */
	int known;  /* an entry is about it */
};

struct reading {
	const struct store *store;
	struct kept *kept;
	size_t count, room;
	struct reviews *out;
};

static int compare(const void *x, const void *y)
{
	const struct kept *a = x, *b = y;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->digest, b->digest, HASH_SIZE);
}

static int add_loose(struct reviews *out, const char *name)
{
	if (array_room(&out->loose, out->looses, &out->loose_room, sizeof *out->loose) != 0 ||
	    (out->loose[out->looses] = strdup(name)) == NULL)
		return -ENOMEM;
	out->looses++;
	return 0;
}

static int is_new(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".new") == 0;
}

static int add_name(void *arg, const char *name)
{
	struct reading *g = arg;
	struct kept k = { .known = 0 };

	if (name[0] == '.')
		return 0;
	k.is_new = is_new(name);
	if (review_note_name_parse(name, k.is_new ? "new" : "note", &k.n, k.digest) != 0)
		return k.is_new ? 0 : add_loose(g->out, name);
	if (array_room(&g->kept, g->count, &g->room, sizeof *g->kept) != 0)
		return -ENOMEM;
	g->kept[g->count++] = k;
	return 0;
}

static int list_notes(struct reading *g)
{
	int r = store_list(g->store, REVIEW_DIR, add_name, g);

	if (g->count > 1)
		qsort(g->kept, g->count, sizeof *g->kept, compare);
	return r == -ENOENT ? 0 : r;
}

static int read_note(const struct reading *g, const struct kept *k, const char *suffix, uint8_t **p,
    size_t *len)
{
	char name[REVIEW_NAME_MAX], path[REVIEW_NAME_MAX + sizeof REVIEW_DIR];

	review_note_name(name, k->n, k->digest, suffix);
	snprintf(path, sizeof path, REVIEW_DIR "/%s", name);
	return store_read_file(g->store, path, REVIEW_NOTE_MAX, p, len);
}

/* The note k, if it is the one that e is about: 1 and *note; 0; -ENOMEM.  One that cannot be
 * read is not. */
static int is_of(const struct reading *g, const struct kept *k, const struct entry *e,
    struct review_note *note)
{
	struct entry want = *e;
	uint8_t *p = NULL, digest[HASH_SIZE];
	size_t len;
	int r, same = 0;

	r = read_note(g, k, "note", &p, &len);
	if (r == -ENOENT && k->is_new && g->store->access == NULL)
		r = read_note(g, k, "new", &p, &len);
	if (r == 0 && review_note_open(note, (char *)p, len) == 0) {
		hash_of(digest, p, len);
		review_note_entry(&want, note, (char *)p, len);
		same = memcmp(digest, k->digest, HASH_SIZE) == 0 &&
		    memcmp(&want.u.review, &e->u.review, sizeof want.u.review) == 0;
	}
	free(p);
	return r == -ENOMEM ? r : same;
}

/* A session ends: who signed before may not have seen all of it. */
static void close_session(struct reading *g, const struct entry *e)
{
	size_t i = ARRAY_FIRST(g->kept, g->count, n, e->u.close.n);
	int any = 0;

	for (; i < g->count && g->kept[i].n == e->u.close.n; i++)
		any |= g->kept[i].known;
	for (i = 0; any && i < g->out->reviews; i++)
		if (g->out->review[i].n == e->u.close.n &&
		    g->out->review[i].chunks < e->u.close.chunks)
			g->out->review[i].partial = 1;
}

/* Looks for the note of an entry among those of its session. */
static int find_note(struct reading *g, const struct entry *e, struct review *out)
{
	struct review_note note;
	size_t lo = ARRAY_FIRST(g->kept, g->count, n, e->u.review.n);
	int r = 0;

	for (; r == 0 && lo < g->count && g->kept[lo].n == e->u.review.n; lo++)
		if (!g->kept[lo].known)
			r = is_of(g, &g->kept[lo], e, &note);
	if (r <= 0)
		return r;
	g->kept[lo - 1].known = 1;
	out->fits = 1;
	snprintf(out->who, sizeof out->who, "%s", note.key.name);
	memcpy(out->pk, note.key.pk, PK_SIZE);
	out->entry = note.entry;
	out->chunks = note.chunks;
	memcpy(out->head, note.head, HASH_SIZE);
	out->text = strdup(note.text);
	return out->text != NULL ? 0 : -ENOMEM;
}

static int take(struct reading *g, const struct entry *e)
{
	struct reviews *out = g->out;
	struct review *v;

	if (array_room(&out->review, out->reviews, &out->room, sizeof *out->review) != 0)
		return -ENOMEM;
	v = &out->review[out->reviews++];
	memset(v, 0, sizeof *v);
	v->n = e->u.review.n;
	memcpy(v->id, e->u.review.id, ID_SIZE);
	v->leaf = e->index;
	v->wall_ns = e->wall_ns;
	v->verdict = e->u.review.verdict;
	return find_note(g, e, v);
}

static int read_ledger(struct reading *g)
{
	struct ledger_file l;
	struct entry e;
	int fd = store_open_file(g->store, LEDGER_DIR "/" LEDGER_LOG), r, wrong;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ledger_file_init(&l, fd, NULL);
	for (r = 0; r == 0 && (wrong = ledger_file_next(&l, &e)) > 0;)
		if (e.type == ENTRY_REVIEW)
			r = take(g, &e);
		else if (e.type == ENTRY_CLOSE)
			close_session(g, &e);
	ledger_file_end(&l);
	close(fd);
	if (r == 0)
		g->out->wrong = wrong;
	return r;
}

static int look_at_entry(void *arg, const struct entry *e, const uint8_t leaf[MERKLE_HASH])
{
	struct reviews *out = arg;
	size_t i;

	for (i = 0; i < out->reviews; i++)
		if (out->review[i].n == 0 && out->review[i].fits && out->review[i].entry == e->index)
			out->review[i].other = memcmp(out->review[i].head, leaf, MERKLE_HASH) != 0 ||
			    out->review[i].leaf <= e->index;
	return 0;
}

/* Those about entries: is that what was signed about? */
static int compare_entries(struct reading *g)
{
	struct reviews *out = g->out;
	size_t i, any = 0;

	for (i = 0; i < out->reviews; i++)
		if (out->review[i].n == 0)
			any += (size_t)(out->review[i].other = 1);
	return any > 0 ? entries_each(g->store, look_at_entry, out) : 0;
}

static int compare_n(const void *x, const void *y)
{
	const struct review *a = *(struct review *const *)x, *b = *(struct review *const *)y;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->leaf < b->leaf ? -1 : a->leaf > b->leaf;
}

static int order_by_n(struct reviews *out)
{
	size_t i;

	out->by_n = calloc(out->reviews + 1, sizeof(struct review *));
	if (out->by_n == NULL)
		return -ENOMEM;
	for (i = 0; i < out->reviews; i++)
		out->by_n[i] = &out->review[i];
	qsort(out->by_n, out->reviews, sizeof(struct review *), compare_n);
	return 0;
}

static int add_unknown(struct reading *g)
{
	char name[REVIEW_NAME_MAX];
	size_t i;
	int r = 0;

	for (i = 0; i < g->count && r == 0; i++) {
		if (g->kept[i].known || g->kept[i].is_new)
			continue;
		review_note_name(name, g->kept[i].n, g->kept[i].digest, "note");
		r = add_loose(g->out, name);
	}
	return r;
}

static int read_once(struct reviews *out, const struct store *s)
{
	struct reading g = { .store = s, .out = out };
	int r;

	memset(out, 0, sizeof *out);
	r = list_notes(&g);
	if (r == 0)
		r = read_ledger(&g);
	if (r == 0)
		r = compare_entries(&g);
	if (r == 0)
		r = add_unknown(&g);
	if (r == 0)
		r = order_by_n(out);
	free(g.kept);
	if (r != 0)
		reviews_release(out);
	return r;
}

static int is_right(const struct reviews *r)
{
	size_t i;

	for (i = 0; i < r->reviews; i++)
		if (!r->review[i].fits)
			return 0;
	return r->looses == 0;
}

/* What seems wrong may be a sign-off that was taken meanwhile. */
int reviews_read_store(struct reviews *out, const struct store *s)
{
	static const struct timespec again = { .tv_nsec = AGAIN_NS };
	int r = read_once(out, s);

	if (r != 0 || is_right(out))
		return r;
	reviews_release(out);
	nanosleep(&again, NULL);
	return read_once(out, s);
}

int reviews_read(struct reviews *out, const struct auditor *a)
{
	return reviews_read_store(out, &a->store);
}

void reviews_release(struct reviews *r)
{
	while (r->reviews > 0)
		free(r->review[--r->reviews].text);
	while (r->looses > 0)
		free(r->loose[--r->looses]);
	free(r->review);
	free(r->by_n);
	free(r->loose);
	memset(r, 0, sizeof *r);
}

static int counts(const struct review *v, const struct approvers *by)
{
	unsigned i;

	if (!v->fits || v->partial || v->other)
		return 0;
	for (i = 0; by != NULL && i < by->keys; i++)
		if (strcmp(by->key[i].name, v->who) == 0 &&
		    memcmp(by->key[i].pk, v->pk, PK_SIZE) == 0)
			return 1;
	return by == NULL;
}

const struct review *reviews_of(const struct reviews *r, uint64_t n, const uint8_t id[ID_SIZE],
    const struct approvers *by)
{
	size_t lo = 0, hi = r->reviews, mid;

	while (lo < hi) { /* behind the last of n */
		mid = lo + (hi - lo) / 2;
		if (r->by_n[mid]->n <= n)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo > 0 && r->by_n[lo - 1]->n == n; lo--)
		if (memcmp(r->by_n[lo - 1]->id, id, ID_SIZE) == 0 && counts(r->by_n[lo - 1], by))
			return r->by_n[lo - 1];
	return NULL;
}

const struct review *reviews_of_entry(const struct reviews *r, uint64_t entry,
    const struct approvers *by)
{
	const struct review *newest = NULL;
	size_t i;

	for (i = 0; i < r->reviews && r->by_n[i]->n == 0; i++)
		if (r->by_n[i]->entry == entry && counts(r->by_n[i], by))
			newest = r->by_n[i];
	return newest;
}
