/* SPDX-License-Identifier: ISC */
#include "screen/cat.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "output/json.h"
#include "screen/transcript.h"

#define SECOND INT64_C(1000000000)

struct lines_out {
	struct cat *cat;
	long day;
	struct transcript *transcript;
};

static int local(struct tm *tm, const struct cat *c, uint64_t at_ns)
{
	int64_t wall = at_ns < (uint64_t)(INT64_MAX - c->begin_ns) ?
	    c->begin_ns + (int64_t)at_ns : INT64_MAX;
	time_t t = (time_t)(wall / SECOND);

	return c->begin_ns > 0 && localtime_r(&t, tm) != NULL;
}

void cat_time(char out[CAT_TIME], const struct cat *c, uint64_t at_ns)
{
	struct tm tm;

	if (!local(&tm, c, at_ns))
		snprintf(out, CAT_TIME, "--:--:--");
	else
		(void)strftime(out, CAT_TIME, "%H:%M:%S", &tm);
}

void cat_day(struct cat *c, uint64_t at_ns, long *day)
{
	struct tm tm;
	char text[64];
	long now;

	if (!local(&tm, c, at_ns))
		return;
	now = tm.tm_year * 366L + tm.tm_yday + 1;
	if (now == *day)
		return;
	*day = now;
	if (strftime(text, sizeof text, "-- %Y-%m-%d %Z --\n", &tm) > 0)
		sink_str(&c->out, text);
}

static void put_typed(struct cat *c, const struct transcript_line *l)
{
	sink_put(&c->out, l->text, l->typed);
	sink_str(&c->out, "\033[1m");
	sink_put(&c->out, l->text + l->typed, l->len - l->typed);
	sink_str(&c->out, "\033[0m");
}

static char mark_of(const struct transcript_line *l)
{
	if (l->kind == TRANSCRIPT_NOTE)
		return '#';
	if (l->kind == TRANSCRIPT_SCREEN)
		return '|';
	return l->typed != TRANSCRIPT_NOT_TYPED ? '>' : ' ';
}

static int text_line(void *arg, const struct transcript_line *l)
{
	struct lines_out *o = arg;
	struct cat *c = o->cat;
	char time[CAT_TIME], front[CAT_TIME + 4];

	if (!c->times && l->kind == TRANSCRIPT_NOTE)
		return 0;
	if (c->times) {
		cat_day(c, l->at_ns, &o->day);
		cat_time(time, c, l->at_ns);
		snprintf(front, sizeof front, "%s %c ", time, mark_of(l));
		sink_str(&c->out, front);
	}
	if (c->colour && l->typed != TRANSCRIPT_NOT_TYPED)
		put_typed(c, l);
	else
		sink_put(&c->out, l->text, l->len);
	sink_put(&c->out, "\n", 1);
	return c->out.error;
}

static int json_object_line(void *arg, const struct transcript_line *l)
{
	static const char *const kinds[] = { "line", "screen", "note" };
	struct lines_out *o = arg;
	const struct cat *c = o->cat;
	json_t *j = json_object();

	json_object_set_new(j, "time", c->begin_ns > 0 ?
	    json_time(c->begin_ns + (int64_t)l->at_ns) : json_null());
	json_object_set_new(j, "at_s", json_real((double)l->at_ns / 1e9));
	json_object_set_new(j, "kind", json_string(kinds[l->kind]));
	json_object_set_new(j, "chunk", l->chunk >= 0 ? json_integer(l->chunk) : json_null());
	json_object_set_new(j, "typed", l->typed != TRANSCRIPT_NOT_TYPED ?
	    json_stringn(l->text + l->typed, l->len - l->typed) : json_null());
	json_object_set_new(j, "text", json_stringn(l->text, l->len));
	json_line(j);
	return 0;
}

int cat_lines(struct cat *c, struct verdict *v)
{
	struct lines_out o = { .cat = c };
	int r = transcript_new(&o.transcript, c->screens, c->json ? json_object_line : text_line,
	    &o);

	if (r != 0)
		return r;
	r = shown_session(&c->auditor->store, c->entry, &c->how, transcript_event, o.transcript, v);
	if (r == 0)
		r = transcript_end(o.transcript);
	transcript_free(o.transcript);
	return r;
}

static int put_raw(void *arg, const struct shown_event *x)
{
	struct cat *c = arg;

	if (x->e.type == FRAME_OUTPUT)
		sink_put(&c->out, x->e.data, x->e.len);
	return c->out.error;
}

int cat_raw(struct cat *c, struct verdict *v)
{
	return shown_session(&c->auditor->store, c->entry, &c->how, put_raw, c, v);
}
