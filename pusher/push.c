/* SPDX-License-Identifier: ISC */
#include "push.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "err.h"
#include "transfer.h"

#define IDLE_MS 60000
#define MS UINT64_C(1000000)

struct push {
	int sock;
	struct witness_policy *policy;
	struct tree tree;
	struct transfers *transfers;
	struct target target[POLICY_WITNESSES_MAX];
	unsigned targets;
	struct candidate ring[CANDIDATES], *newest; /* newest NULL: none yet */
	uint64_t serial;
	uint64_t told_size;  /* of the last note with a quorum, and how many signed */
	unsigned told_lines;
	uint8_t in[PUSH_MAX];
};

static int tell(struct push *p, const void *message, size_t len)
{
	return send(p->sock, message, len, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int tell_status(struct push *p, const struct target *t)
{
	uint8_t message[PUSH_WITNESS_MAX];

	return tell(p, message, push_witness_put(message, &t->status));
}

static unsigned count_lines(const struct candidate *k)
{
	unsigned i, n = 0;

	for (i = 0; i < POLICY_WITNESSES_MAX; i++)
		n += k->seen[i];
	return n;
}

/* A quorum, and more than the collector has. */
static int tell_cosigned(struct push *p, const struct candidate *k)
{
	char message[1 + NOTE_MAX];
	unsigned lines = count_lines(k);
	int len;

	if (!policy_satisfied(p->policy, k->seen) || k->c.size < p->told_size ||
	    (k->c.size == p->told_size && lines <= p->told_lines))
		return 0;
	message[0] = PUSH_COSIGNED;
	len = candidate_note(k, message + 1);
	if (len < 0)
		return len;
	p->told_size = k->c.size;
	p->told_lines = lines;
	return tell(p, message, 1 + (size_t)len);
}

static int take_policy(struct push *p, const char *text, size_t len)
{
	const struct policy_witness *w;
	unsigned line, i;
	int r;

	if (p->policy != NULL)
		return E_FORMAT;
	r = policy_parse(&p->policy, text, len, &line);
	if (r != 0)
		return r;
	for (i = 0; i < policy_witnesses(p->policy); i++) {
		w = policy_witness(p->policy, i);
		p->target[i].witness = w;
		p->target[i].status.index = (uint8_t)i;
	}
	p->targets = i;
	return 0;
}

/* In place of the oldest. */
static int take_checkpoint(struct push *p, const char *note, size_t len)
{
	struct candidate *k = p->ring;
	unsigned i;
	int r;

	for (i = 1; i < CANDIDATES; i++)
		if (p->ring[i].serial < k->serial)
			k = &p->ring[i];
	r = candidate_set(k, note, len);
	if (r != 0)
		return r;
	k->serial = ++p->serial;
	p->newest = k;
	return 0;
}

/* 1: the collector has gone. */
static int hear(struct push *p)
{
	ssize_t n = recv(p->sock, p->in, sizeof(p->in), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return 1;
	switch (p->in[0]) {
	case PUSH_POLICY: return take_policy(p, (char *)p->in + 1, (size_t)n - 1);
	case PUSH_CHECKPOINT: return take_checkpoint(p, (char *)p->in + 1, (size_t)n - 1);
	default: return E_FORMAT;
	}
}

static int ask(struct push *p, struct target *t)
{
	char body[TARGET_BODY_MAX];
	int n = target_request(t, &p->tree, p->newest, body);

	if (n >= 0)
		n = transfers_post(p->transfers, t->status.index, t->witness->url, body, (size_t)n,
		    p->newest->serial);
	if (n >= 0)
		return 0;
	target_failed(t, n, clock_mono());
	return tell_status(p, t);
}

/* Asks whoever is due.  *ms: until the next is. */
static int ask_all(struct push *p, unsigned *ms)
{
	uint64_t now = clock_mono();
	struct target *t;
	int r = 0;

	*ms = IDLE_MS;
	for (t = p->target; r == 0 && t < p->target + p->targets; t++) {
		if (p->newest == NULL || t->witness->url[0] == '\0' ||
		    p->newest->seen[t->status.index] || transfers_busy(p->transfers, t->status.index))
			continue;
		if (t->due_ns <= now)
			r = ask(p, t);
		else if (t->due_ns - now < *ms * MS)
			*ms = (unsigned)((t->due_ns - now) / MS) + 1;
	}
	return r;
}

/* Answers to what is no longer in the ring are asked for anew. */
static int take_answers(struct push *p)
{
	struct target_answer a;
	struct candidate *k;
	struct target *t;
	uint64_t tag;
	int i, r = 0;

	while (r == 0 && (i = transfers_next(p->transfers, &a, &tag)) >= 0) {
		for (k = p->ring; k < p->ring + CANDIDATES && k->serial != tag; k++)
			;
		if (k == p->ring + CANDIDATES)
			continue;
		t = &p->target[i];
		target_take(t, k, p->newest->c.size, &a, clock_mono());
		r = tell_status(p, t);
		if (r == 0 && k->seen[i])
			r = tell_cosigned(p, k);
	}
	return r;
}

static int turn(struct push *p)
{
	unsigned ms;
	int r;

	if ((r = ask_all(p, &ms)) != 0 || (r = transfers_wait(p->transfers, p->sock, ms)) != 0 ||
	    (r = take_answers(p)) != 0)
		return r;
	return hear(p);
}

int push_run(int sock, int log, int hashes)
{
	struct push *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->sock = sock;
	tree_init(&p->tree, log, hashes);
	r = transfers_new(&p->transfers);
	while (r == 0)
		r = turn(p);
	transfers_free(p->transfers);
	tree_release(&p->tree);
	policy_free(p->policy);
	free(p);
	return r > 0 ? 0 : r;
}
