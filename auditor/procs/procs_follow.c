/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "procs/procs.h"

#define POLL_MS 50 /* where the store's folder cannot be watched */

/* Behind the last slot that there is now. */
static int find_end(const struct store *s, struct process_place *at)
{
	char name[PROCESS_NAME_MAX], path[sizeof "process/" + sizeof name];
	uint64_t *list;
	size_t count;
	struct stat st;
	int fd, r = process_walk_list(s, &list, &count);

	if (r != 0 || count == 0)
		return r;
	*at = (struct process_place){ list[count - 1], 0 };
	free(list);
	snprintf(path, sizeof path, "process/%s", process_file_name(name, at->k));
	fd = store_open_file(s, path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && st.st_size > PROCESS_HEADER)
		at->i = ((uint64_t)st.st_size - PROCESS_HEADER) / PROCESS_SIZE;
	close(fd);
	return 0;
}

/* Tells of each write to the segments; negative where it cannot. */
static int watch(const char *store_path)
{
	char path[PATH_MAX];
	int fd, n = snprintf(path, sizeof path, "%s/process", store_path);

	if (n < 0 || (size_t)n >= sizeof path)
		return -ENAMETOOLONG;
	fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) >= 0)
		return fd;
	close(fd);
	return -1;
}

/* Until there may be more, or nobody reads stdout any longer: then -EPIPE. */
static int wait_for_more(int watch_fd)
{
	struct pollfd p[2] = { { .fd = STDOUT_FILENO }, { .fd = watch_fd, .events = POLLIN } };
	char events[4096];

	if (poll(p, 2, watch_fd >= 0 ? -1 : POLL_MS) < 0 && errno != EINTR)
		return -errno;
	if (p[0].revents & (POLLERR | POLLHUP))
		return -EPIPE;
	while (watch_fd >= 0 && read(watch_fd, events, sizeof events) > 0)
		;
	return 0;
}

int procs_follow(struct procs_source *s, const char *store_path)
{
	struct process_place at = { 0, 0 };
	struct process_walk w = procs_source_walk(s);
	int fd = watch(store_path), r;

	r = s->lives != NULL ? process_walk_on(s->store, &w, &at) : find_end(s->store, &at);
	s->muted = 0;
	while (r == 0) {
		if (fflush(stdout) != 0) {
			r = -errno;
			break;
		}
		r = wait_for_more(fd);
		if (r == 0)
			r = process_walk_on(s->store, &w, &at);
	}
	if (fd >= 0)
		close(fd);
	return r;
}
