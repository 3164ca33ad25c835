/* SPDX-License-Identifier: ISC */
#include "replay/doings.h"

#include <string.h>

int doings_open(struct doings *d, int fd, struct seen *seen)
{
	int r;

	memset(d, 0, sizeof *d);
	r = commands_gather_new(&d->gather);
	return r != 0 ? r : study_open(&d->study, fd, seen, commands_gather_event, d->gather);
}

void doings_release(struct doings *d)
{
	study_release(&d->study);
	commands_gather_free(d->gather);
	commands_release(&d->all);
	memset(d, 0, sizeof *d);
}

int doings_work(struct doings *d, uint64_t ns)
{
	int r = d->done ? 0 : study_work(&d->study, ns);

	if (r != 0 || d->done)
		return r;
	d->done = 1;
	return commands_join(&d->all, d->gather, NULL, d->study.in->file.chain.cert.wall_ns);
}

/* How many were typed up to a time. */
static size_t typed(const struct doings *d, uint64_t at_ns)
{
	size_t n = 0;

	while (n < d->all.lines && d->all.line[n].at_ns <= at_ns)
		n++;
	return n;
}

const struct command_line *doings_at(const struct doings *d, uint64_t at_ns)
{
	size_t n = typed(d, at_ns);

	return n > 0 ? &d->all.line[n - 1] : NULL;
}

const struct command_line *doings_next(const struct doings *d, uint64_t at_ns)
{
	size_t n = typed(d, at_ns);

	return n < d->all.lines ? &d->all.line[n] : NULL;
}

const struct command_line *doings_before(const struct doings *d, uint64_t at_ns)
{
	return at_ns > 0 ? doings_at(d, at_ns - 1) : NULL;
}
