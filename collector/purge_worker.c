/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"
#include "purge_internal.h"

#define NICE 10

enum state { IDLE, BEGUN, DONE, STOP };

struct purge_worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	const struct store *store;
	struct packer *packer;
	int event;
	enum state state;
	/* the task, the thread's while BEGUN */
	enum purge_task task;
	struct purge_job *job;
	int64_t began_by_s;
	struct purge_list found;
	int error;
};

static int run(struct purge_worker *w)
{
	switch (w->task) {
	case PURGE_SCAN:
		return purge_scan(w->store, w->began_by_s, &w->found);
	case PURGE_PREPARE:
		return purge_prepare(w->store, w->job);
	default:
		return purge_commit(w->store, w->packer, w->job);
	}
}

static void *purge_main(void *arg)
{
	const uint64_t one = 1;
	struct purge_worker *w = arg;

	if (setpriority(PRIO_PROCESS, 0, NICE) < 0) /* Linux: of this thread alone */
		log_debug("the purger runs at ordinary priority");
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->state != BEGUN && w->state != STOP)
			pthread_cond_wait(&w->more, &w->lock);
		if (w->state == STOP)
			break;
		pthread_mutex_unlock(&w->lock);
		w->error = run(w);
		pthread_mutex_lock(&w->lock);
		if (w->state == BEGUN)
			w->state = DONE;
		if (write(w->event, &one, sizeof(one)) < 0)
			log_debug("the purger's event is there already");
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int purge_worker_new(struct purge_worker **out, const struct store *s, struct packer *packer)
{
	struct purge_worker *w = calloc(1, sizeof(*w));
	int r;

	if (w == NULL)
		return -ENOMEM;
	w->store = s;
	w->packer = packer;
	TAILQ_INIT(&w->found);
	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->event < 0) {
		r = -errno;
		free(w);
		return r;
	}
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	r = -pthread_create(&w->thread, NULL, purge_main, w);
	if (r != 0) {
		close(w->event);
		free(w);
		return r;
	}
	*out = w;
	return 0;
}

void purge_worker_free(struct purge_worker *w)
{
	struct purge_job *j;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->state = STOP;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	while ((j = TAILQ_FIRST(&w->found)) != NULL) {
		TAILQ_REMOVE(&w->found, j, link);
		free(j);
	}
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->more);
	close(w->event);
	free(w);
}

int purge_worker_fd(const struct purge_worker *w)
{
	return w->event;
}

void purge_worker_begin(struct purge_worker *w, enum purge_task task, struct purge_job *j,
    int64_t began_by_s)
{
	pthread_mutex_lock(&w->lock);
	w->task = task;
	w->job = j;
	w->began_by_s = began_by_s;
	w->state = BEGUN;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

int purge_worker_end(struct purge_worker *w, int *error, struct purge_list *list)
{
	uint64_t count;
	int done;

	if (read(w->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_debug("the purger's event cannot be read");
	pthread_mutex_lock(&w->lock);
	done = w->state == DONE;
	if (done) {
		w->state = IDLE;
		*error = w->error;
		TAILQ_CONCAT(list, &w->found, link);
	}
	pthread_mutex_unlock(&w->lock);
	return done;
}
