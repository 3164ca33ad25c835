/* SPDX-License-Identifier: ISC */
/* A plugin's life: started, ended, started again. */
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "guard.h"
#include "lines.h"

#define DELAY_MIN_MS 100
#define DELAY_MAX_MS 60000
#define LONG_NS (60 * UINT64_C(1000000000)) /* who lived so long is started at once again */

static void feed_event(void *arg, uint32_t events)
{
	struct plugin *p = arg;

	p->in_waits = 0;
	loop_mod(&p->d->loop, &p->in_source, 0);
	if ((events & EPOLLERR) != 0)
		plugin_feed_end(p); /* it has closed its input: its end says the rest */
	else
		plugin_feed(p);
}

static void start_later(struct plugin *p)
{
	if (p->delay_ms == 0 || (p->started_ns != 0 && clock_mono() - p->started_ns >= LONG_NS))
		p->delay_ms = DELAY_MIN_MS;
	else
		p->delay_ms = p->delay_ms * 2 < DELAY_MAX_MS ? p->delay_ms * 2 : DELAY_MAX_MS;
	p->state = PLUGIN_WAITS;
	loop_timer(&p->d->loop, &p->again, p->delay_ms);
	dispatch_changed(p->d);
}

/* It has not what it should have: it is started again, later. */
static void failed(struct plugin *p, const char *what)
{
	snprintf(p->reason, sizeof(p->reason), "%s", what);
	p->started_ns = 0;
	start_later(p);
	dispatch_log(p->d, LOG_L_ERROR, "plugin %s cannot be started: %s; trying again in %u ms",
	    p->conf->name, what, p->delay_ms);
}

/* Three pipes, the plugin's ends first. */
struct pipes {
	int child[3], ours[3];
};

static void close_all(int fds[3])
{
	int i;

	for (i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* They are the plugin's user's own, so that it may open them again by name. */
static int open_pipes(struct pipes *s, const struct guard_start *g)
{
	int i, pair[2];

	*s = (struct pipes){.child = {-1, -1, -1}, .ours = {-1, -1, -1}};
	for (i = 0; i < 3; i++) {
		if (pipe2(pair, O_CLOEXEC) < 0)
			return -errno;
		s->child[i] = pair[i == 0 ? 0 : 1];
		s->ours[i] = pair[i == 0 ? 1 : 0];
		if (fcntl(s->ours[i], F_SETFL, O_NONBLOCK) < 0 ||
		    (g->group_count >= 0 && fchown(s->child[i], g->uid, g->gid) < 0))
			return -errno;
	}
	return 0;
}

static int attach(struct plugin *p, struct pipes *s)
{
	char hello[LINES_HELLO_MAX];
	size_t len = lines_hello(hello, p->d->host, p->conf->name);
	int r;

	p->in = s->ours[0];
	s->ours[0] = -1;
	r = loop_add(&p->d->loop, &p->in_source, p->in, 0, feed_event, p);
	if (r == 0)
		r = ear_open(&p->out, p, s->ours[1], PLUGIN_HEAR_MAX, plugin_answers);
	if (r == 0)
		r = ear_open(&p->err, p, s->ours[2], PLUGIN_SAY_MAX, plugin_says);
	if (r == 0)
		s->ours[1] = s->ours[2] = -1;
	if (r == 0)
		plugin_feed_begin(p, hello, len);
	return r;
}

static int spawn(struct plugin *p, struct pipes *s, struct guard_start *g, int store)
{
	const char *argv[PLUGIN_WORDS_MAX + 2];
	pid_t pid;

	argv[0] = p->conf->path;
	plugin_words_argv(&p->conf->args, argv + 1);
	g->in = s->child[0];
	g->out = s->child[1];
	g->err = s->child[2];
	g->store = store;
	g->lock = p->d->cursors;
	g->path = p->conf->path;
	g->argv = argv;
	pid = guard_spawn(g, &p->pid);
	if (pid < 0)
		return (int)pid;
	p->guard = pid;
	p->started_ns = clock_mono();
	p->state = PLUGIN_RUNS;
	p->garbage_said = 0;
	return 0;
}

/* store: its descriptor 3, or -1; closed here. */
static void run(struct plugin *p, int store)
{
	struct guard_start g = {.group_count = -1};
	struct pipes s = {.child = {-1, -1, -1}, .ours = {-1, -1, -1}};
	int r = 0;

	if (!p->d->private && geteuid() == 0)
		r = guard_user(&g, p->conf->user);
	if (r == 0)
		r = open_pipes(&s, &g);
	if (r == 0)
		r = spawn(p, &s, &g, store);
	close_all(s.child);
	if (store >= 0)
		close(store);
	if (r != 0) {
		close_all(s.ours);
		failed(p, err_text(r));
		return;
	}
	p->reason[0] = '\0';
	r = attach(p, &s);
	if (r != 0) { /* its end is seen, and it is started again */
		dispatch_log(p->d, LOG_L_ERROR, "plugin %s: %s", p->conf->name, err_text(r));
		kill(p->guard, SIGTERM);
	}
	dispatch_changed(p->d);
}

static void start(void *arg)
{
	struct plugin *p = arg;
	const struct dispatch_message m = {.type = DISPATCH_WANTS, .text = {p->conf->name},
		.len = {strlen(p->conf->name)}};

	if (p->conf->format != PLUGIN_CHUNK) {
		run(p, -1);
		return;
	}
	p->state = PLUGIN_ASKS;
	dispatch_tell(p->d, &m);
}

void plugin_store(struct plugin *p, int fd)
{
	if (p->state != PLUGIN_ASKS) {
		if (fd >= 0)
			close(fd);
	} else if (fd >= 0) {
		run(p, fd);
	} else {
		failed(p, "the collector does not let it read the store");
	}
}

static void late(void *arg)
{
	struct plugin *p = arg;

	dispatch_log(p->d, LOG_L_ERROR, "plugin %s: it cannot be ended, pid %ld", p->conf->name,
	    (long)p->guard);
	kill(p->guard, SIGKILL);
}

static int open_cursor(struct plugin *p)
{
	uint64_t oldest, newest;
	int r = cursor_open(&p->file, p->d->cursors, p->conf->name, &p->cursor);

	if (r < 0 && p->file.fd < 0)
		return r;
	if (r == 0 && p->cursor.acked <= p->d->tail && (p->cursor.ranges == 0 ||
	    p->cursor.range[p->cursor.ranges - 1].to <= p->d->tail))
		return 0;
	p->cursor = (struct cursor){.acked = p->d->tail};
	if (r == E_FORMAT && event_journal_ends(p->d->journal, &oldest, &newest) == 0 && oldest > 0)
		p->cursor.acked = oldest - 1;
	if (r != -ENOENT)
		dispatch_log(p->d, LOG_L_ERROR, "plugin %s: its cursor %s; it goes on with event %llu",
		    p->conf->name, r == 0 ? "is of another journal" : "is damaged",
		    (unsigned long long)p->cursor.acked + 1);
	r = cursor_save(&p->file, &p->cursor);
	return r == 0 ? cursor_sync(&p->file) : r;
}

struct plugin *plugin_new(struct dispatch *d, struct plugin_conf *conf)
{
	struct plugin *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL || (p->buffer = malloc(PLUGIN_BUFFER)) == NULL) {
		free(p);
		return NULL;
	}
	p->d = d;
	p->conf = conf;
	p->in = p->out.fd = p->err.fd = p->file.fd = -1;
	p->again = (struct timer){.fn = start, .arg = p};
	p->late = (struct timer){.fn = late, .arg = p};
	LIST_INSERT_HEAD(&d->plugins, p, link);
	r = open_cursor(p);
	if (r != 0)
		dispatch_log(d, LOG_L_ERROR, "plugin %s: its cursor: %s", conf->name, err_text(r));
	p->next = p->cursor.acked + 1;
	p->sent = p->cursor.acked;
	start(p);
	return p;
}

void plugin_free(struct plugin *p)
{
	LIST_REMOVE(p, link);
	loop_timer_clear(&p->again);
	loop_timer_clear(&p->late);
	plugin_feed_end(p);
	ear_close(&p->out);
	ear_close(&p->err);
	event_reader_close(p->reader);
	if (p->file.fd >= 0)
		cursor_sync(&p->file);
	cursor_close(&p->file);
	free(p->buffer);
	free(p->conf);
	free(p);
}

int plugin_is_gone(const struct plugin *p)
{
	return p->guard == 0 && p->hook == 0;
}

void plugin_end(struct plugin *p)
{
	if (p->state == PLUGIN_ENDS)
		return;
	p->state = PLUGIN_ENDS;
	loop_timer_clear(&p->again);
	plugin_feed(p);
	plugin_feed_end(p);
	if (p->guard != 0)
		kill(p->guard, SIGTERM);
	if (p->hook != 0)
		kill(p->hook, SIGTERM);
	if (!plugin_is_gone(p))
		loop_timer(&p->d->loop, &p->late, GUARD_LATE_MS);
	dispatch_changed(p->d);
}

void plugin_died(struct plugin *p, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	p->guard = p->pid = 0;
	plugin_feed_end(p);
	ear_close(&p->out);
	ear_close(&p->err);
	if (p->state == PLUGIN_ENDS) {
		dispatch_plugin_ended(p->d, p);
		return;
	}
	if (code > 128)
		snprintf(p->reason, sizeof(p->reason), "ended by signal %d", code - 128);
	else
		snprintf(p->reason, sizeof(p->reason), "ended with status %d", code);
	p->count.restarts++;
	start_later(p);
	dispatch_log(p->d, LOG_L_WARN, "plugin %s %s; starting it again in %u ms", p->conf->name,
	    p->reason, p->delay_ms);
}

void plugin_resume(struct plugin *p)
{
	if (!p->suspended)
		return;
	p->suspended = 0;
	p->reason[0] = '\0';
	dispatch_log(p->d, LOG_L_INFO, "plugin %s is resumed", p->conf->name);
	plugin_feed(p);
	dispatch_changed(p->d);
}
