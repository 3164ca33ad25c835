/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "clock.h"
#include "forward.h"
#include "hash.h"
#include "ledger_file.h"

#define FILE_MAX (16 << 20)
#define LOOK_NS UINT64_C(5000000000)

/* What the collector lets out is its decision: what it does not is passed over. */
static const char *const folders[FOLDERS] = {LEDGER_DIR "/" LEDGER_LIVE, "review", "hold",
	"approval", LEDGER_DIR "/" LEDGER_ACCESS};
static const char *const files[] = {"host.pub", "number", LEDGER_DIR "/" LEDGER_KEYS};
#define FILES 3
static const char *const notes[2] = {LEDGER_DIR "/" LEDGER_CHECKPOINT,
	LEDGER_DIR "/" LEDGER_COSIGNED};
static const enum column_type name_columns[] = {COLUMN_TEXT, COLUMN_END};

void forward_checkpoints_read(struct forward *f, struct checkpoints *c)
{
	int i;

	for (i = 0; i < 2; i++)
		if (place_read(&f->place, notes[i], FILE_MAX, &c->p[i], &c->len[i]) != 0)
			c->p[i] = NULL;
}

/* One that was sent like this already is not sent again. */
static int put_changed(struct forward *f, const char *path, uint8_t sent[HASH_SIZE],
    const uint8_t *p, size_t len)
{
	uint8_t digest[HASH_SIZE];

	hash_of(digest, p, len);
	if (memcmp(digest, sent, HASH_SIZE) == 0)
		return 0;
	memcpy(sent, digest, HASH_SIZE);
	return sender_put_file(f->sender, path, p, len);
}

int forward_checkpoints(struct forward *f, struct checkpoints *c)
{
	int i, r = 0;

	for (i = 0; i < 2; i++) {
		if (r == 0 && c->p[i] != NULL)
			r = put_changed(f, notes[i], f->sent[FILES + i], c->p[i], c->len[i]);
		free(c->p[i]);
	}
	return r;
}

/* sent: of a file that changes; NULL: it does not. */
static int put_file(struct forward *f, const char *path, uint8_t *sent)
{
	uint8_t *p;
	size_t len;
	int r = place_read(&f->place, path, FILE_MAX, &p, &len);

	if (r != 0)
		return 0;
	r = sent != NULL ? put_changed(f, path, sent, p, len) :
	    sender_put_file(f->sender, path, p, len);
	free(p);
	return r == 0 && sender_due(f->sender) ? sender_commit(f->sender) : r;
}

static void forget(struct folder *d)
{
	while (d->names > 0)
		free(d->name[--d->names]);
	d->complete = 0;
}

void files_rewind(struct forward *f)
{
	int i;

	for (i = 0; i < FOLDERS; i++) {
		forget(&f->folder[i]);
		f->folder[i].path = folders[i];
	}
	memset(f->sent, 0, sizeof(f->sent));
	f->files_ns = 0;
}

void files_release(struct forward *f)
{
	int i;

	for (i = 0; i < FOLDERS; i++) {
		forget(&f->folder[i]);
		free(f->folder[i].name);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int is_name(const char *s)
{
	static const char fine[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t len = strlen(s);

	return s[0] != '.' && len <= 100 && strspn(s, fine) == len &&
	    (len < 4 || strcmp(s + len - 4, ".new") != 0);
}

/* 0, 1: there is no such folder, or it is not let out; -ENOMEM. */
static int read_names(const struct forward *f, struct folder *d)
{
	int fd = place_folder(&f->place, d->path), r = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return 1;
	}
	while (r == 0 && (e = readdir(dir)) != NULL) {
		if (!is_name(e->d_name))
			continue;
		if (array_room(&d->name, d->names, &d->room, sizeof(*d->name)) != 0 ||
		    (d->name[d->names] = strdup(e->d_name)) == NULL)
			r = -ENOMEM;
		else
			d->names++;
	}
	closedir(dir);
	if (d->names > 1)
		qsort(d->name, d->names, sizeof(*d->name), by_name);
	return r;
}

static int put_new(struct forward *f, const struct folder *old, const struct folder *new,
    size_t *same)
{
	char path[256];
	size_t i, j;
	int r = 0;

	*same = 0;
	for (i = j = 0; r == 0 && i < new->names; i++) {
		while (j < old->names && strcmp(old->name[j], new->name[i]) < 0)
			j++;
		if (j < old->names && strcmp(old->name[j], new->name[i]) == 0) {
			++*same;
			continue;
		}
		snprintf(path, sizeof(path), "%s/%s", new->path, new->name[i]);
		r = put_file(f, path, NULL);
	}
	return r;
}

/* What is no longer there. */
static int put_folder(struct forward *f, const struct folder *d)
{
	struct rows names;
	size_t i;
	int r;

	rows_init(&names, name_columns);
	rows_bytes(&names, "", 0); /* an array has one element at least */
	for (i = 0; i < d->names; i++)
		rows_bytes(&names, d->name[i], strlen(d->name[i]));
	r = sender_put_folder(f->sender, d->path, &names);
	rows_free(&names);
	return r;
}

static int look(struct forward *f, struct folder *old)
{
	struct folder new = {.path = old->path};
	size_t same;
	int r = read_names(f, &new);

	if (r == 0)
		r = put_new(f, old, &new, &same);
	if (r == 0 && (!old->complete || same < old->names))
		r = put_folder(f, &new);
	if (r != 0) {
		forget(&new);
		free(new.name);
		return r == 1 ? 0 : r;
	}
	forget(old);
	free(old->name);
	*old = new;
	old->complete = 1;
	return 0;
}

int forward_files(struct forward *f)
{
	uint64_t now = clock_boot();
	size_t i;
	int r = 0;

	if (f->files_ns != 0 && now - f->files_ns < LOOK_NS)
		return 0;
	f->files_ns = now;
	for (i = 0; r == 0 && i < FILES; i++)
		r = put_file(f, files[i], f->sent[i]);
	for (i = 0; r == 0 && i < FOLDERS; i++)
		r = look(f, &f->folder[i]);
	return r;
}
