/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "io.h"
#include "places.h"

static const struct {
	const char *what, *path;
} known[] = {
	{ "profile", PROFILE_SH }, { "profile", PROFILE_CSH }, { "profile", PROFILE_FISH },
	{ "profile", PROFILE_ZSH }, { "forcecommand", SSHD_DROP_IN },
	{ "accounting", SHELLAC_CONF }, { "accounting", ACCT_DEFAULT },
	{ "accounting", ACCT_MASK },
};

int record_path_is_known(const char *what, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].what, what) == 0 && strcmp(known[i].path, name) == 0)
			return 1;
	return 0;
}

int record_user_is_good(const char *name)
{
	size_t len = strlen(name), i;

	if (len == 0 || len > RECORD_USER_MAX || name[0] == '-')
		return 0;
	for (i = 0; i < len; i++)
		if (!isgraph((unsigned char)name[i]) || strchr(":/,\\\"'$`", name[i]) != NULL)
			return 0;
	return 1;
}

static void item_release(struct item *item)
{
	free(item->what);
	free(item->name);
	tree_release(&item->before);
	tree_release(&item->after);
}

struct item *record_add(struct record *rec, const struct item *item)
{
	struct item copy = { .kind = item->kind, .pending = item->pending, .mark = item->mark };

	copy.what = strdup(item->what);
	copy.name = strdup(item->name);
	if (copy.what == NULL || copy.name == NULL || tree_copy(&copy.before, &item->before) != 0 ||
	    tree_copy(&copy.after, &item->after) != 0 ||
	    array_room(&rec->item, rec->count, &rec->room, sizeof(*rec->item)) != 0) {
		item_release(&copy);
		return NULL;
	}
	rec->item[rec->count] = copy;
	return &rec->item[rec->count++];
}

struct item *record_find(const struct record *rec, const char *what, const char *name)
{
	size_t i;

	for (i = 0; i < rec->count; i++)
		if (strcmp(rec->item[i].what, what) == 0 && strcmp(rec->item[i].name, name) == 0)
			return &rec->item[i];
	return NULL;
}

void record_remove(struct record *rec, size_t i)
{
	item_release(&rec->item[i]);
	rec->count--;
	memmove(&rec->item[i], &rec->item[i + 1], (rec->count - i) * sizeof(*rec->item));
}

void record_release(struct record *rec)
{
	size_t i;

	for (i = 0; i < rec->count; i++)
		item_release(&rec->item[i]);
	free(rec->item);
	*rec = (struct record){ 0 };
}

int record_folder(const struct tree *t, const char *path, int make)
{
	const char *slash = strrchr(path, '/');
	char *above = strndup(path, (size_t)(slash - path));
	int up, fd = -ENOMEM;
	struct stat st;

	if (above == NULL)
		return -ENOMEM;
	up = tree_folder(t, above);
	free(above);
	if (up < 0)
		return up;
	if (make && mkdirat(up, slash + 1, 0700) < 0 && errno != EEXIST)
		fd = -errno;
	else if ((fd = openat(up, slash + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		fd = -errno;
	else if (fstat(fd, &st) < 0 || st.st_uid != t->owner || (st.st_mode & 077) != 0) {
		close(fd);
		fd = -EPERM;
	}
	close(up);
	return fd;
}

int record_load(struct record *rec, int folder)
{
	uint8_t *text;
	size_t len;
	int r = io_read_file(folder, RECORD_NAME, RECORD_MAX, &text, &len);

	if (r != 0)
		return r == -ENOENT ? 0 : r;
	r = record_parse(rec, (char *)text, len);
	free(text);
	return r;
}

int record_save(const struct record *rec, int folder)
{
	char *text = record_text(rec);
	int r;

	if (text == NULL)
		return -ENOMEM;
	r = io_replace_file(folder, RECORD_NAME, 0600, text, strlen(text));
	free(text);
	return r;
}
