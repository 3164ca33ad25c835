/* SPDX-License-Identifier: ISC */
/*
 * shellac-input: a plugin that brings lines of others into the timeline.
 *
 *   main               options, the loop, the end
 *   follow, ...,       where lines come from: a file that grows and is rotated, and how far
 *     place            it was read;
 *   child, datagram    a program's output; a socket
 *   lines              lines of pieces
 *   parse, parse_*     lines become events
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../feed.h"
#include "child.h"
#include "datagram.h"
#include "err.h"
#include "follow.h"
#include "io.h"
#include "log.h"
#include "parse.h"

enum { EXIT_END, EXIT_ENDED_EARLY, EXIT_USAGE, EXIT_CANNOT };

struct input {
	enum parse_format format;
	const char *file, *state, *socket;
	char **program; /* program[0] NULL: none */
	mode_t mode;
	int from_start;
	int error;      /* of writing an event */
	struct follow follow;
	struct child child;
	int fd;         /* of the socket */
};

static const char usage[] =
    "usage: shellac-input [OPTION...] --file FILE\n"
    "       shellac-input [OPTION...] --socket PATH\n"
    "       shellac-input [OPTION...] -- PROGRAM ARG...\n"
    "  -f, --file FILE      lines of FILE as it grows, also when it is rotated\n"
    "      --state FILE     keeps how far it was read; without it each start is at its end\n"
    "      --from-start     where there is no state, begin at its begin\n"
    "      --socket PATH    datagrams to a socket that is made at PATH\n"
    "      --mode MODE      of that socket (default: 600)\n"
    "  -p, --parse FORMAT   text|json|nftables|audit (default: text)\n"
    "  -h, --help           show this help\n"
    "  -V, --version        show the version\n";

static int read_mode(const char *text, mode_t *mode)
{
	char *end;
	unsigned long v = strtoul(text, &end, 8);

	if (text[0] < '0' || text[0] > '7' || *end != '\0' || v > 0777)
		return -1;
	*mode = (mode_t)v;
	return 0;
}

static int wrong(const char *text)
{
	fprintf(stderr, "shellac-input: %s\n", text);
	return EXIT_USAGE;
}

static int check_options(const struct input *in)
{
	int sources = (in->file != NULL) + (in->socket != NULL) + (in->program[0] != NULL);

	if (sources != 1)
		return wrong("one of --file, --socket and a program is needed");
	if (in->file == NULL && (in->state != NULL || in->from_start))
		return wrong("--state and --from-start are for --file");
	return -1;
}

/* -1 to go on, else an exit status. */
static int read_options(int argc, char **argv, struct input *in)
{
	static const struct option longs[] = {{"file", required_argument, NULL, 'f'},
		{"state", required_argument, NULL, 's'}, {"from-start", no_argument, NULL, 'b'},
		{"socket", required_argument, NULL, 'u'}, {"mode", required_argument, NULL, 'm'},
		{"parse", required_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {0}};
	int opt, format;

	while ((opt = getopt_long(argc, argv, "+f:p:hV", longs, NULL)) != -1) {
		switch (opt) {
		case 'f': in->file = optarg; break;
		case 's': in->state = optarg; break;
		case 'b': in->from_start = 1; break;
		case 'u': in->socket = optarg; break;
		case 'm':
			if (read_mode(optarg, &in->mode) != 0)
				return wrong("--mode: a mode as 660 is expected");
			break;
		case 'p':
			if ((format = parse_format(optarg)) < 0)
				return wrong("--parse: text, json, nftables or audit is expected");
			in->format = (enum parse_format)format;
			break;
		case 'h': fputs(usage, stdout); return EXIT_END;
		case 'V': puts("shellac-input " PACKAGE_VERSION); return EXIT_END;
		default: fputs(usage, stderr); return EXIT_USAGE;
		}
	}
	in->program = argv + optind;
	return check_options(in);
}

static void got(void *ctx, const char *text, size_t len, size_t left_out, size_t end)
{
	struct input *in = ctx;
	char *event;

	(void)end;
	if (left_out > 0)
		log_warn("a line of %zu bytes was cut to %zu", len + left_out, len);
	event = parse_line(in->format, text, len, left_out);
	if (event == NULL) {
		log_error("no memory; a line is missing");
		return;
	}
	len = strlen(event);
	event[len] = '\n'; /* the zero's place */
	if (in->error == 0)
		in->error = io_write_all(STDOUT_FILENO, event, len + 1);
	in->follow.refused = in->error != 0;
	free(event);
}

/* 0 or negative, said */
static int open_source(struct input *in)
{
	const char *name = in->socket != NULL ? in->socket : in->program[0];
	int r = 0;

	if (in->file != NULL)
		return follow_open(&in->follow, in->file, in->state, in->from_start);
	if (in->socket != NULL)
		r = in->fd = datagram_open(in->socket, in->mode);
	else
		r = child_open(&in->child, in->program);
	if (r < 0)
		log_error("%s: %s", name, err_text(r));
	return r < 0 ? r : 0;
}

static int turn(struct input *in)
{
	if (in->file != NULL)
		return follow_turn(&in->follow, got, in);
	return in->socket != NULL ? datagram_turn(in->fd, got, in) :
	    child_turn(&in->child, got, in);
}

static int run(struct input *in, struct feed *f)
{
	struct pollfd fd = {.events = POLLIN};
	struct feed_event e;
	int r = 0, wait_ms;

	while (r >= 0 && in->error == 0 && !feed_over(f)) {
		fd.fd = in->file != NULL ? follow_fd(&in->follow) : in->socket != NULL ? in->fd :
		    in->child.fd;
		wait_ms = r > 0 ? 0 : in->file != NULL ? FOLLOW_LOOK_MS : -1;
		feed_wait(f, &fd, 1, wait_ms);
		while (feed_next(f, &e))
			feed_ack(f, e.seq);
		r = turn(in);
	}
	return r;
}

static void close_source(struct input *in)
{
	int status;

	if (in->file != NULL) {
		follow_close(&in->follow);
	} else if (in->socket != NULL) {
		datagram_close(in->fd, in->socket);
	} else {
		status = child_close(&in->child);
		if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
			log_error("%s: exit status %d", in->program[0], WEXITSTATUS(status));
	}
}

/* Without a dispatcher the lines that were given are lost: what a file had is read again. */
static int end(struct input *in, struct feed *f, int r)
{
	close_source(in);
	if (in->error != 0 && in->error != -EPIPE)
		log_error("what was read cannot be written: %s", err_text(in->error));
	if (r < 0 && r != E_END)
		log_error("what is read: %s", err_text(r));
	if (r == E_END && !feed_over(f))
		log_error("%s: its output has ended", in->program[0]);
	return r < 0 && !feed_over(f) ? EXIT_ENDED_EARLY : EXIT_END;
}

int main(int argc, char **argv)
{
	static struct input in = {.mode = 0600, .format = PARSE_TEXT};
	struct feed *f;
	int r = read_options(argc, argv, &in);

	if (r >= 0)
		return r;
	log_open("shellac-input", 0, LOG_L_INFO);
	if ((r = feed_open(&f, STDIN_FILENO, STDOUT_FILENO)) != 0) {
		log_error("the dispatcher's first line: %s", err_text(r));
		return EXIT_CANNOT;
	}
	if ((r = open_source(&in)) != 0) {
		feed_close(f);
		return EXIT_CANNOT;
	}
	r = end(&in, f, run(&in, f));
	feed_close(f);
	return r;
}
