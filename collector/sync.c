/* SPDX-License-Identifier: ISC */
#include "sync.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

TAILQ_HEAD(job_list, sync_job);

struct syncer {
	pthread_t thread[SYNC_THREADS];
	int threads;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job_list urgent, calm, done;
	struct histogram times;
	unsigned calm_waiting;
	int event;
	int stop;
};

/* So many jobs that nobody waits for are one thread's: a wake-up takes as long as some
 * of them. */
#define CALM_SHARE 16u

static void tell(int event)
{
	const uint64_t one = 1;

	/* fails only where the counter is at its end, and then it is readable */
	if (write(event, &one, sizeof(one)) < 0)
		return;
}

static struct job_list *queue_of(struct syncer *s, const struct sync_job *j)
{
	return j->urgent ? &s->urgent : &s->calm;
}

static void take(struct syncer *s, struct sync_job *j, struct job_list *mine)
{
	TAILQ_REMOVE(queue_of(s, j), j, link);
	s->calm_waiting -= j->urgent ? 0u : 1u;
	j->queued = 0;
	TAILQ_INSERT_TAIL(mine, j, link);
}

static void take_same_folder(struct syncer *s, struct job_list *from, ino_t folder,
    struct job_list *mine)
{
	struct sync_job *j, *next;

	for (j = TAILQ_FIRST(from); j != NULL; j = next) {
		next = TAILQ_NEXT(j, link);
		if (j->folder == folder)
			take(s, j, mine);
	}
}

/* What one call does: the first job, and those that wait for the same folder. */
static int take_some(struct syncer *s, struct job_list *mine)
{
	struct sync_job *j = TAILQ_FIRST(&s->urgent);

	if (j == NULL)
		j = TAILQ_FIRST(&s->calm);
	if (j == NULL)
		return 0;
	take(s, j, mine);
	if (j->folder != 0) {
		take_same_folder(s, &s->urgent, j->folder, mine);
		take_same_folder(s, &s->calm, j->folder, mine);
	}
	return 1;
}

/* Where ext4 has no journal, syncfs(2) tells the disk to keep what it was given and then
 * writes the inodes: the second call tells it again. */
static int sync_file_system(int fd)
{
	return syncfs(fd) < 0 || fdatasync(fd) < 0 ? -errno : 0;
}

static int call(const struct sync_job *j)
{
	if (j->what == SYNC_FILE_SYSTEM)
		return sync_file_system(j->fd);
	if (j->what == SYNC_ANEW && futimens(j->fd, NULL) < 0)
		return -errno;
	if (j->what == SYNC_ANEW || j->folder != 0)
		return fsync(j->fd) < 0 ? -errno : 0;
	return fdatasync(j->fd) < 0 ? -errno : 0;
}

static void give_back(struct syncer *s, struct job_list *mine, int error, uint64_t took_ns)
{
	/* else it was told, and has not come here since */
	const int first = TAILQ_EMPTY(&s->done);
	struct sync_job *j;

	while ((j = TAILQ_FIRST(mine)) != NULL) {
		TAILQ_REMOVE(mine, j, link);
		j->error = error;
		j->took_ns = took_ns;
		TAILQ_INSERT_TAIL(&s->done, j, link);
	}
	if (first)
		tell(s->event);
}

static void *sync_main(void *arg)
{
	struct syncer *s = arg;
	struct job_list mine = TAILQ_HEAD_INITIALIZER(mine);
	const struct sync_job *j;
	uint64_t begun_ns, took_ns;
	int r;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		while (!take_some(s, &mine) && !s->stop)
			pthread_cond_wait(&s->more, &s->lock);
		j = TAILQ_FIRST(&mine);
		if (j == NULL)
			break;
		pthread_mutex_unlock(&s->lock);
		begun_ns = clock_mono();
		r = call(j);
		took_ns = clock_mono() - begun_ns;
		pthread_mutex_lock(&s->lock);
		if (j->what != SYNC_FILE_SYSTEM)
			histogram_add(&s->times, took_ns);
		give_back(s, &mine, r, took_ns);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int sync_new(struct syncer **out)
{
	struct syncer *s;
	int r = 0;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	TAILQ_INIT(&s->urgent);
	TAILQ_INIT(&s->calm);
	TAILQ_INIT(&s->done);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	s->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->event < 0)
		r = -errno;
	while (r == 0 && s->threads < SYNC_THREADS) {
		r = -pthread_create(&s->thread[s->threads], NULL, sync_main, s);
		s->threads += r == 0;
	}
	if (r != 0) {
		sync_free(s);
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
	pthread_cond_broadcast(&s->more);
	pthread_mutex_unlock(&s->lock);
	while (s->threads > 0)
		pthread_join(s->thread[--s->threads], NULL);
	if (s->event >= 0)
		close(s->event);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->more);
	free(s);
}

int sync_fd(const struct syncer *s)
{
	return s->event;
}

void sync_add(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent)
{
	int wake;

	pthread_mutex_lock(&s->lock);
	j->frame = frame;
	j->error = 0;
	j->queued = 1;
	j->urgent = urgent;
	wake = urgent || s->calm_waiting % CALM_SHARE == 0;
	s->calm_waiting += urgent ? 0u : 1u;
	TAILQ_INSERT_TAIL(queue_of(s, j), j, link);
	pthread_mutex_unlock(&s->lock);
	/* a thread that was woken before would only wait for the lock */
	if (wake)
		pthread_cond_signal(&s->more);
}

int sync_join(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent)
{
	int joined;

	pthread_mutex_lock(&s->lock);
	joined = j->queued;
	if (joined)
		j->frame = frame;
	if (joined && urgent && !j->urgent) {
		TAILQ_REMOVE(&s->calm, j, link);
		s->calm_waiting--;
		j->urgent = 1;
		TAILQ_INSERT_TAIL(&s->urgent, j, link);
		pthread_cond_signal(&s->more); /* it may have been left to a thread that works */
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

void sync_times(struct syncer *s, struct histogram *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->times;
	pthread_mutex_unlock(&s->lock);
}

void sync_ack(struct syncer *s)
{
	uint64_t n;

	/* EAGAIN: nothing was told, which is what is wanted */
	if (read(s->event, &n, sizeof(n)) < 0)
		return;
}
