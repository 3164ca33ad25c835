/* SPDX-License-Identifier: ISC */
#include "alert.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../feed.h"
#include "err.h"
#include "log.h"

#define END_S 2 /* that an end may take before it is one without manners */
#define EXIT_FEED 1

static struct alert *shared; /* of the one thread */
static int feed_status;

static void tell(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return; /* full: it is readable */
}

/* It is to end: who is within a connection that is being made does not see it. */
static void end(void)
{
	tell(shared->over);
	sleep(END_S);
	_exit(0);
}

static void *take_events(void *arg)
{
	struct feed *f;
	struct feed_event e;
	int r = feed_open(&f, STDIN_FILENO, STDOUT_FILENO);

	(void)arg;
	if (r != 0) {
		log_error("the dispatcher: %s", err_text(r));
		feed_status = EXIT_FEED;
		end();
		return NULL;
	}
	while (!feed_over(f)) {
		int some = 0;

		feed_wait(f, NULL, 0, -1);
		for (; feed_next(f, &e); some = 1)
			feed_ack(f, e.seq);
		if (some)
			tell(shared->news);
	}
	if (feed_close(f) != 0)
		feed_status = EXIT_FEED;
	end();
	return NULL;
}

static void *take_signals(void *arg)
{
	sigset_t set;
	int signal;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGINT);
	if (arg == NULL)
		sigaddset(&set, SIGTERM); /* else the feed has it */
	for (;;) {
		if (sigwait(&set, &signal) != 0)
			continue;
		if (signal == SIGUSR1) {
			tell(shared->state);
			tell(shared->news);
		} else {
			end();
		}
	}
	return NULL;
}

static int start_thread(void *(*run)(void *), void *arg)
{
	pthread_t t;
	int r = pthread_create(&t, NULL, run, arg);

	return r == 0 ? -pthread_detach(t) : -r;
}

int alert_start(struct alert *a, int feed)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	a->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	a->over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	a->state = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->news < 0 || a->over < 0 || a->state < 0)
		return -errno;
	shared = a;
	r = start_thread(take_signals, feed ? a : NULL);
	return r == 0 && feed ? start_thread(take_events, NULL) : r;
}

int alert_over_fd(const struct alert *a)
{
	return a->over;
}

static int wait_for(const struct alert *a, int news, int timeout_ms)
{
	struct pollfd fd[2] = {{.fd = a->over, .events = POLLIN},
		{.fd = news ? a->news : -1, .events = POLLIN}};
	uint64_t count;

	if (poll(fd, 2, timeout_ms) > 0 && fd[0].revents != 0)
		return 1;
	if (fd[1].revents != 0 && read(a->news, &count, sizeof(count)) < 0)
		return 0;
	return 0;
}

int alert_wait(const struct alert *a, int timeout_ms)
{
	return wait_for(a, 1, timeout_ms);
}

int alert_wait_over(const struct alert *a, unsigned timeout_ms)
{
	return wait_for(a, 0, (int)timeout_ms);
}

int alert_state_wanted(const struct alert *a)
{
	uint64_t count;

	return read(a->state, &count, sizeof(count)) == sizeof(count);
}

int alert_status(const struct alert *a)
{
	(void)a;
	return feed_status;
}
