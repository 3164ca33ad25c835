/* SPDX-License-Identifier: ISC */
/* Sign-offs that an earlier collector did not finish. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "io.h"
#include "ledger_file.h"
#include "log.h"
#include "review.h"
#include "review_note.h"

struct left {
	char name[REVIEW_NAME_MAX + 8];
	uint64_t n;
	uint8_t digest[HASH_SIZE];
	char *note;             /* NULL: it was not written whole */
	size_t len;
	struct review_note is;
	int recorded;           /* REVIEW is in the ledger */
};

struct list {
	struct left *left;
	size_t count, room;
};

/* Reads what may be a sign-off: a name that is none, or bytes that are not those of the
 * name, are of a write that did not end. */
static void read_left(int dir, struct left *l)
{
	uint8_t digest[HASH_SIZE], *p;

	if (review_note_name_parse(l->name, "new", &l->n, l->digest) != 0 ||
	    io_read_file(dir, l->name, REVIEW_NOTE_MAX, &p, &l->len) != 0)
		return;
	hash_of(digest, p, l->len);
	if (memcmp(digest, l->digest, HASH_SIZE) == 0 &&
	    review_note_open(&l->is, (char *)p, l->len) == 0)
		l->note = (char *)p;
	else
		free(p);
}

static int add(struct list *x, int dir, const char *name)
{
	size_t len = strlen(name);
	struct left *l;

	if (len < 4 || strcmp(name + len - 4, ".new") != 0 || len >= sizeof(l->name))
		return 0;
	if (array_room(&x->left, x->count, &x->room, sizeof(*x->left)) != 0)
		return -ENOMEM;
	l = &x->left[x->count++];
	memset(l, 0, sizeof(*l));
	memcpy(l->name, name, len + 1);
	read_left(dir, l);
	return 0;
}

/* At most one or two are usual. */
static int list_left(const struct store *s, struct list *x)
{
	DIR *d = io_list_dir(s->dir, REVIEW_DIR);
	struct dirent *e;
	int r = 0;

	if (d == NULL)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL)
		r = add(x, dirfd(d), e->d_name);
	if (r == 0)
		r = -errno;
	closedir(d);
	return r;
}

static void mark(void *arg, const struct entry *e)
{
	struct list *x = arg;
	struct entry want = *e;
	size_t i;

	for (i = 0; e->type == ENTRY_REVIEW && i < x->count; i++) {
		if (x->left[i].note == NULL)
			continue;
		review_note_entry(&want, &x->left[i].is, x->left[i].note, x->left[i].len);
		if (memcmp(&want.u.review, &e->u.review, sizeof(want.u.review)) == 0)
			x->left[i].recorded = 1;
	}
}

static int finish(int dir, const struct left *l)
{
	char what[REVIEW_WHAT];

	if (l->recorded) {
		log_info("%s was signed off, as the ledger says", review_note_what(what, &l->is));
		return review_name(dir, l->n, l->digest);
	}
	return unlinkat(dir, l->name, 0) < 0 || fsync(dir) < 0 ? -errno : 0;
}

int review_resume(const struct store *s)
{
	struct list x = {NULL, 0, 0};
	int r = list_left(s, &x), dir = -1;
	size_t i;

	if (r == 0 && x.count > 0)
		r = ledger_file_all(s->dir, mark, &x);
	if (r == 0 && x.count > 0)
		r = dir = io_make_dir(s->dir, REVIEW_DIR, 0700);
	for (i = 0; i < x.count; i++) {
		if (r >= 0)
			r = finish(dir, &x.left[i]);
		free(x.left[i].note);
	}
	free(x.left);
	if (dir >= 0)
		close(dir);
	return r < 0 ? r : 0;
}
