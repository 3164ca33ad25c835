/* SPDX-License-Identifier: ISC */
#include "export/place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int endings[] = { SIGINT, SIGTERM, SIGHUP };

/* For the signals' handler: names that are there, a folder after what is in it. */
static char temporary[EXPORT_STREAMS + 1][PATH_MAX + 16];
static volatile sig_atomic_t temporaries, in_folder;

static void remove_temporary(void)
{
	int n = temporaries, i;

	for (i = n - 1; i >= 0; i--)
		if (!in_folder || i > 0)
			unlink(temporary[i]);
	if (in_folder && n > 0)
		rmdir(temporary[0]);
	temporaries = 0;
}

static void on_signal(int n)
{
	remove_temporary();
	raise(n); /* SA_RESETHAND: it is what it was */
}

static void watch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND }, old;
	size_t i;

	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof endings / sizeof endings[0]; i++)
		if (sigaction(endings[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(endings[i], &sa, NULL);
}

static int exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int open_file(struct export_place *p)
{
	char *t = temporary[0];

	p->fd[0] = mkostemp(t, O_CLOEXEC);
	if (p->fd[0] < 0)
		return -errno;
	temporaries = 1;
	p->count = 1;
	return 0;
}

static int open_folder(struct export_place *p, int count)
{
	int i;

	if (mkdtemp(temporary[0]) == NULL)
		return -errno;
	temporaries = 1;
	for (i = 0; i < count; i++) {
		char *t = temporary[i + 1];

		if (snprintf(t, sizeof temporary[0], "%.*s/%s", PATH_MAX - 16, temporary[0],
		    p->files[i]) >= (int)sizeof temporary[0])
			return -ENAMETOOLONG;
		p->fd[i] = open(t, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (p->fd[i] < 0)
			return -errno;
		temporaries = i + 2;
		p->count = i + 1;
	}
	return 0;
}

int export_place_open(struct export_place *p, const char *path, const char *const *files,
    int count)
{
	int r;

	*p = (struct export_place){ .path = path, .files = count > 0 ? files : NULL };
	if (strcmp(path, "-") == 0) {
		p->fd[0] = STDOUT_FILENO;
		p->count = 1;
		return 0;
	}
	if (strlen(path) >= PATH_MAX - 1)
		return -ENAMETOOLONG;
	if (exists(path))
		return -EEXIST;
	snprintf(temporary[0], sizeof temporary[0], "%s.XXXXXX", path);
	in_folder = p->files != NULL;
	watch_signals();
	r = p->files != NULL ? open_folder(p, count) : open_file(p);
	if (r != 0)
		export_place_drop(p);
	return r;
}

static int is_stdout(const struct export_place *p)
{
	return p->count == 1 && p->fd[0] == STDOUT_FILENO;
}

/* The folder that path is in: its name is on disk once this returns. */
static int sync_parent(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, r = 0;

	snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : slash == path ? 1 :
	    (int)(slash - path), slash == NULL ? "." : path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd) != 0)
		r = -errno;
	close(fd);
	return r;
}

static int close_all(struct export_place *p)
{
	int i, r = 0;

	for (i = 0; i < p->count; i++) {
		if (fsync(p->fd[i]) != 0 && r == 0)
			r = -errno;
		if (close(p->fd[i]) != 0 && r == 0)
			r = -errno;
	}
	p->count = 0;
	return r;
}

int export_place_keep(struct export_place *p)
{
	int r;

	if (is_stdout(p))
		return 0;
	r = close_all(p);
	/* link(2), unlike rename(2), replaces nothing; a folder replaces an empty one at most */
	if (r == 0 && (in_folder ? rename(temporary[0], p->path) : link(temporary[0], p->path)) != 0)
		r = -errno;
	if (r == 0 && in_folder)
		temporaries = 0;
	remove_temporary();
	return r != 0 ? r : sync_parent(p->path);
}

void export_place_drop(struct export_place *p)
{
	int i;

	if (is_stdout(p))
		return;
	for (i = 0; i < p->count; i++)
		close(p->fd[i]);
	p->count = 0;
	remove_temporary();
}
