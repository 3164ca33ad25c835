/* SPDX-License-Identifier: ISC */
#include "uid_names.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"

#define NAME_MAX_BYTES 32
#define NAMES_MAX 65536

struct uid_name {
	uid_t uid;
	size_t line; /* of several with one uid the first counts */
	char name[NAME_MAX_BYTES + 1];
};

void uid_names_init(struct uid_names *u, const char *path)
{
	memset(u, 0, sizeof(*u));
	u->path = path;
}

void uid_names_release(struct uid_names *u)
{
	free(u->list);
	u->list = NULL;
	u->count = 0;
}

static int compare(const void *a, const void *b)
{
	const struct uid_name *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void load(struct uid_names *u)
{
	FILE *f = fopen(u->path, "re");
	const struct passwd *pw;
	size_t room = 0;

	uid_names_release(u);
	while (f != NULL && (pw = fgetpwent(f)) != NULL && u->count < NAMES_MAX) {
		if (strlen(pw->pw_name) > NAME_MAX_BYTES)
			continue;
		if (array_room(&u->list, u->count, &room, sizeof(*u->list)) != 0)
			break;
		u->list[u->count].uid = pw->pw_uid;
		u->list[u->count].line = u->count;
		memcpy(u->list[u->count].name, pw->pw_name, strlen(pw->pw_name) + 1);
		u->count++;
	}
	if (f != NULL)
		fclose(f);
	if (u->count > 0)
		qsort(u->list, u->count, sizeof(*u->list), compare);
}

static void look(struct uid_names *u)
{
	struct stat st;

	if (stat(u->path, &st) != 0 || (st.st_ino == u->file &&
	    st.st_mtim.tv_sec == u->changed.tv_sec && st.st_mtim.tv_nsec == u->changed.tv_nsec))
		return;
	load(u);
	u->file = st.st_ino;
	u->changed = st.st_mtim;
}

const char *uid_names_get(struct uid_names *u, uid_t uid)
{
	size_t low = 0, high, mid;

	look(u);
	for (high = u->count; low < high;) {
		mid = low + (high - low) / 2;
		if (u->list[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < u->count && u->list[low].uid == uid ? u->list[low].name : "";
}
