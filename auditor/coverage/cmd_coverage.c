/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "clock.h"
#include "coverage/coverage.h"
#include "words/date.h"
#include "err.h"
#include "output/json.h"
#include "store/live.h"

enum { OPT_JSON = OPT_LONG, OPT_SINCE, OPT_UNTIL, OPT_LIVE };

const struct opt coverage_opts[] = {
	{ OPT_SINCE, "since", "DATE", "what was, or began, at that time or later" },
	{ OPT_UNTIL, "until", "DATE", "what began at that time or before" },
	{ OPT_LIVE, "live", NULL, "only what goes on now" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

/* What the collector says of the rows that it keeps: how many processes each has had. */
static void take_live(struct cover *c, json_t *rows)
{
	json_t *row;
	size_t i, k;

	json_array_foreach(rows, i, row) {
		json_int_t pid = json_integer_value(json_object_get(row, "pid"));
		json_int_t start = json_integer_value(json_object_get(row, "start_ticks"));
		json_int_t count = json_integer_value(json_object_get(row, "processes"));

		for (k = 0; k < c->rows; k++)
			if (c->row[k].kind == COVER_UNRECORDED && c->row[k].live &&
			    c->row[k].pid == pid && (json_int_t)c->row[k].start_ticks == start &&
			    count > 0 && count <= UINT32_MAX)
				c->row[k].processes = (uint32_t)count;
	}
}

/* On the host itself: where no collector answers there is a gap up to now. */
static void ask_live(const struct auditor *a, struct cover *c)
{
	struct cover_row *r;
	char *text = NULL;
	json_t *rows;
	int error = live_ask(a->control, "coverage\n", &text);

	if (error == 0) {
		rows = json_loads(text, 0, NULL);
		take_live(c, rows);
		json_decref(rows);
		free(text);
		return;
	}
	if (a->store.access != NULL || c->last_ns == 0 || (r = cover_add(c, COVER_GAP)) == NULL)
		return;
	r->from_ns = c->last_ns;
	r->live = 1;
	snprintf(r->what, sizeof r->what, error == -ENOENT || error == -ECONNREFUSED ?
	    "no collector runs" : "the collector does not answer");
}

static void keep_live(struct cover *c)
{
	size_t i, kept = 0;

	for (i = 0; i < c->rows; i++)
		if (c->row[i].live)
			c->row[kept++] = c->row[i];
	c->rows = kept;
}

static int no_records(struct cover *c)
{
	struct cover_row *r = cover_add(c, COVER_GAP);

	if (r == NULL)
		return -ENOMEM;
	r->from_ns = c->since_ns > 0 ? c->since_ns : 0;
	r->live = 1;
	snprintf(r->what, sizeof r->what, "there are no process records");
	return 0;
}

static int cannot(const struct auditor *a, int r)
{
	complain("%s: %s", a->store_path, err_text(r));
	return AUDIT_CANNOT;
}

static int show(struct auditor *a, struct cover *c, int live, int json)
{
	struct cover_count n;
	struct users *users;
	int r, wrong;
	long files;

	r = cover_ledger(c, &a->store);
	wrong = r > 0;
	if (r >= 0)
		r = cover_sessions(c, &a->store);
	files = r == 0 ? cover_processes(c, &a->store, &wrong) : r;
	if (files == 0)
		files = no_records(c);
	if (files < 0)
		return cannot(a, (int)files);
	if (a->control[0] != '\0')
		ask_live(a, c);
	users = users_new(&a->store, a->control[0] != '\0');
	if (users == NULL)
		return cannot(a, -ENOMEM);
	if (live)
		keep_live(c);
	cover_finish(c, users);
	users_free(users);
	if (json)
		cover_json(c);
	else
		cover_print(c);
	n = cover_count(c);
	return wrong || n.unrecorded > 0 || n.gaps > 0 ? AUDIT_FINDING : AUDIT_OK;
}

static int take_date(const char *option, int64_t *out)
{
	int r = date_parse(optarg, clock_wall(), out);

	if (r == 0)
		return 0;
	complain("--%s wants " DATE_WORDS, option);
	return -1;
}

int cmd_coverage(struct auditor *a, int argc, char **argv)
{
	struct cover c = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	int o, done, status, live = 0, json = 0;

	while ((o = command_next(command_find("coverage"), argc, argv, &done)) != OPT_END) {
		if (o == OPT_USAGE || (o == OPT_SINCE && take_date("since", &c.since_ns) != 0) ||
		    (o == OPT_UNTIL && take_date("until", &c.until_ns) != 0))
			return AUDIT_USAGE;
		live |= o == OPT_LIVE;
		json |= o == OPT_JSON;
	}
	if (done)
		return AUDIT_OK;
	if (optind != argc || c.since_ns > c.until_ns) {
		complain(optind != argc ? "coverage takes no arguments" :
		    "--since is later than --until");
		return AUDIT_USAGE;
	}
	status = auditor_open(a, 1);
	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status == AUDIT_OK)
		status = show(a, &c, live, json);
	cover_release(&c);
	return status;
}
