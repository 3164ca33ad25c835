/* SPDX-License-Identifier: ISC */
#include "review/queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "bytes.h"
#include "coverage/coverage.h"
#include "hash.h"

#define SECOND INT64_C(1000000000)
#define DAY_S 86400
#define LOTS 10000

const char *queue_word(enum queue_class class)
{
	static const char *const words[] = { "finding", "unrecorded", "cut", "root-at-night", "rule",
		"sample" };

	return words[class];
}

static void release(struct queue_item *t)
{
	int i;

	for (i = 0; i < QUEUE_CLASSES; i++)
		free(t->reason[i]);
	free(t->user);
	free(t->tty);
}

void queue_release(struct queue *q)
{
	while (q->items > 0)
		release(&q->item[--q->items]);
	free(q->item);
	memset(q, 0, sizeof *q);
}

static int add_reason(struct queue_item *t, enum queue_class class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* 0 or -ENOMEM */
static int add_reason(struct queue_item *t, enum queue_class class, const char *fmt, ...)
{
	char text[QUEUE_REASON_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	t->reason[class] = strdup(text);
	if (t->class > class)
		t->class = class;
	return t->reason[class] != NULL ? 0 : -ENOMEM;
}

/* Takes t over. */
static int add(struct queue *q, struct queue_item *t, const char *user, const char *tty, int r)
{
	t->user = strdup(user);
	t->tty = strdup(tty);
	if (r == 0 && (t->user == NULL || t->tty == NULL ||
	    array_room(&q->item, q->items, &q->room, sizeof *q->item) != 0))
		r = -ENOMEM;
	if (r != 0 || t->class == QUEUE_CLASSES) {
		release(t);
		return r;
	}
	q->item[q->items++] = *t;
	return 0;
}

/* One word of several that commas join. */
static int has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; *list != '\0'; list += list[strcspn(list, ",")] != '\0' ? strcspn(list, ",") + 1 :
	    strcspn(list, ","))
		if (strcspn(list, ",") == len && strncmp(list, name, len) == 0)
			return 1;
	return 0;
}

static int is_night(const struct queue_how *how, unsigned hour)
{
	return how->night_from < how->night_to ? hour >= how->night_from && hour < how->night_to :
	    hour >= how->night_from || hour < how->night_to;
}

/* Was any of this time at night?  Looks at each hour of it, of one day at most. */
static int was_night(const struct queue_how *how, int64_t start_ns, int64_t end_ns)
{
	time_t t = (time_t)(start_ns / SECOND), end = (time_t)(end_ns / SECOND);
	struct tm tm;

	if (how->night_from == how->night_to)
		return 0;
	if (end - t >= DAY_S)
		return 1;
	for (; t <= end; t += 3600 - (tm.tm_min * 60 + tm.tm_sec))
		if (localtime_r(&t, &tm) == NULL || is_night(how, (unsigned)tm.tm_hour))
			return 1;
	return 0;
}

static int look_at_night(struct queue_item *t, const struct queue_how *how,
    const struct session_row *row)
{
	int64_t end = row->end_ns != 0 ? row->end_ns : row->start_ns + (int64_t)row->length_ns;
	int root = row->uid == 0, became = has_name(row->as, "root");

	if (!row->have_cert || (!root && !became) || !was_night(how, row->start_ns, end))
		return 0;
	return add_reason(t, QUEUE_NIGHT, "%s between %u:00 and %u:00", root ? "root" : "became root",
	    how->night_from, how->night_to);
}

static int look_at_status(struct queue_item *t, const struct session_row *row)
{
	const char *text = row->finding[0] != '\0' ? row->finding : "no reason is known";
	const char *word = verdict_word(row->status);

	if (row->status == STATUS_CUT || row->status == STATUS_UNSEALED)
		return add_reason(t, QUEUE_CUT, "%s: %s", word, text);
	if (row->status > STATUS_UNSEALED && row->status != STATUS_PURGED)
		return add_reason(t, QUEUE_FINDING, "%s: %s", word, text);
	if (row->findings > 0)
		return add_reason(t, QUEUE_FINDING, "%s", text);
	return row->lost > 0 ? add_reason(t, QUEUE_FINDING, "%" PRIu64 " bytes were lost", row->lost) : 0;
}

static int look_at_hits(struct queue_item *t, const struct rule_hits *hits)
{
	const struct rule_hit *worst = NULL;
	size_t i;

	for (i = 0; i < hits->hits; i++)
		if (worst == NULL || hits->hit[i].rule->severity > worst->rule->severity)
			worst = &hits->hit[i];
	if (worst == NULL)
		return 0;
	t->severity = worst->rule->severity;
	t->at_ns = worst->at_ns;
	t->has_at = 1;
	return add_reason(t, QUEUE_RULE, "%s: %s%s", worst->rule->name, worst->text,
	    hits->hits > 1 || hits->more > 0 ? " (and more)" : "");
}

/* A session's id is random, so that nobody chooses their lot. */
static uint32_t draw(const struct queue_how *how, const struct session_row *row)
{
	uint8_t digest[HASH_SIZE], day[8];
	struct hash h;

	put_u64(day, (uint64_t)(row->start_ns / SECOND / DAY_S));
	hash_begin(&h);
	hash_add(&h, how->seed, HASH_SIZE, day, sizeof day);
	hash_add(&h, row->entry->name.id, ID_SIZE, NULL, 0);
	hash_get(&h, digest);
	return get_u32(digest);
}

int queue_session(struct queue *q, const struct queue_how *how, const struct session_row *row,
    const struct rule_hits *hits)
{
	struct queue_item t = { .class = (enum queue_class)QUEUE_CLASSES, .row = row,
		.n = row->entry->name.n, .start_ns = row->have_cert ? row->start_ns : 0 };
	int r = look_at_status(&t, row);

	if (r == 0)
		r = look_at_night(&t, how, row);
	if (r == 0)
		r = look_at_hits(&t, hits);
	t.lot = draw(how, row);
	if (r == 0 && t.class == QUEUE_CLASSES && row->status == STATUS_COMPLETE &&
	    t.lot % LOTS < how->sample)
		r = add_reason(&t, QUEUE_SAMPLE, "drawn by lot");
	return add(q, &t, row->user, row->tty, r);
}

int queue_terminal(struct queue *q, const struct cover_row *row)
{
	struct queue_item t = { .class = (enum queue_class)QUEUE_CLASSES, .start_ns = row->from_ns,
		.entry = row->leaf, .has_entry = row->has_leaf };
	int r = add_reason(&t, QUEUE_UNRECORDED, "process %u and what it began were not recorded%s%s",
	    row->pid, row->what[0] != '\0' ? ": " : "", row->what);

	return add(q, &t, row->user, row->tty, r);
}

int queue_missing(struct queue *q, uint64_t n)
{
	struct queue_item t = { .class = (enum queue_class)QUEUE_CLASSES, .n = n };
	int r = add_reason(&t, QUEUE_FINDING, "MISSING: the store has no file of this session");

	return add(q, &t, "", "", r);
}

void queue_drop(struct queue *q, size_t i)
{
	release(&q->item[i]);
	q->items--;
	memmove(&q->item[i], &q->item[i + 1], (q->items - i) * sizeof *q->item);
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *x, const void *y)
{
	const struct queue_item *a = x, *b = y;

	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->class == QUEUE_SAMPLE && a->lot != b->lot)
		return by_number(a->lot, b->lot);
	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	if (a->n != b->n)
		return by_number(a->n, b->n);
	return strcmp(a->reason[a->class], b->reason[b->class]);
}

void queue_order(struct queue *q)
{
	if (q->items > 1)
		qsort(q->item, q->items, sizeof *q->item, compare);
}
