/* SPDX-License-Identifier: ISC */
#include "dispatcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "dispatcher_internal.h"
#include "err.h"
#include "events.h"
#include "gate.h"
#include "io.h"
#include "log.h"
#include "plugin_cursor.h"
#include "status.h"

#define DELAY_MIN_MS 100
#define DELAY_MAX_MS 60000
#define LONG_NS (60 * UINT64_C(1000000000)) /* who lived so long is started at once again */
#define TAIL_MS 20   /* until it is told of the journal's end again */
#define LOOK_MS 5000 /* events fill the disk, and wait for room, without any session */
#define END_MS 20000 /* longer than any plugin is given */

static void start(void *arg);

static int send_to(struct dispatcher *d, const struct dispatch_message *m)
{
	return dispatch_link_send(&d->link, m, -1);
}

/* How it ended, for waitpid(2); it has ended already or is made to. */
static int reap(struct dispatcher *d)
{
	int status = 0;

	dispatcher_grants_drop(d);
	d->dropping = 0;
	dispatch_link_close(&d->link);
	kill(d->pid, SIGKILL);
	while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
		;
	d->pid = 0;
	json_decref(d->status);
	d->status = NULL;
	return status;
}

static void start_later(struct dispatcher *d)
{
	if (d->delay_ms == 0 || clock_mono() - d->started_ns >= LONG_NS)
		d->delay_ms = DELAY_MIN_MS;
	else
		d->delay_ms = d->delay_ms * 2 < DELAY_MAX_MS ? d->delay_ms * 2 : DELAY_MAX_MS;
	loop_timer(&d->c->loop, &d->again, d->delay_ms);
}

static void ended(struct dispatcher *d)
{
	int status = reap(d), wanted = plugin_set_active(&d->c->plugins) > 0;

	if (d->told_to_end && !wanted)
		return;
	if (d->told_to_end) {
		start(d);
		return;
	}
	start_later(d);
	log_error("the dispatcher of plugins %s %d; starting it again in %u ms", WIFSIGNALED(status) ?
	    "was ended by signal" : "ended with status", WIFSIGNALED(status) ? WTERMSIG(status) :
	    WEXITSTATUS(status), d->delay_ms);
}

static void heard(void *arg, const struct dispatch_message *m, int *fd)
{
	struct dispatcher *d = arg;

	(void)fd;
	if (m == NULL)
		ended(d);
	else
		dispatcher_hear(d, m);
}

/* Which host it is, as an object of JSON; the caller's to free. */
static char *host_json(const struct collector *c)
{
	char id[2 * ID_SIZE + 1], *text;
	json_t *j;

	hex_put(id, c->host_id, ID_SIZE);
	j = json_pack("{s:o, s:s}", "name", status_text(c->host), "id", id);
	text = json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(j);
	return text;
}

static void send_plugins(struct dispatcher *d)
{
	const struct plugin_set *set = &d->c->plugins;
	struct dispatch_message m = {.type = DISPATCH_BEGIN, .number = d->tail,
		.flag = (uint8_t)d->c->private};
	char *host = host_json(d->c);
	const struct plugin_file *f;

	m.text[0] = host != NULL ? host : "{}";
	m.len[0] = strlen(m.text[0]);
	send_to(d, &m);
	free(host);
	for (f = set->file; f < set->file + set->count; f++) {
		if (f->conf == NULL || !f->conf->active)
			continue;
		send_to(d, &(struct dispatch_message){.type = DISPATCH_PLUGIN,
		    .text = {f->conf->name, f->text}, .len = {strlen(f->conf->name), f->len}});
	}
	dispatcher_room(d);
	send_to(d, &(struct dispatch_message){.type = DISPATCH_APPLY});
}

static void start(void *arg)
{
	struct dispatcher *d = arg;
	int sock, r;

	loop_timer_clear(&d->again);
	r = dispatcher_spawn(d, &sock);
	if (r == 0) {
		d->started_ns = clock_mono();
		d->told_to_end = 0;
		r = dispatch_link_open(&d->link, &d->c->loop, sock, heard, NULL, d);
		if (r != 0) {
			close(sock);
			reap(d);
		}
	}
	if (r != 0) {
		start_later(d);
		log_error("the dispatcher of plugins cannot be started: %s; trying again in %u ms",
		    err_text(r), d->delay_ms);
		return;
	}
	send_plugins(d);
	loop_timer(&d->c->loop, &d->look_timer, LOOK_MS);
}

static void look_due(void *arg)
{
	struct dispatcher *d = arg;

	gate_look(d->c, clock_mono());
	if (d->pid != 0)
		loop_timer(&d->c->loop, &d->look_timer, LOOK_MS);
}

static void tail_due(void *arg)
{
	struct dispatcher *d = arg;

	if (dispatch_link_full(&d->link))
		loop_timer(&d->c->loop, &d->tail_timer, TAIL_MS);
	else
		send_to(d, &(struct dispatch_message){.type = DISPATCH_TAIL, .number = d->tail});
}

/* The journal has grown.  One that is not told yet hears of the newest only. */
static void grown(void *arg, uint64_t newest)
{
	struct dispatcher *d = arg;

	d->tail = newest;
	if (d->pid != 0 && !d->tail_timer.set)
		tail_due(d);
}

void dispatcher_room(struct dispatcher *d)
{
	if (d != NULL && d->pid != 0)
		send_to(d, &(struct dispatch_message){.type = DISPATCH_ROOM,
		    .flag = d->c->space.state == SPACE_FINE});
}

void dispatcher_configured(struct dispatcher *d)
{
	int wanted = plugin_set_active(&d->c->plugins) > 0;

	dispatcher_lift(d);
	events_plugins(d->c->events, wanted);
	if (d->pid != 0) {
		send_plugins(d);
		if (!wanted)
			send_to(d, &(struct dispatch_message){.type = DISPATCH_END});
		d->told_to_end = !wanted || d->told_to_end;
	} else if (wanted) {
		d->delay_ms = 0;
		start(d);
	} else {
		loop_timer_clear(&d->again);
	}
}

void dispatcher_count(struct collector *c)
{
	int dir;

	if (events_dir(c->events) < 0)
		return;
	dir = io_make_dir(events_dir(c->events), CURSOR_DIR, 0700);
	if (dir < 0)
		return;
	events_seen(c->events, cursor_newest(dir));
	close(dir);
}

int dispatcher_open(struct dispatcher **out, struct collector *c)
{
	struct dispatcher *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	d->c = c;
	d->link.sock = -1;
	d->again = (struct timer){.fn = start, .arg = d};
	d->tail_timer = (struct timer){.fn = tail_due, .arg = d};
	d->look_timer = (struct timer){.fn = look_due, .arg = d};
	*out = d;
	events_watch(c->events, grown, d);
	dispatcher_configured(d);
	return 0;
}

/* Hears it out until its end. */
static void wait_for_end(struct dispatcher *d)
{
	uint64_t until = clock_mono() + END_MS * UINT64_C(1000000), now;
	struct pollfd p = {.fd = d->link.sock, .events = POLLIN};

	while ((now = clock_mono()) < until) {
		dispatch_link_flush(&d->link);
		if (poll(&p, 1, 100) > 0 && !dispatch_link_hear(&d->link))
			return;
	}
	log_error("the dispatcher of plugins does not end; it is made to");
}

void dispatcher_close(struct dispatcher *d)
{
	if (d == NULL)
		return;
	events_flush(d->c->events);
	events_watch(d->c->events, NULL, NULL);
	loop_timer_clear(&d->again);
	loop_timer_clear(&d->tail_timer);
	loop_timer_clear(&d->look_timer);
	if (d->pid != 0) {
		tail_due(d);
		loop_timer_clear(&d->tail_timer);
		send_to(d, &(struct dispatch_message){.type = DISPATCH_END});
		wait_for_end(d);
		reap(d);
	}
	dispatcher_actions_drop(d);
	free(d);
}

json_t *dispatcher_status(const struct dispatcher *d)
{
	return d != NULL && d->status != NULL ? json_incref(d->status) : json_array();
}
