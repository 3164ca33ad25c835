/* SPDX-License-Identifier: ISC */
#include "replay/proof.h"

#include "clock.h"

#define FRAMES 64 /* between two looks at the clock */

int proof_open(struct proof *p, int fd, const struct store_session *e,
    const struct judge_how *how)
{
	p->done = 0;
	p->error = judge_open(&p->judge, fd, e, how);
	return p->error;
}

void proof_release(struct proof *p)
{
	judge_close(&p->judge);
}

static int step(struct proof *p)
{
	struct frame f;
	struct event e;
	int i, r = 1;

	for (i = 0; i < FRAMES && r > 0; i++)
		r = judge_next(&p->judge, &f, &e);
	return r;
}

int proof_work(struct proof *p, uint64_t ns)
{
	uint64_t end = clock_mono() + ns;
	int r = 1;

	if (p->done || p->error != 0)
		return 0;
	while (r > 0 && clock_mono() < end)
		r = step(p);
	if (r == 0) {
		p->v = *judge_verdict(&p->judge);
		p->done = 1;
	}
	if (r < 0)
		p->error = r;
	return r > 0;
}

uint64_t proof_length(const struct proof *p)
{
	return p->judge.file.chain.elapsed_ns;
}
