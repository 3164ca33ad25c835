/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io.h"
#include "store.h"

#define LEVELS 3 /* year, month, day */

struct walk {
	const char *since;
	store_fn fn;
	void *arg;
	char day[STORE_DAY_MAX];
};

static int all_digits(const char *s, size_t len)
{
	return strlen(s) == len && strspn(s, "0123456789") == len;
}

static int walk_files(struct walk *w, DIR *d)
{
	struct dirent *e;
	int r = 0;

	while (r == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = w->fn(w->arg, dirfd(d), w->day, e->d_name);
	return r;
}

/* The depth is bound by LEVELS. */
static int walk_level(struct walk *w, int up, const char *name, int level)
{
	size_t len = strlen(w->day), width = level == 0 ? 4 : 2;
	struct dirent *e;
	DIR *d;
	int r = 0;

	d = io_list_dir(up, name);
	if (d == NULL)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	if (level == LEVELS) {
		r = walk_files(w, d);
		closedir(d);
		return r;
	}
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (!all_digits(e->d_name, width))
			continue;
		snprintf(w->day + len, sizeof(w->day) - len, "%s%.4s", level == 0 ? "" : "/",
		    e->d_name);
		if (strncmp(w->day, w->since, strlen(w->day)) >= 0)
			r = walk_level(w, dirfd(d), e->d_name, level + 1);
		w->day[len] = '\0';
	}
	closedir(d);
	return r;
}

int store_walk(const struct store *s, const char *since, store_fn fn, void *arg)
{
	struct walk w = {.since = since, .fn = fn, .arg = arg};

	return walk_level(&w, s->session, ".", 0);
}
