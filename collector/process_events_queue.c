/* SPDX-License-Identifier: ISC */
#include "process_events_queue.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536

/* An event that is no EXEC is kept without the fields for one. */
#define SHORT_SIZE offsetof(struct pevent, exec)
#define ALIGN _Alignof(struct pevent)
#define ALIGNED(n) (((n) + ALIGN - 1) / ALIGN * ALIGN)

struct event_chunk {
	TAILQ_ENTRY(event_chunk) link;
	size_t used, at;
	_Alignas(struct pevent) uint8_t bytes[CHUNK_BYTES];
};

_Static_assert(ALIGNED(sizeof(struct pevent) + EXEC_TEXT_MAX) <= CHUNK_BYTES, "the longest fits");

void event_queue_init(struct event_queue *q, size_t max)
{
	memset(q, 0, sizeof(*q));
	TAILQ_INIT(&q->chunks);
	q->max = max;
}

static void free_chunks(struct event_chunks *list)
{
	struct event_chunk *c;

	while ((c = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, c, link);
		free(c);
	}
}

void event_queue_release(struct event_queue *q)
{
	free_chunks(&q->chunks);
	free(q->spare);
	q->spare = NULL;
}

static struct event_chunk *new_chunk(struct event_queue *q)
{
	struct event_chunk *c = q->spare;

	if (q->bytes + sizeof(*c) > q->max)
		return NULL;
	q->spare = NULL;
	if (c == NULL)
		c = malloc(sizeof(*c));
	if (c == NULL)
		return NULL;
	c->used = c->at = 0;
	TAILQ_INSERT_TAIL(&q->chunks, c, link);
	q->bytes += sizeof(*c);
	if (q->bytes > q->high)
		q->high = q->bytes;
	return c;
}

static size_t size_of(const struct pevent *e)
{
	return ALIGNED(e->what == PEVENT_EXEC ? sizeof(*e) + e->exec.text_len : SHORT_SIZE);
}

/* 0 where there is no room. */
static int put(struct event_queue *q, const struct pevent *e)
{
	struct event_chunk *c = TAILQ_LAST(&q->chunks, event_chunks);
	size_t size = size_of(e);

	if (c == NULL || sizeof(c->bytes) - c->used < size)
		c = new_chunk(q);
	if (c == NULL)
		return 0;
	memcpy(c->bytes + c->used, e, e->what == PEVENT_EXEC ? sizeof(*e) : SHORT_SIZE);
	if (e->what == PEVENT_EXEC && e->exec.text_len > 0)
		memcpy(c->bytes + c->used + sizeof(*e), e->text, e->exec.text_len);
	c->used += size;
	q->waiting++;
	return 1;
}

/* 0 where there is no room for that, either. */
static int put_loss(struct event_queue *q, uint64_t boot_ns)
{
	const struct pevent loss = {.what = PEVENT_LOSS, .boot_ns = boot_ns, .count = q->dropped};

	if (q->dropped > 0 && !put(q, &loss))
		return 0;
	q->dropped = 0;
	return 1;
}

int event_queue_put(struct event_queue *q, const struct pevent *e)
{
	if (put_loss(q, e->boot_ns) && put(q, e))
		return 0;
	return q->dropped++ == 0;
}

void event_queue_take(struct event_queue *q, struct event_chunks *mine)
{
	TAILQ_CONCAT(mine, &q->chunks, link);
}

int event_chunks_next(struct event_chunks *mine, struct event_chunks *done, struct pevent *e)
{
	struct event_chunk *c;

	while ((c = TAILQ_FIRST(mine)) != NULL && c->at == c->used) {
		TAILQ_REMOVE(mine, c, link);
		TAILQ_INSERT_TAIL(done, c, link);
	}
	if (c == NULL)
		return 0;
	memset(e, 0, sizeof(*e));
	memcpy(e, c->bytes + c->at, SHORT_SIZE);
	if (e->what == PEVENT_EXEC) {
		memcpy(e, c->bytes + c->at, sizeof(*e));
		e->text = (const char *)c->bytes + c->at + sizeof(*e);
	}
	c->at += size_of(e);
	return 1;
}

void event_queue_free(struct event_queue *q, struct event_chunks *done, uint64_t taken)
{
	struct event_chunk *c;

	q->waiting -= taken;
	while ((c = TAILQ_FIRST(done)) != NULL) {
		TAILQ_REMOVE(done, c, link);
		q->bytes -= sizeof(*c);
		if (q->spare == NULL)
			q->spare = c;
		else
			free(c);
	}
}
