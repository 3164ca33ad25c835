/* SPDX-License-Identifier: ISC */
/*
 * shellac-file: a plugin that keeps events in files of JSON lines.
 *
 *   main          options, the turns
 *   archive       the folder: the file that is written to, its end, the next one
 *   archive_past  what was there before: the last event, one that comes again
 *   file_name     names of files, and their order
 *   file_lines    the lines of one, packed or not
 *   tidy, pack    a thread that compresses full files and deletes the oldest
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../amount.h"
#include "../command_line.h"
#include "../feed.h"
#include "archive.h"
#include "err.h"
#include "log.h"

enum { OPT_SIZE = 256, OPT_EVERY, OPT_KEEP, OPT_MODE, OPT_NO_COMPRESS };

#define SIZE_MIN 4096
#define SIZE_MAX_OPTION (UINT64_C(1) << 40)
#define EVERY_MAX_S (366 * 86400)
#define FULL_MS 1000 /* between two tries on a full disk */

static const struct option options[] = {
	{"size", required_argument, NULL, OPT_SIZE},
	{"every", required_argument, NULL, OPT_EVERY},
	{"keep", required_argument, NULL, OPT_KEEP},
	{"mode", required_argument, NULL, OPT_MODE},
	{"no-compress", no_argument, NULL, OPT_NO_COMPRESS},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
    "usage: shellac-file [--size BYTES] [--every TIME] [--keep N] [--mode MODE]\n"
    "           [--no-compress] FOLDER\n"
    "Keeps the events that shellacd's dispatcher writes to standard input in files of\n"
    "JSON lines below FOLDER; see shellac-file(8).\n"
    "  --size BYTES   of a file, then a new one is begun; 64M where nothing is said\n"
    "  --every TIME   begin a new file after so long, too; 1d, 0: never\n"
    "  --keep N       keep so many full files and delete older ones; 0, the default: all\n"
    "  --mode MODE    of files, octal: 600 where nothing is said, 640 or 644\n"
    "  --no-compress  leave full files as they are\n"
    "  -h, --help, -V, --version\n";

static int take_mode(mode_t *mode, const char *text)
{
	static const mode_t modes[] = {0600, 0640, 0644};
	const char *digits = text + (text[0] == '0');
	char known[8];
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		snprintf(known, sizeof(known), "%o", (unsigned)modes[i]);
		if (strcmp(digits, known) == 0) {
			*mode = modes[i];
			return 0;
		}
	}
	return E_FORMAT;
}

static int take_option(void *ctx, int c)
{
	struct archive_options *o = ctx;

	switch (c) {
	case OPT_SIZE: return amount_bytes(&o->size, optarg, SIZE_MIN, SIZE_MAX_OPTION);
	case OPT_EVERY: return amount_seconds(&o->every_s, optarg, 0, EVERY_MAX_S);
	case OPT_KEEP: return amount_number(&o->tidy.keep, optarg, 0, UINT32_MAX);
	case OPT_MODE: return take_mode(&o->mode, optarg);
	default: o->tidy.compress = 0; return 0;
	}
}

/* -1 go on, else main's status. */
static int take_options(struct archive_options *o, int argc, char **argv)
{
	const struct command_line l = {"shellac-file", usage, options, take_option, o};
	int status = command_line_take(&l, argc, argv);

	if (status < 0 && optind + 1 != argc)
		status = command_line_wrong(&l);
	if (status < 0)
		o->folder = argv[optind];
	return status;
}

struct keeper {
	struct feed *feed;
	struct archive *archive;
	uint64_t taken; /* number of the last event, here now or since before */
	int full;       /* events wait for room on the disk */
};

/* What to do after a step: 1 try it again, when there may be room; 0 it is done, or the end
 * came while it waited; else negative. */
static int wait_for_room(struct keeper *k, int r)
{
	if (!archive_full(r)) {
		if (r == 0 && k->full)
			log_notice("there is room again");
		k->full = 0;
		return r;
	}
	if (!k->full)
		log_error("no room for events, which wait: %s", err_text(r));
	k->full = 1;
	if (feed_stopped(k->feed))
		return -ECANCELED;
	feed_pause(k->feed, NULL, 0, FULL_MS);
	return 1;
}

static int append(struct keeper *k, const struct feed_event *e)
{
	int r;

	while ((r = wait_for_room(k, archive_append(k->archive, e))) > 0)
		;
	if (r == 0 && e->seq > 0)
		k->taken = e->seq;
	return r;
}

/* After a batch. */
static int make_safe(struct keeper *k)
{
	int r;

	while ((r = wait_for_room(k, archive_sync(k->archive))) > 0)
		;
	if (r == 0)
		feed_ack(k->feed, k->taken);
	while (r == 0 && (r = wait_for_room(k, archive_turn(k->archive))) > 0)
		r = 0;
	return r;
}

static int turns(struct keeper *k)
{
	struct feed_event e;
	int r = 0;

	while (r == 0 && !feed_over(k->feed)) {
		feed_wait(k->feed, NULL, 0, archive_turn_ms(k->archive));
		while (r == 0 && feed_next(k->feed, &e))
			r = append(k, &e);
		if (r == 0)
			r = make_safe(k);
	}
	return r == -ECANCELED ? 0 : r;
}

static int run(const struct archive_options *o)
{
	struct keeper k = {0};
	int r, end;

	r = feed_open(&k.feed, STDIN_FILENO, STDOUT_FILENO);
	if (r != 0) {
		log_error("the dispatcher's first line: %s", err_text(r));
		return r;
	}
	r = archive_open(&k.archive, o);
	if (r == -EPERM)
		log_error("%s: not a folder of this user's that nobody else may write to", o->folder);
	else if (r == -EBUSY)
		log_error("%s: another shellac-file writes there", o->folder);
	else if (r != 0)
		log_error("%s: %s", o->folder, err_text(r));
	else if ((r = turns(&k)) != 0)
		log_error("the plugin ends: %s", err_text(r));
	archive_close(k.archive);
	end = feed_close(k.feed);
	return r != 0 ? r : end;
}

int main(int argc, char **argv)
{
	struct archive_options o = {.size = 64 << 20, .every_s = 86400, .mode = 0600,
		.tidy = {.compress = 1}};
	int status;

	log_open("shellac-file", 0, LOG_L_INFO);
	status = take_options(&o, argc, argv);
	if (status >= 0)
		return status;
	return run(&o) == 0 ? EXIT_CLEAN : EXIT_CANNOT;
}
