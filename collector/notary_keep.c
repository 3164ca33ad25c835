/* SPDX-License-Identifier: ISC */
#include "notary_keep.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "log.h"
#include "notary.h"

#define AGAIN_MS 1000
#define AGAIN_NS (AGAIN_MS * UINT64_C(1000000))

static void gone(void *arg, uint32_t events);

int notary_keep_watch(struct collector *c)
{
	return loop_add(&c->loop, &c->notary_source, notary_fd(c->notary), EPOLLIN, gone, c);
}

/* The host stays who it was: another's certificates would be worth nothing to who knows
 * this one. */
static int start_same(struct collector *c)
{
	uint8_t pk[PK_SIZE];
	int r;

	r = notary_start(&c->notary, c->store.dir, c->paths.key, pk);
	if (r == 0 && memcmp(pk, c->pk, PK_SIZE) != 0)
		r = E_KEY;
	if (r == 0 && !c->key_open)
		r = notary_host_key(c->notary, host_chain_newest(&c->keys));
	if (r == E_KEY)
		log_error("%s is another host's now, or an older one", c->paths.key);
	if (r == 0)
		r = notary_keep_watch(c);
	if (r != 0)
		notary_keep_end(c);
	return r;
}

int notary_keep_again(struct collector *c)
{
	uint64_t now = clock_mono();

	if (c->notary != NULL)
		log_error("the process that holds the keys, pid %ld, has gone; starting another one",
		    (long)notary_pid(c->notary));
	notary_keep_end(c);
	if (now - c->notary_ns >= AGAIN_NS) {
		c->notary_ns = now;
		if (start_same(c) == 0)
			return 0;
	}
	loop_timer(&c->loop, &c->notary_timer, AGAIN_MS);
	return -EPIPE;
}

/* It says nothing unasked. */
static void gone(void *arg, uint32_t events)
{
	(void)events;
	notary_keep_again(arg);
}

static void due(void *arg)
{
	struct collector *c = arg;

	if (c->notary == NULL)
		notary_keep_again(c);
}

int notary_keep_start(struct collector *c)
{
	c->notary_timer = (struct timer){.fn = due, .arg = c};
	c->notary_ns = clock_mono();
	if (notary_start(&c->notary, c->store.dir, c->paths.key, c->pk) != 0)
		return -1;
	return host_chain_add(&c->keys, 0, c->pk) == 0 ? 0 : -1;
}

void notary_keep_end(struct collector *c)
{
	loop_del(&c->loop, &c->notary_source);
	notary_end(c->notary);
	c->notary = NULL;
}
