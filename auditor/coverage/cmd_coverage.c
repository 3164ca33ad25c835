/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "coverage/coverage.h"
#include "err.h"
#include "fleet/host_words.h"
#include "fleet/hosts.h"
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

struct asked {
	int64_t since_ns, until_ns;
	int live, json;
	struct expression *hosts; /* of a fleet */
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

/* What one host's store says.  1 where some of it is not right, which was said; 0; or an
 * exit status below 0, said. */
static int gather(struct auditor *a, struct cover *c, int live)
{
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
		return -cannot(a, (int)files);
	if (a->control[0] != '\0')
		ask_live(a, c);
	users = users_new(&a->store, a->control[0] != '\0');
	if (users == NULL)
		return -cannot(a, -ENOMEM);
	if (live)
		keep_live(c);
	cover_finish(c, users);
	users_free(users);
	return wrong;
}

static int show(const struct cover *c, const struct asked *q, int fleet, int wrong)
{
	struct cover_count n = cover_count(c);

	if (q->json)
		cover_json(c);
	else
		cover_print(c, fleet);
	return wrong || n.unrecorded > 0 || n.gaps > 0 ? AUDIT_FINDING : AUDIT_OK;
}

static int of_store(struct auditor *a, const struct asked *q)
{
	struct cover c = { .since_ns = q->since_ns, .until_ns = q->until_ns };
	int status = auditor_open(a, 1), r = 0;

	if (status == AUDIT_OK)
		status = auditor_want_all(a);
	if (status == AUDIT_OK)
		r = gather(a, &c, q->live);
	if (status == AUDIT_OK)
		status = r < 0 ? -r : show(&c, q, 0, r);
	cover_release(&c);
	return status;
}

/* Adds one host's. */
static int of_host(struct auditor *a, const struct fleet_host *h, const struct asked *q,
    struct cover *all)
{
	struct cover c = { .since_ns = q->since_ns, .until_ns = q->until_ns };
	struct auditor one;
	int status = hosts_open_child(&one, a, h), r = status == AUDIT_OK ? 0 : -status;

	if (r == 0)
		r = gather(&one, &c, q->live);
	if (r >= 0 && cover_join(all, &c, h->name) != 0)
		r = -cannot(&one, -ENOMEM);
	cover_release(&c);
	hosts_close_child(&one);
	return r;
}

static int of_fleet(struct auditor *a, const struct asked *q)
{
	struct cover all = { .since_ns = q->since_ns, .until_ns = q->until_ns };
	int status = hosts_connect(a), r = 0, wrong = 0;
	size_t i;

	for (i = 0; status == AUDIT_OK && r >= 0 && i < fleet_hosts(a->fleet); i++) {
		const struct fleet_host *h = fleet_host(a->fleet, i);

		if (!host_words_takes(q->hosts, h->name))
			continue;
		r = of_host(a, h, q, &all);
		wrong |= r > 0;
	}
	if (status == AUDIT_OK)
		status = r < 0 ? -r : show(&all, q, 1, wrong);
	cover_release(&all);
	return status;
}

static int read_words(struct asked *q, const struct auditor *a, int argc, char **argv)
{
	if (a->conninfo == NULL && argc > 0) {
		complain("coverage takes no arguments, but of a fleet: which hosts");
		return AUDIT_USAGE;
	}
	if (q->since_ns > q->until_ns) {
		complain("--since is later than --until");
		return AUDIT_USAGE;
	}
	return host_words_read(&q->hosts, "coverage", argc, argv);
}

int cmd_coverage(struct auditor *a, int argc, char **argv)
{
	struct asked q = { .since_ns = INT64_MIN, .until_ns = INT64_MAX };
	int o, done, status;

	while ((o = command_next(command_find("coverage"), argc, argv, &done)) != OPT_END) {
		if (o == OPT_USAGE || (o == OPT_SINCE && auditor_date("since", &q.since_ns) != 0) ||
		    (o == OPT_UNTIL && auditor_date("until", &q.until_ns) != 0))
			return AUDIT_USAGE;
		q.live |= o == OPT_LIVE;
		q.json |= o == OPT_JSON;
	}
	if (done)
		return AUDIT_OK;
	status = read_words(&q, a, argc - optind, argv + optind);
	if (status == AUDIT_OK)
		status = a->conninfo != NULL ? of_fleet(a, &q) : of_store(a, &q);
	expression_free(q.hosts);
	return status;
}
