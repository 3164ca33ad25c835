/* SPDX-License-Identifier: ISC */
/*
 * shellac-syslog: a plugin that tells events to a syslog daemon.
 *
 *   main            options, the turns
 *   deliver         what is on its way: sent, proven to be read, sent again, dropped
 *   syslog_message  the event as a message of RFC 3164 or 5424
 *   fit             its JSON, no longer than daemons take
 *   losses          what tells that some were dropped
 *   link            one connection: link_local (datagrams), link_stream (TCP), tls
 *   patience        waits that SIGTERM and time end
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../amount.h"
#include "../command_line.h"
#include "../feed.h"
#include "deliver.h"
#include "err.h"
#include "log.h"

enum { OPT_SOCKET = 256, OPT_TCP, OPT_TLS, OPT_CA, OPT_NAME, OPT_CERT, OPT_KEY, OPT_FACILITY,
	OPT_MAX, OPT_CONFIRM, OPT_DROP_AFTER };

#define CONFIRM_DEFAULT_S 2
#define SECONDS_MAX (30 * 86400)

static const struct option options[] = {
	{"socket", required_argument, NULL, OPT_SOCKET},
	{"tcp", required_argument, NULL, OPT_TCP},
	{"tls", required_argument, NULL, OPT_TLS},
	{"ca", required_argument, NULL, OPT_CA},
	{"name", required_argument, NULL, OPT_NAME},
	{"cert", required_argument, NULL, OPT_CERT},
	{"key", required_argument, NULL, OPT_KEY},
	{"facility", required_argument, NULL, OPT_FACILITY},
	{"max", required_argument, NULL, OPT_MAX},
	{"confirm", required_argument, NULL, OPT_CONFIRM},
	{"drop-after", required_argument, NULL, OPT_DROP_AFTER},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: shellac-syslog [--socket PATH | --tcp HOST:PORT | --tls HOST:PORT]\n"
    "           [--ca FILE] [--name NAME] [--cert FILE --key FILE] [--facility NAME]\n"
    "           [--max BYTES] [--confirm TIME] [--drop-after TIME]\n"
    "Tells the events that shellacd's dispatcher writes to standard input to a syslog\n"
    "daemon; see shellac-syslog(8).\n"
    "  --socket PATH      datagrams to this socket, RFC 3164; /dev/log where no other is given\n"
    "  --tcp HOST:PORT    RFC 5424 over TCP\n"
    "  --tls HOST:PORT    RFC 5424 over TLS\n"
    "  --ca FILE          authorities that may vouch for the daemon, instead of the system's\n"
    "  --name NAME        what its certificate has to say, instead of HOST\n"
    "  --cert, --key FILE this side's certificate and its key\n"
    "  --facility NAME    instead of authpriv\n"
    "  --max BYTES        of a message at most, instead of 7680\n"
    "  --confirm TIME     TCP, TLS: make sure after so long that all was read (2s); 0: never\n"
    "  --drop-after TIME  drop and count what waited so long; 0: never\n"
    "  -h, --help, -V, --version\n";

/* HOST:PORT, an IPv6 address in brackets, cut in place. */
static int take_address(struct link_options *l, char *text)
{
	char *colon = strrchr(text, ':');

	if (colon == NULL || colon == text || colon[1] == '\0')
		return E_FORMAT;
	*colon = '\0';
	l->port = colon + 1;
	l->host = text;
	if (text[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		l->host = text + 1;
	}
	return l->host[0] != '\0' ? 0 : E_FORMAT;
}

static int take_way(struct deliver_options *o, enum link_kind kind)
{
	o->link.kind = kind;
	if (kind == LINK_LOCAL) {
		o->link.path = optarg;
		return 0;
	}
	o->message.form = SYSLOG_IETF;
	return take_address(&o->link, optarg);
}

static int take_amount(struct deliver_options *o, int c)
{
	uint64_t v;
	int r;

	if (c == OPT_MAX) {
		r = amount_bytes(&v, optarg, SYSLOG_SMALLEST, SYSLOG_LARGEST);
		o->message.max = r == 0 ? (size_t)v : 0;
		return r;
	}
	return amount_seconds(c == OPT_CONFIRM ? &o->confirm_s : &o->drop_after_s, optarg, 0,
	    SECONDS_MAX);
}

static int take_option(void *ctx, int c)
{
	struct deliver_options *o = ctx;

	switch (c) {
	case OPT_SOCKET: return take_way(o, LINK_LOCAL);
	case OPT_TCP: return take_way(o, LINK_TCP);
	case OPT_TLS: return take_way(o, LINK_TLS);
	case OPT_CA: o->link.ca = optarg; return 0;
	case OPT_NAME: o->link.name = optarg; return 0;
	case OPT_CERT: o->link.cert = optarg; return 0;
	case OPT_KEY: o->link.key = optarg; return 0;
	case OPT_FACILITY: return (o->message.facility = syslog_facility(optarg)) < 0 ? E_FORMAT : 0;
	default: return take_amount(o, c);
	}
}

/* -1 go on, else main's status. */
static int take_options(struct deliver_options *o, int argc, char **argv)
{
	const struct command_line l = {"shellac-syslog", usage, options, take_option, o};
	int status = command_line_take(&l, argc, argv);

	if (status < 0 && (optind < argc || (o->link.cert == NULL) != (o->link.key == NULL)))
		status = command_line_wrong(&l);
	if (o->link.kind == LINK_LOCAL)
		o->confirm_s = 0;
	o->link.half_close = o->confirm_s > 0;
	return status;
}

/* 0 at the end. */
static int turns(struct feed *f, struct deliver *d)
{
	struct feed_event e;
	int r = 0;

	while (r == 0 && !feed_over(f)) {
		feed_wait(f, NULL, 0, deliver_due_ms(d));
		while (r == 0 && feed_next(f, &e))
			r = deliver_event(d, &e);
		if (r == 0)
			r = deliver_push(d, 0);
	}
	if (r == 0)
		r = deliver_push(d, 1);
	return r == -ECANCELED ? 0 : r;
}

static int run(const struct deliver_options *o)
{
	char reason[LINK_REASON] = "";
	struct deliver *d = NULL;
	struct feed *f = NULL;
	int r, end;

	r = feed_open(&f, STDIN_FILENO, STDOUT_FILENO);
	if (r != 0) {
		log_error("the dispatcher's first line: %s", err_text(r));
		return r;
	}
	r = deliver_new(&d, o, f, reason);
	if (r != 0)
		log_error("%s", reason);
	else if ((r = turns(f, d)) != 0)
		log_error("the plugin ends: %s", err_text(r));
	deliver_free(d);
	end = feed_close(f);
	return r != 0 ? r : end;
}

int main(int argc, char **argv)
{
	struct deliver_options o = {
		.message = {.form = SYSLOG_BSD, .facility = LOG_AUTHPRIV, .max = SYSLOG_DEFAULT},
		.link = {.kind = LINK_LOCAL, .path = "/dev/log"},
		.confirm_s = CONFIRM_DEFAULT_S,
	};
	int status;

	log_open("shellac-syslog", 0, LOG_L_INFO);
	status = take_options(&o, argc, argv);
	if (status >= 0)
		return status;
	o.message.pid = (int)getpid();
	return run(&o) == 0 ? EXIT_CLEAN : EXIT_CANNOT;
}
