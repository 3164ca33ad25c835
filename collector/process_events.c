/* SPDX-License-Identifier: ISC */
#include "process_events.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "process_events_internal.h"

#define QUEUE_MAX ((size_t)256 * 1024 * 1024)
#define STACK (256 * 1024)
#define TRY_MS 200
#define TAKE_S 1
#define SAW_TICKS 1000 /* an older fork of the same pid is not the one that is asked for */

static void wake(const struct process_events *pe)
{
	const uint64_t one = 1;

	/* fails only where the counter is at its end, and then it is readable */
	if (write(pe->wake, &one, sizeof(one)) < 0)
		return;
}

static int open_parts(struct process_events *pe, size_t buffer)
{
	pthread_condattr_t attr;
	int r;

	pthread_mutex_init(&pe->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pe->answer, &attr);
	pthread_condattr_destroy(&attr);
	event_queue_init(&pe->queue, QUEUE_MAX);
	TAILQ_INIT(&pe->mine);
	pe->sock = pe->wake = pe->tell = -1;
	if ((r = events_socket(buffer)) < 0)
		return r;
	pe->sock = r;
	pe->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pe->tell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return pe->wake < 0 || pe->tell < 0 ? -errno : 0;
}

/* A socket can be bound, and its request be ignored: does the kernel tell of a child? */
static int try_out(struct process_events *pe)
{
	struct pollfd p = {.fd = pe->sock, .events = POLLIN};
	uint64_t until = clock_mono() + TRY_MS * UINT64_C(1000000);
	pid_t pid = fork();
	int r;

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	while ((r = events_drain(pe)) == 0 && !process_events_saw(pe, (uint32_t)pid)) {
		r = -ENODATA;
		if (clock_mono() >= until || poll(&p, 1, TRY_MS) <= 0)
			break;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}

/* No signal is this thread's. */
static int start_thread(struct process_events *pe)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_attr_setstacksize(&attr, STACK);
	if (r == 0)
		r = pthread_create(&pe->thread, &attr, events_main, pe);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	pe->running = r == 0;
	return -r;
}

int process_events_start(struct process_events **out, const struct process_events_config *cfg)
{
	struct process_events *pe = calloc(1, sizeof(*pe));
	int r;

	if (pe == NULL)
		return -ENOMEM;
	pe->read_args = cfg->read_args;
	r = open_parts(pe, cfg->buffer);
	if (r == 0)
		r = try_out(pe);
	if (r == 0)
		r = start_thread(pe);
	if (r != 0) {
		process_events_stop(pe);
		return r;
	}
	*out = pe;
	return 0;
}

void process_events_stop(struct process_events *pe)
{
	if (pe == NULL)
		return;
	if (pe->running) {
		pthread_mutex_lock(&pe->lock);
		pe->stop = 1;
		pthread_mutex_unlock(&pe->lock);
		wake(pe);
		pthread_join(pe->thread, NULL);
	}
	if (pe->sock >= 0)
		close(pe->sock);
	if (pe->wake >= 0)
		close(pe->wake);
	if (pe->tell >= 0)
		close(pe->tell);
	event_queue_free(&pe->queue, &pe->mine, 0);
	event_queue_release(&pe->queue);
	pthread_mutex_destroy(&pe->lock);
	pthread_cond_destroy(&pe->answer);
	free(pe);
}

int process_events_fd(const struct process_events *pe)
{
	return pe->tell;
}

/* Waits until all that was sent before now is in the queue.  Locked. */
static int wait_for_now(struct process_events *pe)
{
	struct timespec until;
	uint64_t question;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += TAKE_S;
	question = ++pe->asked;
	pe->asked_ns = clock_mono();
	pe->waits = 1;
	wake(pe);
	while (pe->answered < question && pe->error == 0 && r == 0)
		r = pthread_cond_timedwait(&pe->answer, &pe->lock, &until);
	pe->waits = 0;
	return pe->answered >= question ? 0 : -r;
}

int process_events_take(struct process_events *pe, int up_to_now,
    int (*got)(void *ctx, const struct pevent *e), void *ctx)
{
	struct event_chunks done = TAILQ_HEAD_INITIALIZER(done);
	struct pevent e;
	uint64_t n = 0;
	int r = 0, late, stopped = 0;

	/* EAGAIN: nothing was told since */
	if (read(pe->tell, &n, sizeof(n)) < 0)
		n = 0;
	pthread_mutex_lock(&pe->lock);
	late = up_to_now ? wait_for_now(pe) : 0;
	event_queue_take(&pe->queue, &pe->mine);
	r = pe->error;
	pthread_mutex_unlock(&pe->lock);
	for (n = 0; stopped == 0 && event_chunks_next(&pe->mine, &done, &e); n++)
		stopped = got(ctx, &e);
	pthread_mutex_lock(&pe->lock);
	event_queue_free(&pe->queue, &done, n);
	pthread_mutex_unlock(&pe->lock);
	if (stopped != 0)
		return stopped;
	return r != 0 ? r : late;
}

int process_events_saw(const struct process_events *pe, uint32_t pid)
{
	/* the lock is no part of what it holds */
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&pe->lock;
	const struct fork_seen *seen = &pe->saw[pid % EVENTS_SAW];
	uint32_t now = (uint32_t)(clock_boot() / TICK_NS);
	int saw;

	pthread_mutex_lock(lock);
	saw = seen->pid == pid && seen->tick >= pe->loss_tick && now - seen->tick < SAW_TICKS;
	pthread_mutex_unlock(lock);
	return saw;
}

const char *process_events_why(int r)
{
	switch (r) {
	case -EPERM:
	case -EACCES: return "needs CAP_NET_ADMIN";
	case -ECONNREFUSED: return "not in this network namespace";
	case -EPROTONOSUPPORT: return "this kernel has none";
	case -ENODATA: return "the kernel sends none, as in a pid namespace";
	default: return err_text(r);
	}
}

json_t *process_events_status(const struct process_events *pe)
{
	pthread_mutex_t *lock;
	struct event_counts c;
	uint64_t waiting, high;
	int error;

	if (pe == NULL)
		return json_pack("{ss ss}", "state", "off", "reason", "");
	lock = (pthread_mutex_t *)(uintptr_t)&pe->lock;
	pthread_mutex_lock(lock);
	c = pe->count;
	waiting = pe->queue.waiting;
	high = pe->queue.high;
	error = pe->error;
	pthread_mutex_unlock(lock);
	return json_pack("{ss ss sI sI sI sI sI sI sI sI sI sI}",
	    "state", error != 0 ? "lost" : "on", "reason", error != 0 ? err_text(error) : "",
	    "events", (json_int_t)c.events, "forks", (json_int_t)c.forks,
	    "execs", (json_int_t)c.execs, "lost", (json_int_t)c.lost,
	    "losses", (json_int_t)c.losses, "texts_missing", (json_int_t)c.texts_missing,
	    "foreign", (json_int_t)c.foreign, "malformed", (json_int_t)c.malformed,
	    "waiting", (json_int_t)waiting, "high_water", (json_int_t)high);
}
