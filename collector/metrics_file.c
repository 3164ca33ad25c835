/* SPDX-License-Identifier: ISC */
#include "metrics_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "metrics.h"
#include "metrics_write.h"
#include "status.h"

#define END_S 2 /* for the last write */

struct metrics_file {
	struct collector *c;
	struct timer timer;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;
	char path[CONF_PATH_MAX + 1];
	char *text;      /* to be written, or NULL */
	int writing;
	int error;       /* of the last write */
	int late;        /* it was said that the last one is still under way */
	int stop;
};

static void say(const char *path, int error, int before)
{
	if (error == before)
		return;
	if (error == E_KEY)
		log_error("metrics_file %s: its folder is not root's or ours alone, or there is a symbolic "
		    "link in its path; not written", path);
	else if (error != 0)
		log_error("metrics_file %s: %s; trying again", path, err_text(error));
	else
		log_info("metrics_file %s: is written again", path);
}

static void *write_main(void *arg)
{
	struct metrics_file *m = arg;
	char path[CONF_PATH_MAX + 1];
	char *text;
	int r;

	pthread_mutex_lock(&m->lock);
	for (;;) {
		while (m->text == NULL && !m->stop)
			pthread_cond_wait(&m->more, &m->lock);
		if (m->stop)
			break;
		text = m->text;
		m->text = NULL;
		m->writing = 1;
		memcpy(path, m->path, sizeof(path));
		pthread_mutex_unlock(&m->lock);
		r = metrics_write(path, text, strlen(text));
		free(text);
		pthread_mutex_lock(&m->lock);
		say(path, r, m->error);
		m->error = r;
		m->writing = m->late = 0;
	}
	pthread_mutex_unlock(&m->lock);
	return NULL;
}

static char *text_now(struct collector *c)
{
	json_t *status = status_object(c);
	char *text = status != NULL ? metrics_text(status, clock_wall()) : NULL;

	json_decref(status);
	return text;
}

/* Is the one from before still being written? */
static int is_busy(struct metrics_file *m)
{
	int busy, say_late;

	pthread_mutex_lock(&m->lock);
	busy = m->writing || m->text != NULL;
	say_late = busy && !m->late;
	m->late |= busy;
	pthread_mutex_unlock(&m->lock);
	if (say_late)
		log_error("metrics_file %s: the last one is still being written", m->path);
	return busy;
}

static void due(void *arg)
{
	struct metrics_file *m = arg;
	char *text;

	loop_timer(&m->c->loop, &m->timer, m->c->conf.metrics_every * 1000);
	if (is_busy(m) || (text = text_now(m->c)) == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->text = text;
	pthread_mutex_unlock(&m->lock);
	pthread_cond_signal(&m->more);
}

static int begin(struct collector *c)
{
	struct metrics_file *m = calloc(1, sizeof(*m));
	int r;

	if (m == NULL)
		return -ENOMEM;
	m->c = c;
	m->timer = (struct timer){.fn = due, .arg = m};
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->more, NULL);
	r = -pthread_create(&m->thread, NULL, write_main, m);
	if (r != 0) {
		pthread_cond_destroy(&m->more);
		pthread_mutex_destroy(&m->lock);
		free(m);
		return r;
	}
	c->metrics = m;
	return 0;
}

void metrics_file_configured(struct collector *c)
{
	int r;

	if (c->conf.metrics_file[0] == '\0') {
		metrics_file_close(c);
		return;
	}
	if (c->metrics == NULL && (r = begin(c)) != 0) {
		log_error("metrics_file %s: %s; it is not written", c->conf.metrics_file, err_text(r));
		return;
	}
	pthread_mutex_lock(&c->metrics->lock);
	memcpy(c->metrics->path, c->conf.metrics_file, sizeof(c->metrics->path));
	c->metrics->error = 0;
	pthread_mutex_unlock(&c->metrics->lock);
	loop_timer(&c->loop, &c->metrics->timer, 0);
}

void metrics_file_close(struct collector *c)
{
	struct metrics_file *m = c->metrics;
	struct timespec limit;

	if (m == NULL)
		return;
	c->metrics = NULL;
	loop_timer_clear(&m->timer);
	pthread_mutex_lock(&m->lock);
	m->stop = 1;
	pthread_mutex_unlock(&m->lock);
	pthread_cond_signal(&m->more);
	clock_gettime(CLOCK_MONOTONIC, &limit);
	limit.tv_sec += END_S;
	if (pthread_clockjoin_np(m->thread, NULL, CLOCK_MONOTONIC, &limit) != 0) {
		log_error("metrics_file %s: its file system does not answer; ending without it", m->path);
		pthread_detach(m->thread); /* which has m from here on */
		return;
	}
	pthread_cond_destroy(&m->more);
	pthread_mutex_destroy(&m->lock);
	free(m->text);
	free(m);
}

json_t *metrics_file_status(const struct metrics_file *m)
{
	pthread_mutex_t *lock;
	json_t *o;

	if (m == NULL)
		return json_null();
	lock = (pthread_mutex_t *)(uintptr_t)&m->lock;
	pthread_mutex_lock(lock);
	o = json_pack("{s:s, s:s}", "file", m->path, "error",
	    m->error == E_KEY ? "its folder is not safe" : m->error != 0 ? err_text(m->error) : "");
	pthread_mutex_unlock(lock);
	return o != NULL ? o : json_null();
}
