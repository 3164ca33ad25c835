/* SPDX-License-Identifier: ISC */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backlog.h"
#include "clock.h"
#include "dispatcher.h"
#include "events.h"
#include "gate.h"
#include "io.h"
#include "ledger.h"
#include "metrics_file.h"
#include "notary.h"
#include "processes.h"
#include "pusher.h"
#include "utf8.h"

static json_int_t num(uint64_t v)
{
	return (json_int_t)v;
}

/* Resident bytes, proc_pid_statm(5); 0 unknown. */
static uint64_t resident(void)
{
	long size, pages = 0;
	FILE *f;

	f = fopen("/proc/self/statm", "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	fclose(f);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

json_t *status_text(const char *s)
{
	char *u = utf8_from_bytes((const uint8_t *)s, strlen(s));
	json_t *j = u == NULL ? json_null() : json_string(u);

	free(u);
	return j;
}

static json_t *records(json_t *acct)
{
	json_t *r = json_object_get(acct, "records");

	return json_is_integer(r) ? json_incref(r) : json_null();
}

/* The store's room and who may use it. */
static json_t *space(struct collector *c, const struct backlog *b)
{
	gate_look(c, clock_mono());
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "state",
	    space_word(c->space.state), "free", num(c->space.free), "size", num(c->space.size),
	    "left", num(conf_space(c->conf.space_left, c->space.size)),
	    "waiting", num(b->waiting), "put_off", num(c->put_off.used),
	    "over_quota", num(c->quota.over), "turned_away", num(c->count.turned_away));
}

static json_t *key_process(const struct collector *c)
{
	return c->notary != NULL ? json_integer(notary_pid(c->notary)) : json_null();
}

static json_t *or_null(json_t *j)
{
	return j != NULL ? j : json_null();
}

/* How many elements; the array goes. */
static json_t *num_of(json_t *array)
{
	json_t *n = json_integer((json_int_t)json_array_size(array));

	json_decref(array);
	return n;
}

static json_t *backlog(const struct backlog *b)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "fifo_bytes", num(b->fifo_bytes), "stalled", num(b->stalled), "unsynced", num(b->unsynced),
	    "spooling", num(b->spooling), "spool_bytes", num(b->spool_bytes), "spools", num(b->spools),
	    "spool_free", num(b->spool_free), "unregistered", num(b->unregistered),
	    "refused", num(b->refused));
}

/* How many took at most so many seconds each, the counts before included. */
static json_t *times(const struct histogram *h)
{
	json_t *buckets = json_array();
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < HISTOGRAM_BOUNDS; i++) {
		n += h->count[i];
		json_array_append_new(buckets, json_pack("[f, I]",
		    (double)histogram_bound_ns(i) / 1e9, num(n)));
	}
	return json_pack("{s:I, s:f, s:o}", "count", num(n + h->count[i]),
	    "sum_s", (double)h->sum_ns / 1e9, "up_to_s", buckets);
}

static json_t *sync_calls(const struct collector *c)
{
	struct histogram h;

	sync_times(c->syncer, &h);
	return times(&h);
}

/* What it may have of, and has. */
static json_t *limits(const struct collector *c)
{
	struct rlimit rl = {0};
	struct stat st;

	/* since Linux 6.2 the folder's size is the number of descriptors; 0 before */
	if (stat("/proc/self/fd", &st) < 0)
		st.st_size = 0;
	getrlimit(RLIMIT_NOFILE, &rl);
	return json_pack("{s:I, s:o, s:I, s:I}", "sessions", num(c->conf.max_sessions),
	    "files_open", st.st_size > 0 ? json_integer(st.st_size) : json_null(),
	    "files", num(rl.rlim_cur), "epoch_s", num(c->conf.epoch_s));
}

/* Accounting that was wanted and may be had, and is not as it should be. */
static void add_trouble(const struct collector *c, json_t *acct)
{
	const char *reason;
	int failed = accounting_trouble(c->acct, &reason) != 0 && (!c->private || geteuid() == 0);

	json_object_set_new(acct, "failed", json_boolean(failed));
}

/* Of each part what it says itself. */
static json_t *parts(struct collector *c)
{
	json_t *acct = accounting_status(c->acct);

	add_trouble(c, acct);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "records", records(acct), "key_process", key_process(c),
	    "ledger", or_null(ledger_status(c->ledger)), "acct", or_null(acct),
	    "events", or_null(processes_events(c->processes)),
	    "lives", or_null(processes_lives(c->processes)),
	    "process_syslog", or_null(processes_syslog(c->processes)),
	    "watch", or_null(processes_watched(c->processes)),
	    "unrecorded", num_of(processes_unrecorded(c->processes)),
	    "witnesses", pusher_status(c->pusher),
	    "journal", or_null(events_status(c->events)),
	    "plugins", or_null(dispatcher_status(c->dispatcher)),
	    "metrics", metrics_file_status(c->metrics));
}

static json_t *now_text(void)
{
	char text[CLOCK_RFC3339_SIZE];

	return json_string(clock_rfc3339(text, clock_wall()));
}

static json_t *counts(struct collector *c, const struct backlog *b)
{
	const struct counters *n = &c->count;

	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
	    " s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
	    "version", PACKAGE_VERSION, "host", status_text(c->host), "pid", num((uint64_t)getpid()),
	    "uptime_s", num((clock_mono() - c->started_ns) / 1000000000),
	    "started_s", num((uint64_t)c->started_wall_ns / 1000000000), "time", now_text(),
	    "sessions", num(c->registry.live), "older_recorders", num(b->older),
	    "fifos", num(b->fifos),
	    "registered", num(n->registered), "closed", num(n->closed), "cut", num(n->cut),
	    "refused", num(n->refused), "bytes", num(n->bytes), "frames", num(n->frames),
	    "in_bytes", num(n->in_bytes), "out_bytes", num(n->out_bytes),
	    "gaps", num(n->gaps), "lost_bytes", num(n->lost_bytes),
	    "acks", num(n->acks), "syncs", num(n->syncs), "sync_errors", num(n->sync_errors),
	    "next", num(c->store.number + 1), "rss", num(resident()),
	    "store", status_text(c->paths.store));
}

json_t *status_object(struct collector *c)
{
	json_t *o, *more;
	struct backlog b;
	int bad;

	backlog_look(&b, c);
	o = counts(c, &b);
	more = parts(c);
	bad = o == NULL || json_object_update(o, more) != 0 ||
	    json_object_set_new(o, "space", space(c, &b)) != 0 ||
	    json_object_set_new(o, "backlog", backlog(&b)) != 0 ||
	    json_object_set_new(o, "limits", limits(c)) != 0 ||
	    json_object_set_new(o, "ack_latency", times(&c->ack_latency[ACK_PROMPT])) != 0 ||
	    json_object_set_new(o, "ack_calm", times(&c->ack_latency[ACK_CALM])) != 0 ||
	    json_object_set_new(o, "sync_calls", sync_calls(c)) != 0;
	json_decref(more);
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

char *status_line(struct collector *c)
{
	json_t *o = status_object(c);
	char *body = o == NULL ? NULL : json_dumps(o, JSON_COMPACT);
	char *line;
	size_t len;

	json_decref(o);
	if (body == NULL)
		return NULL;
	len = strlen(body);
	line = realloc(body, len + 2);
	if (line == NULL) {
		free(body);
		return NULL;
	}
	memcpy(line + len, "\n", 2);
	return line;
}

int status_write(struct collector *c)
{
	char *line;
	int dir, r;

	line = status_line(c);
	if (line == NULL)
		return -ENOMEM;
	dir = open(c->paths.run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = dir < 0 ? -errno : io_replace_file(dir, "status.json", 0600, line, strlen(line));
	if (dir >= 0)
		close(dir);
	free(line);
	return r;
}
