/* SPDX-License-Identifier: ISC */
#include "store/store_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"

#define DAY_DEPTH 3   /* year, month, day */
#define PATH_SIZE 32  /* "session/2026/11/21", zeros behind it */
#define THREADS_MAX 8

/* A folder of sessions, and what was found in it. */
struct day {
	char path[PATH_SIZE];
	struct store_session *session;
	size_t sessions, room;
	char **stray;
	size_t strays, stray_room;
	int error;
};

struct walk {
	struct store *s;
	struct day *day;
	size_t days, room;
	size_t next; /* for the next thread that has time */
};

static int add_stray(char ***stray, size_t *strays, size_t *room, const char *folder,
    const char *name)
{
	char *path;

	if (array_room(stray, *strays, room, sizeof **stray) != 0 ||
	    asprintf(&path, "%s/%s", folder, name) < 0)
		return -ENOMEM;
	(*stray)[(*strays)++] = path;
	return 0;
}

/* Is name the k-th part of yyyy/mm/dd? */
static int is_day_part(const char *name, int k)
{
	size_t len = k == 0 ? 4 : 2;

	return strlen(name) == len && strspn(name, "0123456789") == len;
}

static int is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A folder's list; NULL with *error, which is 1 where it is no folder. */
static DIR *open_list(const struct store *s, const char *path, int *error)
{
	int fd = store_open_folder(s, path);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (d == NULL)
		*error = fd == -ELOOP || fd == -ENOTDIR ? 1 : fd < 0 ? fd : -errno;
	if (d == NULL && fd >= 0)
		close(fd);
	return d;
}

/* Is there a regular file?  1, 0 or -errno.  Through a collector the folder says it,
 * and where it does not, whoever opens it learns. */
static int is_file(const struct store *s, int dirfd, const struct dirent *e,
    struct store_state *state)
{
	struct stat st;

	if (s->access != NULL)
		return e->d_type == DT_REG || e->d_type == DT_UNKNOWN;
	if (fstatat(dirfd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -errno;
	*state = store_state_from(&st);
	return S_ISREG(st.st_mode);
}

static int take_file(const struct store *s, struct day *y, int dirfd, const struct dirent *e)
{
	struct store_session *own;
	struct store_state state = { 0 };
	struct session_name parsed;
	int r;

	if (e->d_name[0] == '.') /* a file that the collector is still writing */
		return 0;
	r = is_file(s, dirfd, e, &state);
	if (r < 0)
		return r == -ENOENT ? 0 : r; /* renamed since */
	if (!r || store_name_parse(&parsed, e->d_name) != 0)
		return add_stray(&y->stray, &y->strays, &y->stray_room, y->path, e->d_name);
	if (array_room(&y->session, y->sessions, &y->room, sizeof *y->session) != 0)
		return -ENOMEM;
	own = &y->session[y->sessions++];
	*own = (struct store_session){ .name = parsed, .state = state };
	memcpy(own->day, y->path + strlen("session/"), sizeof own->day);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct session_name *x = &((const struct store_session *)a)->name;
	const struct session_name *y = &((const struct store_session *)b)->name;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return memcmp(x->id, y->id, sizeof x->id);
}

static void read_day(const struct store *s, struct day *y)
{
	const struct dirent *e;
	DIR *d = open_list(s, y->path, &y->error);

	if (d == NULL)
		return;
	while (y->error == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (!is_dot(e->d_name))
			y->error = take_file(s, y, dirfd(d), e);
	if (y->error == 0)
		y->error = -errno;
	closedir(d);
	if (y->sessions > 0)
		qsort(y->session, y->sessions, sizeof *y->session, compare);
}

static void *read_days(void *arg)
{
	struct walk *w = arg;
	size_t i;

	while ((i = __atomic_fetch_add(&w->next, 1, __ATOMIC_RELAXED)) < w->days)
		read_day(w->s, &w->day[i]);
	return NULL;
}

static void read_all(struct walk *w)
{
	long cpus = w->s->access == NULL ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
	pthread_t thread[THREADS_MAX];
	size_t n = 0;

	while ((long)n + 1 < cpus && n < THREADS_MAX && n + 1 < w->days &&
	    pthread_create(&thread[n], NULL, read_days, w) == 0)
		n++;
	read_days(w);
	while (n > 0)
		pthread_join(thread[--n], NULL);
}

static int find_days(struct walk *w, const char *folder, int depth);

static int take_folder(struct walk *w, const char *folder, const char *name, int depth)
{
	struct store *s = w->s;
	char path[PATH_SIZE] = "";
	int r;

	if (!is_day_part(name, depth))
		return add_stray(&s->stray, &s->strays, &s->stray_room, folder, name);
	snprintf(path, sizeof path, "%.20s/%.4s", folder, name);
	if (depth + 1 == DAY_DEPTH) {
		if (array_room(&w->day, w->days, &w->room, sizeof *w->day) != 0)
			return -ENOMEM;
		w->day[w->days] = (struct day){ .error = 0 };
		memcpy(w->day[w->days++].path, path, sizeof path);
		return 0;
	}
	r = find_days(w, path, depth + 1);
	return r == 1 ? add_stray(&s->stray, &s->strays, &s->stray_room, folder, name) : r;
}

/* 0, 1 where it is no folder, or -errno. */
static int find_days(struct walk *w, const char *folder, int depth)
{
	const struct dirent *e;
	int r = 0;
	DIR *d = open_list(w->s, folder, &r);

	if (d == NULL)
		return r;
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (!is_dot(e->d_name))
			r = take_folder(w, folder, e->d_name, depth);
	if (r == 0)
		r = -errno;
	closedir(d);
	return r;
}

/* All that one day has goes to the store, or is freed where r is not 0. */
static int move_day(struct store *s, struct day *y, int r)
{
	size_t i;

	if (r == 0 && y->error == 1) /* no folder */
		r = add_stray(&s->stray, &s->strays, &s->stray_room, "session",
		    y->path + strlen("session/"));
	else if (r == 0)
		r = y->error;
	for (i = 0; i < y->strays; i++) {
		if (r == 0 && array_room(&s->stray, s->strays, &s->stray_room, sizeof *s->stray) == 0)
			s->stray[s->strays++] = y->stray[i];
		else
			free(y->stray[i]);
	}
	if (r == 0 && y->sessions > 0)
		memcpy(s->session + s->sessions, y->session, y->sessions * sizeof *y->session);
	s->sessions += r == 0 ? y->sessions : 0;
	free(y->stray);
	free(y->session);
	return r;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct day *)a)->path, ((const struct day *)b)->path);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Numbers grow with the days, so that all is in order mostly. */
void store_put_in_order(struct store *s)
{
	size_t i;

	for (i = 1; i < s->sessions; i++)
		if (compare(&s->session[i - 1], &s->session[i]) > 0)
			break;
	if (i < s->sessions)
		qsort(s->session, s->sessions, sizeof *s->session, compare);
	if (s->strays > 1)
		qsort(s->stray, s->strays, sizeof *s->stray, by_text);
}

static int gather(struct walk *w, int r)
{
	struct store *s = w->s;
	size_t all = 0, i;

	for (i = 0; i < w->days; i++)
		all += w->day[i].sessions;
	if (r == 0 && all > s->session_room) {
		free(s->session);
		s->session = array_many(all, sizeof *s->session);
		s->session_room = s->session != NULL ? all : 0;
		if (s->session == NULL)
			r = -ENOMEM;
	}
	for (i = 0; i < w->days; i++)
		r = move_day(s, &w->day[i], r);
	return r;
}

int store_walk_folders(struct store *s)
{
	struct walk w = { .s = s };
	int r = find_days(&w, "session", 0);

	if (r == 0 && w.days > 0) {
		qsort(w.day, w.days, sizeof *w.day, by_path);
		read_all(&w);
	}
	r = gather(&w, r);
	free(w.day);
	if (r == 0)
		store_put_in_order(s);
	return r == -ENOENT && s->sessions == 0 && w.days == 0 ? 0 : r == 1 ? -ENOTDIR : r;
}
