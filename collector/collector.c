/* SPDX-License-Identifier: ISC */
#include "collector.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "clock.h"
#include "control.h"
#include "dispatcher.h"
#include "err.h"
#include "events.h"
#include "hash.h"
#include "ledger.h"
#include "listen.h"
#include "log.h"
#include "metrics_file.h"
#include "notary_keep.h"
#include "notify.h"
#include "policy.h"
#include "processes.h"
#include "procfs.h"
#include "pusher.h"
#include "purge.h"
#include "recover.h"
#include "register.h"
#include "review.h"
#include "session.h"
#include "setup.h"
#include "signals.h"
#include "spool_take.h"

#define TICK_MS 1000
#define CALM_MS 4   /* somebody types */
#define BULK_MS 1    /* something prints at full speed */
#define CRAWL_MS 250 /* the user is over quota */
#define STOP_MS 10000 /* for the last syncs */

void collector_policy(struct collector *c)
{
	char text[POLICY_MAX];
	size_t len;

	len = policy_text(text, &c->conf, &c->plugins);
	hash_of(c->policy, text, len);
}

static void sync_event(void *arg, uint32_t events)
{
	struct collector *c = arg;
	struct sync_job *j;

	(void)events;
	sync_ack(c->syncer);
	while ((j = sync_done(c->syncer)) != NULL)
		j->done(j->owner, j);
	if (c->control != NULL)
		control_check(c->control);
	if (c->access != NULL)
		access_check(c->access);
}

static void sync_due(void *arg)
{
	struct collector *c = arg;
	struct session *s, *next;

	for (s = TAILQ_FIRST(&c->dirty); s != NULL; s = next) {
		next = TAILQ_NEXT(s, dirty_link);
		session_submit(s);
	}
}

static void tick(void *arg)
{
	struct collector *c = arg;
	struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		session_tick(s);
}

void collector_tick_soon(struct collector *c)
{
	if (!c->tick.set)
		loop_timer(&c->loop, &c->tick, TICK_MS);
}

static void acct_event(void *arg, uint32_t events)
{
	struct collector *c = arg;

	(void)events;
	accounting_turn(c->acct);
}

static void acct_due(void *arg)
{
	struct collector *c = arg;

	accounting_turn(c->acct);
}

/* The next turn sees to it. */
static void process_due(void *arg)
{
	(void)arg;
}

static void spool_due(void *arg)
{
	struct collector *c = arg;

	if (!c->stopping)
		spool_take(c);
}

static void sweep_due(void *arg)
{
	struct collector *c = arg;

	if (!c->stopping)
		recover_sweep(c);
}

static void stop_due(void *arg)
{
	struct collector *c = arg;

	log_error("the last syncs take too long; ending without them");
	c->loop.stop = 1;
}

/* Nothing that was begun is left to be done. */
static int is_quiet(const struct collector *c)
{
	const struct session *s;

	LIST_FOREACH(s, &c->registry.sessions, link)
		if (!session_is_quiet(s) || s->end != END_NOT)
			return 0;
	return 1;
}

/* The ledger hears when process records fail, and when they come again. */
static void look_at_accounting(struct collector *c)
{
	const char *reason;
	int trouble = accounting_trouble(c->acct, &reason);

	if (trouble != c->acct_said)
		ledger_fail(c->ledger, FAIL_ACCT, trouble, 0, reason);
	c->acct_said = trouble;
}

static void wake_after(struct collector *c, struct timer *t, int ms)
{
	if (ms >= 0)
		loop_timer(&c->loop, t, (unsigned)ms);
	else
		loop_timer_clear(t);
}

/* Each session that may have something gets one turn. */
static int turn(void *arg)
{
	struct collector *c = arg;
	struct session *s, *last = TAILQ_LAST(&c->ready, ready_list);

	while ((s = TAILQ_FIRST(&c->ready)) != NULL) {
		session_turn(s);
		if (s == last)
			break;
	}
	if (c->stopping && is_quiet(c))
		c->loop.stop = 1;
	look_at_accounting(c);
	wake_after(c, &c->process_timer, processes_turn(c->processes));
	wake_after(c, &c->acct_timer, accounting_timeout_ms(c->acct));
	events_flush(c->events);
	return TAILQ_EMPTY(&c->ready) ? -1 : 0;
}

/* Whatever happens now, registration works next: what fails here is said. */
static int open_parts(struct collector *c, const char **what)
{
	struct accounting_config cfg = {.store_fd = c->store.dir,
		.rotate_bytes = c->conf.acct_size, .own = c->conf.acct,
		.leave = c->conf.acct_lost == CONF_ACCT_LEAVE};
	int r;

	*what = "threads";
	if ((r = sync_new(&c->syncer)) != 0 || (r = packer_new(&c->packer, &c->store)) != 0 ||
	    (r = fifo_drain_init(&c->drain)) != 0 ||
	    (r = loop_add(&c->loop, &c->sync_source, sync_fd(c->syncer), EPOLLIN, sync_event, c)) != 0)
		return r;
	*what = "keys";
	if ((r = notary_keep_watch(c)) != 0)
		return r;
	*what = "signals";
	if ((r = signals_open(c)) != 0)
		return r;
	events_new(c);
	dispatcher_count(c);
	*what = "process records";
	if ((r = processes_new(&c->processes, c)) != 0)
		return r;
	processes_hooks(c->processes, &cfg);
	if ((r = accounting_new(&c->acct, &cfg)) != 0)
		return r;
	*what = "the ledger";
	if ((r = ledger_open(&c->ledger, c)) != 0 ||
	    (r = store_saw(&c->store, ledger_number(c->ledger))) != 0)
		return r;
	*what = "the store";
	if ((r = recover(c)) != 0)
		return r;
	*what = "checkpoints";
	if ((r = pusher_open(&c->pusher, c)) != 0)
		return r;
	*what = "purges";
	if ((r = purger_new(&c->purger, c)) != 0)
		return r;
	*what = "sign-offs";
	if ((r = reviewer_new(&c->reviewer, c)) != 0)
		return r;
	*what = "sockets";
	if ((r = control_open(&c->control, c)) != 0 || (r = access_open(&c->access, c)) != 0 ||
	    (r = register_open(&c->reg, c)) != 0)
		return r;
	return 0;
}

/* A service manager may have put us into a mount namespace of our own, and with the last
 * process in it the kernel would stop to write its records there: the store's mount is to
 * outlive us.  That of a collector before us has done so until its records were taken in. */
static void keep_mount(const struct collector *c)
{
	int before = listen_stored(), mine = -1;

	/* opened anew: the lock of the store is not to outlive us, too */
	if (c->conf.acct)
		mine = openat(c->store.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	notify_store(mine);
	if (mine >= 0)
		close(mine);
	if (before >= 0)
		close(before);
}

static void start_accounting(struct collector *c)
{
	int r;

	accounting_vouched(c->acct, ledger_records(c->ledger));
	spool_expect(c);
	processes_listen(c->processes);
	r = accounting_start(c->acct);
	c->acct_on = r == 0 && c->conf.acct;
	if (r != 0)
		log_warn("process accounting is off: %s; going on without it", err_text(r));
	keep_mount(c);
	if (accounting_fd(c->acct) >= 0 && (r = loop_add(&c->loop, &c->acct_source,
	    accounting_fd(c->acct), EPOLLIN, acct_event, c)) != 0)
		log_error("process accounting cannot be watched: %s", err_text(r));
}

/* What is so before anything is opened. */
static void init(struct collector *c)
{
	c->started_ns = clock_mono();
	c->started_wall_ns = clock_wall();
	registry_init(&c->registry);
	TAILQ_INIT(&c->ready);
	TAILQ_INIT(&c->dirty);
	session_pace_init(&c->calm, CALM_MS);
	session_pace_init(&c->bulk, BULK_MS);
	session_pace_init(&c->crawl, CRAWL_MS);
	quota_init(&c->quota);
	put_off_init(&c->put_off, c);
	c->sync_timer = (struct timer){.fn = sync_due, .arg = c};
	c->tick = (struct timer){.fn = tick, .arg = c};
	c->acct_timer = (struct timer){.fn = acct_due, .arg = c};
	c->process_timer = (struct timer){.fn = process_due, .arg = c};
	c->sweep_timer = (struct timer){.fn = sweep_due, .arg = c};
	c->spool_timer = (struct timer){.fn = spool_due, .arg = c};
	c->stop_timer = (struct timer){.fn = stop_due, .arg = c};
}

int collector_open(struct collector *c)
{
	const char *what = "start";
	int r;

	init(c);
	collector_policy(c);
	if (gethostname(c->host, sizeof(c->host) - 1) < 0)
		c->host[0] = '\0';
	setup_limits();
	if (setup_store(c) != 0 || setup_key(c) != 0)
		return -1;
	space_init(&c->space, c->store.dir);
	heartbeats_init(&c->heartbeats, c);
	policy_keep(&c->conf, &c->plugins, &c->paths);
	policy_check_notice(&c->conf);
	if ((r = procfs_boot_id(c->boot_id)) == 0 && (r = loop_init(&c->loop)) == 0 &&
	    (r = idle_init(&c->idle, &c->loop)) == 0) {
		c->loop.turn = turn;
		c->loop.arg = c;
		r = open_parts(c, &what);
	}
	if (r != 0) {
		log_error("%s: %s", what, err_text(r));
		return -1;
	}
	start_accounting(c);
	if (ledger_start(c->ledger) != 0)
		return -1;
	processes_begin(c->processes);
	spool_take(c);
	if (c->conf.compress)
		packer_scan(c->packer);
	if ((r = dispatcher_open(&c->dispatcher, c)) != 0)
		log_error("plugins: %s; going on without them", err_text(r));
	events_ready(c);
	metrics_file_configured(c);
	return 0;
}

int collector_run(struct collector *c)
{
	return loop_run(&c->loop);
}

/* No newcomers; one turn for what is in the FIFOs; then the last syncs. */
void collector_stop(struct collector *c)
{
	struct session *s;

	if (c->stopping)
		return;
	c->stopping = 1;
	notify_say("STOPPING=1");
	register_close(c->reg);
	put_off_release(&c->put_off);
	c->reg = NULL;
	LIST_FOREACH(s, &c->registry.sessions, link) {
		session_turn(s);
		session_stop(s);
	}
	loop_timer(&c->loop, &c->stop_timer, STOP_MS);
}

void collector_release(struct collector *c)
{
	metrics_file_close(c);
	register_close(c->reg);
	put_off_release(&c->put_off);
	access_close(c->access);
	c->access = NULL;
	control_close(c->control);
	dispatcher_close(c->dispatcher);
	sync_free(c->syncer);
	purger_free(c->purger);
	reviewer_free(c->reviewer);
	packer_free(c->packer);
	if (c->acct_on && accounting_stop(c->acct) == 0)
		log_warn("process accounting was no longer ours; left as it is");
	notify_store(-1);
	ledger_close(c->ledger);
	pusher_close(c->pusher);
	c->ledger = NULL;
	while (!LIST_EMPTY(&c->registry.sessions))
		session_free(LIST_FIRST(&c->registry.sessions));
	quota_release(&c->quota);
	processes_free(c->processes);
	accounting_free(c->acct);
	c->acct = NULL;
	events_free(c->events);
	if (c->drain.buf != NULL)
		fifo_drain_release(&c->drain);
	if (c->signal_source.added)
		close(c->signal_source.fd);
	notary_keep_end(c);
	loop_timer_clear(&c->notary_timer);
	host_chain_free(&c->keys);
	idle_release(&c->idle);
	loop_release(&c->loop);
	store_close(&c->store);
	plugin_set_release(&c->plugins);
	if (c->fifo_dir > 0)
		close(c->fifo_dir);
	if (c->spool_dir > 0)
		close(c->spool_dir);
}
