/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "err.h"
#include "escape.h"
#include "output/json.h"
#include "store/live.h"

enum { OPT_JSON = OPT_LONG };

const struct opt status_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static void print_value(const char *prefix, const char *key, json_t *value)
{
	char path[256], safe[512];
	const char *k;
	char index[24];
	json_t *v;
	size_t i;

	snprintf(path, sizeof path, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", key);
	if (json_is_object(value)) {
		json_object_foreach (value, k, v)
			print_value(path, k, v);
		return;
	}
	json_array_foreach (value, i, v) {
		snprintf(index, sizeof index, "%zu", i);
		print_value(path, index, v);
	}
	if (json_array_size(value) > 0)
		return;
	printf("%-28s ", escape_str(safe, sizeof safe, path));
	if (json_is_string(value)) {
		puts(escape_str(safe, sizeof safe, json_string_value(value)));
		return;
	}
	json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	putchar('\n');
}

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static const char *word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "?";
}

/* A line for each. */
static void print_plugins(const json_t *list)
{
	char name[64], safe[1024], text[1024];
	const json_t *p;
	size_t i;

	json_array_foreach (list, i, p) {
		snprintf(name, sizeof name, "plugin %.40s", word(p, "name"));
		snprintf(text, sizeof text, "%.16s, pid %lld, %.8s, queue %lld, sent %lld, acked %lld, "
		    "lost %lld, received %lld, garbage %lld, restarts %lld%s%.200s", word(p, "state"),
		    number(p, "pid"), word(p, "direction"), number(p, "queue"), number(p, "sent"),
		    number(p, "acked"), number(p, "lost"), number(p, "received"), number(p, "garbage"),
		    number(p, "restarts"), word(p, "reason")[0] != '\0' ? ": " : "", word(p, "reason"));
		printf("%-28s ", escape_str(safe, sizeof safe, name));
		puts(escape_str(safe, sizeof safe, text));
	}
}

static int no_collector(const struct auditor *a, int r)
{
	if (a->control[0] == '\0')
		complain("a copied store has no collector");
	else if (r == -EACCES || r == -EPERM)
		complain("%s: only the collector's own user may ask", a->control);
	else
		complain("no collector answers at %s: %s", a->control, err_text(r));
	return AUDIT_CANNOT;
}

static int show_status(const struct auditor *a, int json)
{
	char *text = NULL;
	json_t *o;
	int r = a->control[0] != '\0' ? live_status(a->control, &text) : -ENOENT;

	if (r != 0)
		return no_collector(a, r);
	o = json_loads(text, 0, NULL);
	free(text);
	if (!json_is_object(o)) {
		json_decref(o);
		return no_collector(a, -EPROTO);
	}
	if (json) {
		json_line(o);
		return AUDIT_OK;
	}
	print_plugins(json_object_get(o, "plugins"));
	json_object_del(o, "plugins");
	print_value("", "", o);
	json_decref(o);
	return AUDIT_OK;
}

int cmd_status(struct auditor *a, int argc, char **argv)
{
	int status, json = command_flag("status", argc, argv, &status);

	return json < 0 ? status : show_status(a, json);
}
