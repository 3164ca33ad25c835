/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "output/json.h"
#include "search/search.h"
#include "utf8.h"

#define SECOND INT64_C(1000000000)
#define MARK "\033[1;31m"
#define DULL "\033[2m"
#define PLAIN "\033[m"

static const char *const source_name[] = { "screen", "full-screen", "keys", "process" };

/* When replay shows it: milliseconds, not before it was written. */
static uint64_t at_ms(const struct search_line *l)
{
	return l->at_ns / 1000000 + (l->at_ns % 1000000 != 0);
}

/* Local time, with its day or without. */
static void put_date(struct sink *out, int64_t wall_ns, int day)
{
	time_t t = (time_t)(wall_ns / SECOND);
	char text[64] = "";
	struct tm tm;

	if (wall_ns <= 0 || localtime_r(&t, &tm) == NULL)
		return;
	if (day)
		strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	else
		strftime(text, sizeof text, "%H:%M:%S  ", &tm);
	sink_str(out, text);
}

/* The index is only a file: nothing it says goes to a terminal unseen. */
static void put_safe(struct sink *out, const char *text, size_t len)
{
	size_t from = 0, at = 0;
	uint32_t cp;
	int n;

	while (at < len) {
		if (text[at] >= ' ' && text[at] < 0x7f) {
			at++;
			continue;
		}
		n = utf8_next((const uint8_t *)text + at, len - at, &cp);
		if (n > 0 && escape_printable(cp)) {
			at += (size_t)n;
			continue;
		}
		sink_put(out, text + from, at - from);
		sink_str(out, "?");
		at += n > 0 ? (size_t)n : 1;
		from = at;
	}
	sink_put(out, text + from, at - from);
}

static void put_marked(const struct search_print *p, const char *text, size_t len)
{
	size_t done = 0, at, hit, from = 0;

	while (from <= len && search_patterns_find(p->patterns, text, len, from, &at, &hit) == 1) {
		put_safe(p->out, text + done, at - done);
		if (hit > 0) {
			sink_str(p->out, MARK);
			put_safe(p->out, text + at, hit);
			sink_str(p->out, PLAIN);
		}
		done = at + hit;
		from = done + (hit == 0);
	}
	put_safe(p->out, text + done, len - done);
}

static void put_escaped(struct sink *out, const char *text)
{
	char safe[1100];

	sink_str(out, escape_str(safe, sizeof safe, text));
}

/* "12", in a fleet "db1/12" */
static void put_name(const struct search_print *p, const struct search_session *s)
{
	char text[32];

	if (p->host != NULL) {
		put_escaped(p->out, p->host);
		sink_str(p->out, "/");
	}
	snprintf(text, sizeof text, "%llu", (unsigned long long)s->n);
	sink_str(p->out, text);
}

void search_print_head(const struct search_print *p, const struct search_session *s)
{
	if (p->want->json)
		return;
	if (p->want->mode != SEARCH_NAMES)
		sink_str(p->out, "session ");
	put_name(p, s);
	sink_str(p->out, p->want->mode == SEARCH_NAMES ? "  " : ", ");
	put_escaped(p->out, s->user[0] != '\0' ? s->user : "?");
	sink_str(p->out, p->want->mode == SEARCH_NAMES ? "  " : ", ");
	put_date(p->out, s->start_ns, 1);
	sink_str(p->out, "\n");
}

static json_t *start_object(const struct search_print *p, const struct search_session *s)
{
	json_t *o = json_object();

	if (o == NULL)
		return NULL;
	if (p->host != NULL)
		json_object_set_new(o, "host", json_bytes(p->host));
	json_object_set_new(o, "n", json_u64(s->n));
	json_object_set_new(o, "id", json_hex(s->id, ID_SIZE));
	json_object_set_new(o, "user", json_bytes(s->user));
	json_object_set_new(o, "start", s->start_ns != 0 ? json_time(s->start_ns) : json_null());
	return o;
}

static void put_object(const struct search_print *p, json_t *o)
{
	char *text = o != NULL ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII |
	    JSON_REAL_PRECISION(15)) : NULL;

	if (text != NULL) {
		sink_str(p->out, text);
		sink_str(p->out, "\n");
	} else if (p->out->error == 0) {
		p->out->error = -ENOMEM;
	}
	free(text);
	json_decref(o);
}

static json_t *text_of(const char *text, size_t len)
{
	char *utf8 = utf8_from_bytes((const uint8_t *)text, len);
	json_t *j = utf8 != NULL ? json_string(utf8) : NULL;

	free(utf8);
	return j;
}

static void json_hit(const struct search_print *p, const struct search_session *s,
    const struct search_line *l, int hit)
{
	json_t *o = start_object(p, s);

	if (o != NULL) {
		json_object_set_new(o, "time", s->start_ns != 0 && l->at_ns < INT64_MAX / 2 ?
		    json_time(s->start_ns + (int64_t)l->at_ns) : json_null());
		json_object_set_new(o, "at_s", json_real((double)at_ms(l) / 1000));
		json_object_set_new(o, "chunk", l->chunk >= 0 ? json_integer(l->chunk) : json_null());
		json_object_set_new(o, "source", json_string(source_name[l->source]));
		json_object_set_new(o, "hit", json_boolean(hit));
		json_object_set_new(o, "line", text_of(l->text, l->len));
		json_object_set_new(o, "typed", l->typed != SEARCH_NOT_TYPED ?
		    text_of(l->text + l->typed, l->len - l->typed) : json_null());
	}
	put_object(p, o);
}

static void put_place(const struct search_print *p, const struct search_session *s,
    const struct search_line *l)
{
	char at[64];
	const uint64_t ms = at_ms(l);

	if (s->start_ns > 0 && l->at_ns < (uint64_t)(INT64_MAX - s->start_ns))
		put_date(p->out, s->start_ns + (int64_t)l->at_ns, 0);
	sink_str(p->out, p->command);
	sink_str(p->out, " replay ");
	put_name(p, s);
	snprintf(at, sizeof at, " --at +%llu.%03u", (unsigned long long)(ms / 1000),
	    (unsigned)(ms % 1000));
	sink_str(p->out, at);
}

static const char *sign(const struct search_line *l, int hit)
{
	if (!hit)
		return "  - ";
	if (l->source == SEARCH_PROCESS)
		return "  * ";
	return l->source == SEARCH_KEYS || l->typed != SEARCH_NOT_TYPED ? "  > " : "  : ";
}

void search_print_line(const struct search_print *p, const struct search_session *s,
    const struct search_line *l, int hit, int apart)
{
	const int colour = p->want->colour;

	if (p->want->json) {
		json_hit(p, s, l, hit);
		return;
	}
	if (apart && (p->want->before > 0 || p->want->after > 0))
		sink_str(p->out, "--\n");
	if (colour)
		sink_str(p->out, DULL);
	put_place(p, s, l);
	sink_str(p->out, sign(l, hit));
	if (colour)
		sink_str(p->out, PLAIN);
	if (colour && hit)
		put_marked(p, l->text, l->len);
	else
		put_safe(p->out, l->text, l->len);
	sink_str(p->out, "\n");
}

void search_print_count(const struct search_print *p, const struct search_session *s,
    uint64_t hits)
{
	char text[32];
	json_t *o;

	if (p->want->json) {
		o = start_object(p, s);
		if (o != NULL && p->want->mode == SEARCH_COUNTS)
			json_object_set_new(o, "hits", json_u64(hits));
		put_object(p, o);
		return;
	}
	if (p->want->mode == SEARCH_COUNTS) {
		snprintf(text, sizeof text, "%8llu  ", (unsigned long long)hits);
		sink_str(p->out, text);
	}
	search_print_head(p, s);
}
