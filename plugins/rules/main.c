/* SPDX-License-Identifier: ISC */
/*
 * shellac-rules: a plugin that holds each session against the rules of shellac-rules(5) when
 * it has ended, and gives what fits back as events.
 *
 *   main    options, the loop
 *   ended   sessions that have ended and are not done with
 *   look    shellac rules is run for one
 *   hit     what it says becomes an event
 *
 * A session is done with, and its end acknowledged, when its hits have come back as events.
 * So they are neither lost nor sent twice when this, the dispatcher or the collector begins
 * anew: what had come before is in the journal behind the session's end.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "ended.h"
#include "err.h"
#include "hit.h"
#include "log.h"
#include "look.h"

enum { EXIT_END, EXIT_ENDED_EARLY, EXIT_USAGE, EXIT_CANNOT };

#define MS_NS UINT64_C(1000000)
#define IDLE_MS 300    /* without an event: nothing more is in the queue */
#define WAIT_MS 3000   /* where they never cease */
#define BACK_MS 60000  /* until hits come back */
#define TRIES 5
#define TIMEOUT_S 600

static const char usage[] =
    "usage: shellac-rules [OPTION...]\n"
    "  -d, --dir DIR        of a private collector, as shellac has it\n"
    "      --rules FILE     shellac-rules(5) (default: rules beside shellac.conf)\n"
    "      --shellac PATH   the auditor's program\n"
    "  -h, --help           show this help\n"
    "  -V, --version        show the version\n";

/* -1 to go on, else an exit status. */
static int read_options(int argc, char **argv, struct look *l)
{
	static const struct option longs[] = {{"dir", required_argument, NULL, 'd'},
		{"rules", required_argument, NULL, 'r'}, {"shellac", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {0}};
	int opt;

	while ((opt = getopt_long(argc, argv, "d:hV", longs, NULL)) != -1) {
		switch (opt) {
		case 'd': l->dir = optarg; break;
		case 'r': l->rules = optarg; break;
		case 's': l->shellac = optarg; break;
		case 'h': fputs(usage, stdout); return EXIT_END;
		case 'V': puts("shellac-rules " PACKAGE_VERSION); return EXIT_END;
		default: fputs(usage, stderr); return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fputs(usage, stderr);
	return EXIT_USAGE;
}

/* Did we bring it? */
static int is_ours(const struct feed *f, const json_t *shellac)
{
	const char *source = json_string_value(json_object_get(shellac, "source"));
	const char *name = json_string_value(json_object_get(json_object_get(feed_hello(f)->json,
	    "shellac"), "plugin"));

	return source != NULL && name != NULL && strcmp(source, name) == 0;
}

static int take(struct ended *ended, const struct feed *f, const struct feed_event *e)
{
	const json_t *event = json_object_get(e->json, "event");
	const json_t *shellac = json_object_get(e->json, "shellac");
	const char *action = json_string_value(json_object_get(event, "action"));
	json_int_t n = json_integer_value(json_object_get(json_object_get(shellac, "session"), "n"));
	uint8_t key[HASH_SIZE];

	if (e->seq > ended->read)
		ended->read = e->seq;
	if (action == NULL || n <= 0)
		return 0;
	if (strcmp(action, "session-end") == 0)
		return ended_add(ended, e->seq, (uint64_t)n, clock_mono());
	if (strcmp(action, "rule-hit") != 0 || !is_ours(f, shellac))
		return 0;
	hit_key(key, e->json);
	return ended_back(ended, (uint64_t)n, key);
}

/* It could not be looked at: later again, some times. */
static void put_off(struct ended *ended, int r)
{
	struct ended_session *s = &ended->list[0];

	s->since_ns = clock_mono();
	if (++s->tries < TRIES) {
		log_warn("session %" PRIu64 ": shellac rules: %s; trying again", s->n, err_text(r));
		return;
	}
	log_error("session %" PRIu64 ": shellac rules: %s; its rules are not looked at", s->n,
	    err_text(r));
	ended_drop(ended);
}

/* What is to be done with the oldest one, where its time has come.  0 or negative. */
static int turn(const struct look *l, struct feed *f, struct ended *ended, int idle)
{
	struct ended_session *s = &ended->list[0];
	uint64_t ms = (clock_mono() - s->since_ns) / MS_NS;
	int r;

	if (s->looked && (s->backs >= s->sent || ms >= BACK_MS)) {
		if (s->backs < s->sent)
			log_error("session %" PRIu64 ": %zu hits did not become events", s->n,
			    s->sent - s->backs);
		ended_drop(ended);
		return 0;
	}
	if (s->looked || (!idle && ms < WAIT_MS) || (s->tries > 0 && ms < WAIT_MS))
		return 0;
	r = look_at(l, f, s);
	s->since_ns = clock_mono();
	s->looked = r == 0;
	if (r == E_REFUSED)
		put_off(ended, r);
	return r == E_REFUSED ? 0 : r;
}

static int run(const struct look *l, struct feed *f, struct ended *ended)
{
	struct feed_event e;
	int r = 0;

	while (r == 0 && !feed_over(f)) {
		int got = 0;

		if (ended->count < ENDED_MAX)
			feed_wait(f, NULL, 0, ended->count > 0 ? IDLE_MS : -1);
		else
			feed_pause(f, NULL, 0, IDLE_MS);
		while (r == 0 && ended->count < ENDED_MAX && feed_next(f, &e)) {
			r = take(ended, f, &e);
			got = 1;
		}
		if (r == 0 && ended->count > 0)
			r = turn(l, f, ended, !got);
		feed_ack(f, ended_acked(ended));
	}
	return r;
}

int main(int argc, char **argv)
{
	struct look look = {.shellac = PATHS_BINDIR "/shellac", .timeout_s = TIMEOUT_S};
	struct ended ended = {0};
	struct feed *f;
	int r = read_options(argc, argv, &look), closed;

	if (r >= 0)
		return r;
	log_open("shellac-rules", 0, LOG_L_INFO);
	if ((r = feed_open(&f, STDIN_FILENO, STDOUT_FILENO)) != 0) {
		log_error("the dispatcher's first line: %s", err_text(r));
		return EXIT_CANNOT;
	}
	r = run(&look, f, &ended);
	closed = feed_close(f);
	ended_release(&ended);
	if ((r == 0 || r == -ECANCELED || r == -EPIPE) && closed == 0)
		return EXIT_END;
	log_error("%s", err_text(r != 0 ? r : closed));
	return EXIT_CANNOT;
}
