/* SPDX-License-Identifier: ISC */
#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#include "container.h"
#include "err.h"
#include "frame.h"
#include "log.h"

#define NICE 10

struct pack_job {
	STAILQ_ENTRY(pack_job) link;
	char day[STORE_DAY_MAX];
	char name[STORE_NAME_MAX];
};

struct packer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_mutex_t work; /* held while a file is packed */
	pthread_cond_t more;
	STAILQ_HEAD(, pack_job) todo;
	const struct store *store;
	int scan, stop;
};

static int is_plain(int fd)
{
	uint8_t first;

	return pread(fd, &first, 1, 0) == 1 && first == FRAME_MAGIC;
}

static int pack_into(int dirfd, int in, const char *temp, const char *name)
{
	int out, r;

	out = openat(dirfd, temp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = container_pack(in, out);
	if (r == 0 && fsync(out) < 0)
		r = -errno;
	close(out);
	if (r == 0 && renameat(dirfd, temp, dirfd, name) < 0)
		r = -errno;
	if (r != 0)
		unlinkat(dirfd, temp, 0);
	else if (fsync(dirfd) < 0)
		r = -errno;
	return r;
}

int pack_file(int dirfd, const char *name)
{
	char temp[STORE_TEMP_MAX];
	int in, r = 0;

	snprintf(temp, sizeof(temp), STORE_TEMP "pack-%.*s", STORE_NAME_MAX - 1, name);
	in = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0)
		return -errno;
	if (is_plain(in)) {
		r = pack_into(dirfd, in, temp, name);
		if (r == 0)
			r = 1;
	}
	close(in);
	return r;
}

static void run_job(struct packer *p, const struct pack_job *j)
{
	int dirfd, r;

	dirfd = store_day_open(p->store, j->day, 0);
	pthread_mutex_lock(&p->work);
	r = dirfd < 0 ? dirfd : pack_file(dirfd, j->name);
	pthread_mutex_unlock(&p->work);
	if (r < 0)
		log_warn("%s/%s cannot be compressed (%s); it stays as it is", j->day, j->name,
		    err_text(r));
	if (dirfd >= 0)
		close(dirfd);
}

static int stopping(struct packer *p)
{
	int stop;

	pthread_mutex_lock(&p->lock);
	stop = p->stop;
	pthread_mutex_unlock(&p->lock);
	return stop;
}

static int scan_file(void *arg, int dirfd, const char *day, const char *name)
{
	struct packer *p = arg;
	struct session_name s;
	struct pack_job j;
	int fd, plain;

	if (stopping(p))
		return 1;
	if (store_name_parse(&s, name) != 0 || s.state == SESSION_LIVE)
		return 0;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	plain = is_plain(fd);
	close(fd);
	if (plain) {
		snprintf(j.day, sizeof(j.day), "%s", day);
		snprintf(j.name, sizeof(j.name), "%s", name);
		run_job(p, &j);
	}
	return 0;
}

static void *pack_main(void *arg)
{
	struct packer *p = arg;
	struct pack_job *j;
	int scan;

	/* Linux: of this thread alone.  Nobody waits for it, everybody else is waited for. */
	if (setpriority(PRIO_PROCESS, 0, NICE) < 0)
		log_debug("the packer runs at ordinary priority");
	pthread_mutex_lock(&p->lock);
	for (;;) {
		while ((j = STAILQ_FIRST(&p->todo)) == NULL && !p->scan && !p->stop)
			pthread_cond_wait(&p->more, &p->lock);
		if (p->stop)
			break;
		scan = j == NULL;
		if (scan)
			p->scan = 0;
		else
			STAILQ_REMOVE_HEAD(&p->todo, link);
		pthread_mutex_unlock(&p->lock);
		if (scan)
			store_walk(p->store, "", scan_file, p);
		else
			run_job(p, j);
		free(j);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

int packer_new(struct packer **out, const struct store *store)
{
	struct packer *p;
	int r;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	p->store = store;
	STAILQ_INIT(&p->todo);
	pthread_mutex_init(&p->lock, NULL);
	pthread_mutex_init(&p->work, NULL);
	pthread_cond_init(&p->more, NULL);
	r = -pthread_create(&p->thread, NULL, pack_main, p);
	if (r != 0) {
		free(p);
		return r;
	}
	*out = p;
	return 0;
}

void packer_free(struct packer *p)
{
	struct pack_job *j;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = 1;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	while ((j = STAILQ_FIRST(&p->todo)) != NULL) {
		STAILQ_REMOVE_HEAD(&p->todo, link);
		free(j);
	}
	pthread_mutex_destroy(&p->lock);
	pthread_mutex_destroy(&p->work);
	pthread_cond_destroy(&p->more);
	free(p);
}

void packer_pause(struct packer *p)
{
	if (p != NULL)
		pthread_mutex_lock(&p->work);
}

void packer_resume(struct packer *p)
{
	if (p != NULL)
		pthread_mutex_unlock(&p->work);
}

void packer_add(struct packer *p, const char *day, const struct session_name *name)
{
	struct pack_job *j;

	j = calloc(1, sizeof(*j));
	if (j == NULL) {
		packer_scan(p); /* finds it */
		return;
	}
	snprintf(j->day, sizeof(j->day), "%s", day);
	store_name_format(j->name, name);
	pthread_mutex_lock(&p->lock);
	STAILQ_INSERT_TAIL(&p->todo, j, link);
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}

void packer_scan(struct packer *p)
{
	pthread_mutex_lock(&p->lock);
	p->scan = 1;
	pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
}
