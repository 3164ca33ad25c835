/* SPDX-License-Identifier: ISC */
#include "dispatch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "plugin.h"

#define SECOND_MS 1000
#define REPORT_MS 200
#define LOCK_AGAIN_MS 50

static void report(void *arg)
{
	struct dispatch *d = arg;
	json_t *list = json_array();
	struct plugin *p;
	char *text;

	LIST_FOREACH(p, &d->plugins, link)
		json_array_append_new(list, plugin_status(p));
	text = json_dumps(list, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(list);
	if (text == NULL)
		return;
	dispatch_tell(d, &(struct dispatch_message){.type = DISPATCH_STATUS, .text = {text},
	    .len = {strlen(text)}});
	free(text);
}

void dispatch_changed(struct dispatch *d)
{
	if (!d->report.set && !d->ending)
		loop_timer(&d->loop, &d->report, REPORT_MS);
}

static void second(void *arg)
{
	struct dispatch *d = arg;
	struct plugin *p;
	int r;

	loop_timer(&d->loop, &d->second, SECOND_MS);
	journal_second(d);
	LIST_FOREACH(p, &d->plugins, link)
		if (p->file.fd >= 0 && (r = cursor_sync(&p->file)) != 0)
			dispatch_log(d, LOG_L_ERROR, "plugin %s: its cursor: %s", p->conf->name, err_text(r));
}

static void try_lock(void *arg)
{
	struct dispatch *d = arg;

	d->lock_busy = flock(d->cursors, LOCK_EX | LOCK_NB) < 0;
	if (d->lock_busy)
		loop_timer(&d->loop, &d->lock_timer, LOCK_AGAIN_MS);
	else
		plan_go_on(d);
}

void dispatch_plugin_ended(struct dispatch *d, struct plugin *p)
{
	if (!plugin_is_gone(p))
		return;
	plugin_free(p);
	dispatch_changed(d);
	if (d->ending && LIST_EMPTY(&d->plugins))
		d->loop.stop = 1;
	else
		plan_go_on(d);
}

static void reap(struct dispatch *d)
{
	struct plugin *p, *next;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (p = LIST_FIRST(&d->plugins); p != NULL; p = next) {
			next = LIST_NEXT(p, link);
			if (p->guard == pid)
				plugin_died(p, status);
			else if (!hook_ended(p, pid, status))
				continue;
			break;
		}
	}
}

void dispatch_end(struct dispatch *d)
{
	struct plugin *p, *next;

	if (d->ending)
		return;
	d->ending = 1;
	loop_timer_clear(&d->lock_timer);
	for (p = LIST_FIRST(&d->plugins); p != NULL; p = next) {
		next = LIST_NEXT(p, link);
		plugin_end(p);
		if (plugin_is_gone(p))
			plugin_free(p);
	}
	d->loop.stop = LIST_EMPTY(&d->plugins);
}

static void signal_event(void *arg, uint32_t events)
{
	struct dispatch *d = arg;
	struct signalfd_siginfo si;

	(void)events;
	while (read(d->signal_source.fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			reap(d);
		else
			dispatch_end(d);
	}
}

static int open_signals(struct dispatch *d)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	return loop_add(&d->loop, &d->signal_source, fd, EPOLLIN, signal_event, d);
}

static int open_all(struct dispatch *d)
{
	int r;

	LIST_INIT(&d->plugins);
	d->second = (struct timer){.fn = second, .arg = d};
	d->report = (struct timer){.fn = report, .arg = d};
	d->lock_timer = (struct timer){.fn = try_lock, .arg = d};
	d->room = 1;
	memcpy(d->host, "{}", sizeof("{}"));
	if ((r = loop_init(&d->loop)) != 0 || (r = open_signals(d)) != 0 || (r = link_open(d)) != 0)
		return r;
	d->cursors = io_make_dir(d->journal, CURSOR_DIR, 0700);
	if (d->cursors < 0)
		return d->cursors;
	loop_timer(&d->loop, &d->second, SECOND_MS);
	d->lock_busy = 1;
	try_lock(d);
	return 0;
}

int dispatch_run(struct dispatch *d)
{
	int r = open_all(d);

	if (r == 0)
		r = loop_run(&d->loop);
	if (r != 0)
		dispatch_log(d, LOG_L_ERROR, "the dispatcher cannot go on: %s", err_text(r));
	plan_release(&d->plan);
	plan_release(&d->next);
	journal_second(d);
	link_close(d);
	return r;
}
