/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "err.h"
#include "host/alerts.h"
#include "host/status_screen.h"
#include "output/json.h"
#include "store/live.h"

enum { OPT_JSON = OPT_LONG, OPT_OPENMETRICS };

const struct opt status_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object" },
	{ OPT_OPENMETRICS, "openmetrics", NULL, "metrics for programs that watch many hosts" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static int no_collector(const struct auditor *a, int r)
{
	const struct alert *silent = &alerts[ALERT_SILENT];

	if (a->control[0] == '\0')
		complain("a copied store has no collector");
	else if (r == -EACCES || r == -EPERM)
		complain("%s: only the collector's own user may ask", a->control);
	else
		complain("%s (%s: %s); %s", silent->words, a->control, err_text(r), silent->remedy);
	return AUDIT_CANNOT;
}

/* Asks for an object.  NULL with *status after it said why there is none. */
static json_t *ask(const struct auditor *a, const char *question, int *status)
{
	char *text = NULL;
	json_t *o = NULL;
	int r = a->control[0] != '\0' ? live_ask(a->control, question, &text) : -ENOENT;

	if (r == 0 && strcmp(text, "unknown") == 0) {
		complain("the collector is of an earlier version and has no metrics; start it again");
		*status = AUDIT_CANNOT;
		goto out;
	}
	if (r == 0) {
		o = json_loads(text, 0, NULL);
		r = -EPROTO;
	}
	if (json_is_object(o))
		goto out;
	json_decref(o);
	o = NULL;
	*status = no_collector(a, r);
out:
	free(text);
	return o;
}

static int show_status(const struct auditor *a, int json)
{
	int status;
	json_t *o = ask(a, "status\n", &status);

	if (o == NULL)
		return status;
	status = status_judge(o);
	if (json) {
		json_line(o);
		return status;
	}
	status_screen(o);
	json_decref(o);
	return status;
}

/* Printable ASCII and line feeds: there is nothing else in such a text. */
static int is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s != '\n' && (*s < ' ' || *s > '~'))
			return 0;
	return 1;
}

static int show_metrics(const struct auditor *a)
{
	const char *text;
	int status;
	json_t *o = ask(a, "metrics\n", &status);

	if (o == NULL)
		return status;
	text = json_string_value(json_object_get(o, "openmetrics"));
	if (text != NULL && is_plain(text)) {
		fputs(text, stdout);
		status = AUDIT_OK;
	} else {
		status = no_collector(a, -EPROTO);
	}
	json_decref(o);
	return status;
}

int cmd_status(struct auditor *a, int argc, char **argv)
{
	int c, done, json = 0, metrics = 0;

	while ((c = command_next(command_find("status"), argc, argv, &done)) != OPT_END) {
		if (c == OPT_USAGE)
			return AUDIT_USAGE;
		json |= c == OPT_JSON;
		metrics |= c == OPT_OPENMETRICS;
	}
	if (done)
		return AUDIT_OK;
	if (optind != argc || json + metrics > 1) {
		complain(optind != argc ? "status takes no arguments" :
		    "--json or --openmetrics, not both");
		return AUDIT_USAGE;
	}
	return metrics ? show_metrics(a) : show_status(a, json);
}
