/* SPDX-License-Identifier: ISC */
#include "sync.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

TAILQ_HEAD(job_list, sync_job);

struct syncer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_list todo, done;
	int event;
	int stop;
};

static void tell(int event)
{
	const uint64_t one = 1;

	/* fails only where the counter is at its end, and then it is readable */
	if (write(event, &one, sizeof(one)) < 0)
		return;
}

static void *sync_main(void *arg)
{
	struct syncer *s = arg;
	struct sync_job *j;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		while ((j = TAILQ_FIRST(&s->todo)) == NULL && !s->stop)
			pthread_cond_wait(&s->more, &s->lock);
		if (j == NULL)
			break;
		TAILQ_REMOVE(&s->todo, j, link);
		j->queued = 0;
		pthread_mutex_unlock(&s->lock);
		j->error = fdatasync(j->fd) < 0 ? -errno : 0;
		pthread_mutex_lock(&s->lock);
		TAILQ_INSERT_TAIL(&s->done, j, link);
		tell(s->event);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int sync_new(struct syncer **out)
{
	struct syncer *s;
	int r;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	TAILQ_INIT(&s->todo);
	TAILQ_INIT(&s->done);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = s->event < 0 ? -errno : -pthread_create(&s->thread, NULL, sync_main, s);
	if (r != 0) {
		if (s->event >= 0)
			close(s->event);
		free(s);
		return r;
	}
	*out = s;
	return 0;
}

void sync_free(struct syncer *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	close(s->event);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->more);
	free(s);
}

int sync_fd(const struct syncer *s)
{
	return s->event;
}

static void put(struct syncer *s, struct sync_job *j, int urgent)
{
	if (urgent)
		TAILQ_INSERT_HEAD(&s->todo, j, link);
	else
		TAILQ_INSERT_TAIL(&s->todo, j, link);
}

void sync_add(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent)
{
	pthread_mutex_lock(&s->lock);
	j->frame = frame;
	j->error = 0;
	j->queued = 1;
	put(s, j, urgent);
	pthread_cond_signal(&s->more);
	pthread_mutex_unlock(&s->lock);
}

int sync_join(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent)
{
	int joined;

	pthread_mutex_lock(&s->lock);
	joined = j->queued;
	if (joined) {
		j->frame = frame;
		if (urgent) {
			TAILQ_REMOVE(&s->todo, j, link);
			put(s, j, 1);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return joined;
}

struct sync_job *sync_done(struct syncer *s)
{
	struct sync_job *j;

	pthread_mutex_lock(&s->lock);
	j = TAILQ_FIRST(&s->done);
	if (j != NULL)
		TAILQ_REMOVE(&s->done, j, link);
	pthread_mutex_unlock(&s->lock);
	return j;
}

void sync_ack(struct syncer *s)
{
	uint64_t n;

	/* EAGAIN: nothing was told, which is what is wanted */
	if (read(s->event, &n, sizeof(n)) < 0)
		return;
}
