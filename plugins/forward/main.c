/* SPDX-License-Identifier: ISC */
/*
 * shellac-forward: a host's store, or what is new of it, to the fleet store.
 *
 *   main.c       options, connections, waiting
 *   alert.c      what wakes it: events of the dispatcher, signals; in a thread of its own, so
 *                that acks never wait for a database
 *   round.c      one time around all there is; the cursor's file
 *   sessions.c records.c ledger.c files.c   what is new of each
 *   pieces.c processes.c place.c            how it is read
 *   sender*.c rows.c cursor.c               how it is sent, how far, and whether it is there
 *   notice.c     what it says of itself
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../fleet/db.h"
#include "alert.h"
#include "err.h"
#include "forward.h"
#include "keys.h"
#include "log.h"

#define STATE_DIR PATHS_STATEDIR "-forward"
#define ROUND_MS 1000
#define REST_MS 200 /* between rounds, however much is new */
#define BACK_OFF_MS 500
#define BACK_OFF_MAX_MS 30000

enum { EXIT_USAGE = 2, EXIT_CANNOT = 3 };

struct options {
	const char *store, *state, *conninfo;
	int once, events;
};

static const char usage[] =
    "usage: shellac-forward [--store DIR] [--state DIR] [--once] [--events] CONNINFO\n\n"
    "  -S, --store DIR   read this store; else descriptor 3 leads to a collector\n"
    "      --state DIR   keep the cursor there (default: " STATE_DIR ")\n"
    "      --once        end when all there is was sent\n"
    "      --events      write an event on standard output for what is tampered with\n"
    "  -h, --help        show this help\n"
    "  -V, --version     show the version\n";

/* 0, or -1 with the exit status in *status. */
static int take_options(struct options *o, int argc, char **argv, int *status)
{
	static const struct option longs[] = {{"store", 1, NULL, 'S'}, {"state", 1, NULL, 's'},
		{"once", 0, NULL, 'o'}, {"events", 0, NULL, 'e'}, {"help", 0, NULL, 'h'},
		{"version", 0, NULL, 'V'}, {NULL, 0, NULL, 0}};
	int c;

	*status = EXIT_USAGE;
	while ((c = getopt_long(argc, argv, "S:hV", longs, NULL)) != -1) {
		switch (c) {
		case 'S': o->store = optarg; break;
		case 's': o->state = optarg; break;
		case 'o': o->once = 1; break;
		case 'e': o->events = 1; break;
		case 'h':
		case 'V':
			fputs(c == 'h' ? usage : "shellac-forward " PACKAGE_VERSION "\n", stdout);
			*status = fflush(stdout) == 0 ? 0 : EXIT_CANNOT;
			return -1;
		default: return -1;
		}
	}
	if (argc - optind == 1 && fleet_is_conninfo(argv[optind])) {
		o->conninfo = argv[optind];
		return 0;
	}
	fprintf(stderr, "shellac-forward: one connection string is wanted, such as "
	    "\"host=db1,db2 dbname=shellac\"; see --help\n");
	return -1;
}

/* Who this is: the host id by the store's own host.pub.  0 or said why not. */
static int read_host(struct forward *f)
{
	struct host_pub key;
	uint8_t *text = NULL;
	size_t len;
	int r = place_read(&f->place, "host.pub", KEY_LINE_MAX, &text, &len);

	if (r == 0)
		r = strlen((char *)text) == len ? key_pub_parse(&key, (char *)text) : E_KEY;
	free(text);
	if (r == 0)
		cert_host_id(f->host, key.pk);
	else
		log_error("host.pub of the store: %s", err_text(r));
	return r;
}

static int open_places(struct forward *f, const struct options *o)
{
	f->place = (struct place){.folder = -1, .access = -1};
	if (o->store != NULL)
		f->place.folder = open(o->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else if (fcntl(3, F_SETFD, FD_CLOEXEC) == 0)
		f->place.access = 3;
	if (f->place.folder < 0 && f->place.access < 0) {
		log_error("%s: %s", o->store != NULL ? o->store : "descriptor 3, format = chunk",
		    strerror(errno));
		return -errno;
	}
	f->state_folder = open(o->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->state_folder < 0)
		log_warn("%s: %s; without a cursor there each start sends all of the store", o->state,
		    strerror(errno));
	return read_host(f);
}

/* Does the fleet store still have what it had? */
static int compare(struct forward *f)
{
	struct sender_lacks lacks;
	int r = sender_compare(f->sender, &lacks);

	if (lacks.sessions > 0)
		log_warn("the fleet store has forgotten %zu sessions that it had; they are sent again",
		    lacks.sessions);
	if (lacks.files)
		log_warn("the fleet store has less of the ledger or the process records than it had; "
		    "they are sent again from there");
	if (r != E_RANGE)
		return r;
	cursor_free(&f->cursor);
	cursor_init(&f->cursor, f->host, sender_store(f->sender));
	return 0;
}

/* A connection, and where to go on from.  As sender_connect(). */
static int begin(struct forward *f)
{
	int r = sender_connect(f->sender);

	if (r != 0)
		return r;
	if (!f->connected)
		log_notice("connected to %s", sender_place(f->sender));
	f->connected = 1;
	if (f->cursor.below == 0 || strcmp(f->cursor.store, sender_store(f->sender)) != 0)
		r = cursor_load(f, sender_store(f->sender));
	if (r == 0)
		r = compare(f);
	if (r == 0)
		r = sender_begin(f->sender);
	if (r != 0)
		return r;
	sessions_rewind(f);
	records_rewind(f);
	files_rewind(f);
	f->ledger = f->cursor.ledger;
	f->beat_ns = 0;
	return 0;
}

static void end_connection(struct forward *f, int r, unsigned wait_ms)
{
	log_warn("%s: %s; again in %u.%u s", f->connected ? "the connection is lost" :
	    "the fleet store cannot be reached", r == E_REFUSED ? sender_why(f->sender) : err_text(r),
	    wait_ms / 1000, wait_ms % 1000 / 100);
	f->connected = 0;
	sender_close(f->sender);
	cursor_save(f, 1);
}

/* Rounds on one connection.  0: it is to end; else why it broke. */
static int go_round(struct forward *f, const struct alert *a, int once, unsigned *wait_ms)
{
	int r = begin(f);

	while (r == 0) {
		r = forward_round(f);
		if (r == 0)
			r = sender_finish(f->sender);
		if (r != 0)
			break;
		*wait_ms = BACK_OFF_MS;
		cursor_save(f, once);
		notice_changes(f);
		if (alert_state_wanted(a))
			notice_json(f);
		if (once || alert_wait_over(a, REST_MS) || alert_wait(a, ROUND_MS - REST_MS))
			return 0;
	}
	return r;
}

/* All of it, until it is to end.  The exit status. */
static int serve(struct forward *f, const struct alert *a, const struct options *o)
{
	unsigned wait_ms = BACK_OFF_MS;
	int r;

	for (;;) {
		r = go_round(f, a, o->once, &wait_ms);
		if (r == 0 || r == SENDER_STOP)
			break;
		end_connection(f, r, wait_ms);
		if (o->once || r == -ENOMEM)
			return EXIT_CANNOT;
		if (alert_state_wanted(a))
			notice_json(f);
		if (alert_wait_over(a, wait_ms))
			break;
		wait_ms = wait_ms * 2 < BACK_OFF_MAX_MS ? wait_ms * 2 : BACK_OFF_MAX_MS;
	}
	if (r == SENDER_STOP && f->connected && sender_finish(f->sender) != 0)
		log_warn("what was on its way is sent again the next time");
	cursor_save(f, 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {.state = STATE_DIR};
	static struct forward f;
	struct alert a;
	int status, r;

	log_open("shellac-forward", 0, LOG_L_INFO);
	if (take_options(&o, argc, argv, &status) != 0)
		return status;
	if (sodium_init() < 0 || open_places(&f, &o) != 0 || processes_new(&f.processes) != 0)
		return EXIT_CANNOT;
	f.events = o.events;
	r = alert_start(&a, o.store == NULL);
	if (r == 0)
		r = sender_new(&f.sender, o.conninfo, &f.cursor, alert_over_fd(&a));
	if (r != 0) {
		log_error("cannot start: %s", err_text(r));
		return EXIT_CANNOT;
	}
	status = serve(&f, &a, &o);
	sender_free(f.sender);
	sessions_release(&f);
	files_release(&f);
	processes_free(f.processes);
	cursor_free(&f.cursor);
	return status != 0 ? status : alert_status(&a);
}
