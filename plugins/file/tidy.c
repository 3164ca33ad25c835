/* SPDX-License-Identifier: ISC */
#include "tidy.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "log.h"
#include "pack.h"

struct tidy {
	int dir;
	const struct tidy_options *o;
	pthread_t thread;
	pthread_mutex_t lock; /* of the rest */
	pthread_cond_t asked;
	int look;             /* there may be work */
	int writing;          /* written is a file */
	struct file_name written;
	atomic_int stop;
};

/* Asked for each file anew: one that is in the list was made after tidy_look() told of it. */
static int is_written(struct tidy *t, const struct file_name *n)
{
	int r;

	pthread_mutex_lock(&t->lock);
	r = t->writing && n->date_s == t->written.date_s && n->first == t->written.first;
	pthread_mutex_unlock(&t->lock);
	return r;
}

static void pack_one(struct tidy *t, struct file_name *n)
{
	struct file_name packed = *n;
	char from[FILE_NAME_SIZE], to[FILE_NAME_SIZE];
	int r;

	packed.packed = 1;
	r = pack_file(t->dir, file_name_put(from, n), file_name_put(to, &packed), &t->stop);
	if (r == 0)
		n->packed = 1;
	else if (r != -ECANCELED)
		log_warn("%s stays as it is until later: %s", from, err_text(r));
}

/* The oldest that are more than are to be kept, of count. */
static void remove_old(const struct tidy *t, const struct file_names *l, unsigned count)
{
	char name[FILE_NAME_SIZE];
	unsigned i;

	for (i = 0; t->o->keep > 0 && i < l->count && count > t->o->keep; i++, count--)
		if (unlinkat(t->dir, file_name_put(name, &l->name[i]), 0) < 0)
			log_warn("%s cannot be deleted: %m", name);
}

static void work(struct tidy *t)
{
	unsigned i, full = 0;
	struct file_names l;
	int r = file_names_list(&l, t->dir);

	if (r != 0) {
		log_warn("the folder cannot be listed: %s", err_text(r));
		return;
	}
	for (i = 0; i < l.count && !t->stop; i++) {
		if (is_written(t, &l.name[i]))
			continue;
		full++;
		if (t->o->compress && !l.name[i].packed)
			pack_one(t, &l.name[i]);
	}
	if (!t->stop)
		remove_old(t, &l, full);
	file_names_release(&l);
}

static void *run(void *arg)
{
	struct tidy *t = arg;

	pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		if (!t->look) {
			pthread_cond_wait(&t->asked, &t->lock);
			continue;
		}
		t->look = 0;
		pthread_mutex_unlock(&t->lock);
		work(t);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

int tidy_new(struct tidy **out, int dir, const struct tidy_options *o)
{
	struct tidy *t = calloc(1, sizeof(*t));
	int r;

	if (t == NULL)
		return -ENOMEM;
	t->dir = dir;
	t->o = o;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->asked, NULL);
	r = pthread_create(&t->thread, NULL, run, t);
	if (r != 0) {
		free(t);
		return -r;
	}
	*out = t;
	return 0;
}

void tidy_free(struct tidy *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = 1;
	pthread_cond_signal(&t->asked);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->asked);
	free(t);
}

void tidy_look(struct tidy *t, const struct file_name *written)
{
	pthread_mutex_lock(&t->lock);
	t->writing = written != NULL;
	if (written != NULL)
		t->written = *written;
	t->look = 1;
	pthread_cond_signal(&t->asked);
	pthread_mutex_unlock(&t->lock);
}
