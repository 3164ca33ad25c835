/* SPDX-License-Identifier: ISC */
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "dispatcher.h"
#include "events.h"
#include "gate.h"
#include "io.h"
#include "ledger.h"
#include "notary.h"
#include "processes.h"
#include "pusher.h"
#include "session.h"
#include "utf8.h"

static json_int_t num(uint64_t v)
{
	return (json_int_t)v;
}

static unsigned count_fifos(const struct collector *c)
{
	const struct session *s;
	unsigned n = 0;

	LIST_FOREACH(s, &c->registry.sessions, link)
		n += s->fifo >= 0;
	return n;
}

/* Sessions of recorders that the version after this one will not take. */
static unsigned count_older(const struct collector *c)
{
	const struct session *s;
	unsigned n = 0;

	LIST_FOREACH(s, &c->registry.sessions, link)
		n += s->version != 0 && s->version < MESSAGE_VERSION;
	return n;
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

static unsigned count_waiting(const struct collector *c)
{
	const struct session *s;
	unsigned n = 0;

	LIST_FOREACH(s, &c->registry.sessions, link)
		n += s->waiting || s->stalled;
	return n;
}

/* The store's room and who may use it. */
static json_t *space(struct collector *c)
{
	gate_look(c, clock_mono());
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "state", space_word(c->space.state),
	    "free", num(c->space.free), "size", num(c->space.size),
	    "waiting", num(count_waiting(c)), "put_off", num(c->put_off.used), "over_quota", num(c->quota.over),
	    "turned_away", num(c->count.turned_away));
}

static json_t *key_process(const struct collector *c)
{
	return c->notary != NULL ? json_integer(notary_pid(c->notary)) : json_null();
}

static json_t *or_null(json_t *j)
{
	return j != NULL ? j : json_null();
}

char *status_line(struct collector *c)
{
	const struct counters *n = &c->count;
	json_t *acct = accounting_status(c->acct), *ledger = ledger_status(c->ledger), *j;
	char *body, *line = NULL;
	size_t len;

	j = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
	    " s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	    "version", PACKAGE_VERSION, "pid", num((uint64_t)getpid()),
	    "uptime_s", num((clock_mono() - c->started_ns) / 1000000000),
	    "sessions", num(c->registry.live), "older_recorders", num(count_older(c)),
	    "fifos", num(count_fifos(c)),
	    "registered", num(n->registered), "closed", num(n->closed), "cut", num(n->cut),
	    "refused", num(n->refused), "bytes", num(n->bytes), "frames", num(n->frames),
	    "acks", num(n->acks), "syncs", num(n->syncs), "next", num(c->store.number + 1),
	    "rss", num(resident()), "store", status_text(c->paths.store), "records", records(acct),
	    "space", space(c), "key_process", key_process(c),
	    "ledger", ledger != NULL ? ledger : json_null(),
	    "acct", acct != NULL ? acct : json_null(),
	    "events", or_null(processes_events(c->processes)),
	    "lives", or_null(processes_lives(c->processes)),
	    "process_syslog", or_null(processes_syslog(c->processes)),
	    "watch", or_null(processes_watched(c->processes)),
	    "witnesses", pusher_status(c->pusher),
	    "journal", or_null(events_status(c->events)),
	    "plugins", or_null(dispatcher_status(c->dispatcher)));
	body = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	json_decref(j);
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
