/* SPDX-License-Identifier: ISC */
#include "replay/study.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

int study_open(struct study *s, int fd, struct seen *seen, shown_fn *take, void *arg)
{
	int r;

	memset(s, 0, sizeof *s);
	s->take = take;
	s->arg = arg;
	s->in = malloc(sizeof *s->in);
	if (s->in == NULL)
		return -ENOMEM;
	r = chunks_open(s->in, fd, seen);
	return chunks_is_finding(r) ? 0 : r;
}

void study_release(struct study *s)
{
	if (s->in != NULL)
		chunks_release(s->in);
	free(s->in);
	s->in = NULL;
}

static int take_chunk(struct study *s)
{
	struct shown_event x;
	int r = 0;

	while (r == 0 && chunks_next(s->in, &x))
		r = s->take(s->arg, &x);
	return r;
}

int study_work(struct study *s, uint64_t ns)
{
	uint64_t end = clock_mono() + ns;
	int r;

	while (!s->done && clock_mono() < end) {
		r = chunks_load(s->in);
		if (r > 0)
			r = take_chunk(s);
		else if (r == 0 || chunks_is_finding(r)) /* what is wrong there is for the verdict */
			s->done = 1;
		if (r < 0 && !s->done)
			return r;
	}
	return !s->done;
}

uint64_t study_at(const struct study *s)
{
	return s->in->at_ns;
}
