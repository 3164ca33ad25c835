/* SPDX-License-Identifier: ISC */
#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_at.h"
#include "metrics_table.h"

#define LABEL_MAX 200 /* bytes of a label's value, escaped */

/* All of one sample's labels as text, with their braces; "" for none. */
struct labels {
	char text[2 * LABEL_MAX + 64];
};

/* A label's value, ABNF of OpenMetrics 1.0: what is not printable ASCII becomes '?'. */
static void label_value(char out[LABEL_MAX], const char *s)
{
	size_t len = 0;

	for (; *s != '\0' && len + 3 < LABEL_MAX; s++) {
		if (*s == '\\' || *s == '"')
			out[len++] = '\\';
		out[len++] = *s >= ' ' && *s <= '~' ? *s : '?';
	}
	out[len] = '\0';
}

static void one_label(struct labels *l, const char *name, const char *value)
{
	char safe[LABEL_MAX];
	size_t len = strlen(l->text);

	label_value(safe, value);
	if (len > 0)
		len--; /* the brace that closes */
	snprintf(l->text + len, sizeof(l->text) - len, "%s%s=\"%s\"}", len > 0 ? "," : "{", name, safe);
}

static const char *suffix(const struct metric *m)
{
	return m->type == METRIC_COUNTER ? "_total" : "";
}

static void put_number(FILE *f, const struct metric *m, const struct labels *l, const json_t *v)
{
	fprintf(f, "%s%s%s ", m->name, suffix(m), l->text);
	if (json_is_real(v))
		fprintf(f, "%.9f\n", json_real_value(v));
	else if (json_is_boolean(v))
		fprintf(f, "%d\n", json_is_true(v) ? 1 : 0);
	else
		fprintf(f, "%" PRId64 "\n", (int64_t)json_integer_value(v));
}

static void put_states(FILE *f, const struct metric *m, const struct labels *l, const json_t *v)
{
	const char *is = json_string_value(v), *const *w;
	struct labels with;

	for (w = m->words; is != NULL && *w != NULL; w++) {
		with = *l;
		one_label(&with, "state", *w);
		fprintf(f, "%s%s %d\n", m->name, with.text, strcmp(is, *w) == 0);
	}
}

/* Numbers as OpenMetrics wants them in le: 1 is "1.0". */
static void put_bucket(FILE *f, const struct metric *m, double up_to_s, json_int_t n)
{
	char le[32];

	snprintf(le, sizeof(le), "%g", up_to_s);
	fprintf(f, "%s_bucket{le=\"%s%s\"} %" PRId64 "\n", m->name, le,
	    strchr(le, '.') == NULL && strchr(le, 'e') == NULL ? ".0" : "", (int64_t)n);
}

static void put_times(FILE *f, const struct metric *m, const json_t *times)
{
	json_int_t count = json_integer_value(json_object_get(times, "count"));
	const json_t *buckets = json_object_get(times, "up_to_s"), *b;
	size_t i;

	json_array_foreach (buckets, i, b)
		put_bucket(f, m, json_real_value(json_array_get(b, 0)),
		    json_integer_value(json_array_get(b, 1)));
	fprintf(f, "%s_bucket{le=\"+Inf\"} %" PRId64 "\n", m->name, (int64_t)count);
	fprintf(f, "%s_count %" PRId64 "\n", m->name, (int64_t)count);
	fprintf(f, "%s_sum %.9f\n", m->name,
	    json_real_value(json_object_get(times, "sum_s")));
}

/* Is it something: a number, a text that is not empty? */
static int is_there(const json_t *v)
{
	return json_is_string(v) ? json_string_length(v) > 0 : !json_is_null(v);
}

static void put_sample(FILE *f, const struct metric *m, const struct labels *l, const json_t *v)
{
	struct labels own = *l;

	if (v == NULL || (json_is_null(v) && m->how != METRIC_THERE))
		return;
	switch (m->how) {
	case METRIC_VALUE:
		put_number(f, m, l, v);
		break;
	case METRIC_DATE:
		if (json_integer_value(v) != 0)
			put_number(f, m, l, v);
		break;
	case METRIC_STATE:
		put_states(f, m, l, v);
		break;
	case METRIC_THERE:
		fprintf(f, "%s%s %d\n", m->name, l->text, is_there(v));
		break;
	case METRIC_LABEL:
		one_label(&own, m->label, json_string_value(v) != NULL ? json_string_value(v) : "");
		fprintf(f, "%s%s 1\n", m->name, own.text);
		break;
	case METRIC_TIMES:
		put_times(f, m, v);
		break;
	}
}

static void put_list(FILE *f, const struct metric *m, const json_t *list)
{
	const char *name;
	struct labels l;
	const json_t *o;
	size_t i;

	json_array_foreach (list, i, o) {
		name = json_string_value(json_object_get(o, m->named));
		l.text[0] = '\0';
		one_label(&l, m->label, name != NULL ? name : "");
		put_sample(f, m, &l, json_at(o, m->key));
	}
}

static void put_metric(FILE *f, const struct metric *m, const json_t *status)
{
	static const char *const types[] = { "gauge", "counter", "histogram" };
	static const struct labels none;

	fprintf(f, "# TYPE %s %s\n", m->name, types[m->type]);
	if (m->unit != NULL)
		fprintf(f, "# UNIT %s %s\n", m->name, m->unit);
	fprintf(f, "# HELP %s %s\n", m->name, m->help);
	if (m->list != NULL)
		put_list(f, m, json_at(status, m->list));
	else
		put_sample(f, m, &none, json_at(status, m->key));
}

/* With what the text says of itself. */
static json_t *dated(const json_t *status, int64_t now_ns)
{
	json_t *o = json_copy((json_t *)(uintptr_t)status);

	json_object_set_new(o, "now_s", json_real((double)now_ns / 1e9));
	return o;
}

char *metrics_text(const json_t *status, int64_t now_ns)
{
	const struct metric *m;
	char *text = NULL;
	size_t len;
	json_t *o;
	FILE *f;
	int bad;

	f = open_memstream(&text, &len);
	if (f == NULL)
		return NULL;
	o = dated(status, now_ns);
	for (m = metrics_table; m->name != NULL; m++)
		put_metric(f, m, o);
	fputs("# EOF\n", f);
	json_decref(o);
	bad = ferror(f);
	bad |= fclose(f) != 0;
	if (!bad)
		return text;
	free(text);
	return NULL;
}
