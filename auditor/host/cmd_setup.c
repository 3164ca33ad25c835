/* SPDX-License-Identifier: ISC */
/* How logins come to the recorder, and accounting to the collector; setup/ does it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../setup/setup.h"
#include "auditor.h"
#include "escape.h"
#include "output/json.h"
#include "store/live.h"

enum { OPT_JSON = OPT_LONG, OPT_DRY_RUN, OPT_ROOT, OPT_GROUP, OPT_FORCE, OPT_RELOAD };

const struct opt setup_opts[] = {
	{ OPT_DRY_RUN, "dry-run", NULL, "say what would be changed, and change nothing" },
	{ OPT_GROUP, "group", "GROUP", "its members, for login-shell and forcecommand" },
	{ OPT_RELOAD, "reload", NULL, "tell the daemons that have to know, too" },
	{ OPT_FORCE, "force", NULL, "go over doubts; leave what was changed by hand" },
	{ OPT_ROOT, "root", "DIR", "a host that does not run, below DIR" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

struct shown {
	const struct auditor *a;
	int json;
};

static void show_json(const struct setup_said *s)
{
	static const char *const words[] = {
		"change", "remove", "add", "note", "done", "todo", "wrong",
	};
	json_t *o = json_object();

	json_object_set_new(o, "what", json_bytes(s->what));
	json_object_set_new(o, "word", json_string(words[s->word]));
	json_object_set_new(o, "name", json_bytes(s->name));
	json_object_set_new(o, "text", json_bytes(s->text));
	json_line(o);
}

/* Tabs of a file, which were escaped, as they look. */
static void widen(char *text, size_t size)
{
	char wide[8192];
	size_t n = 0;

	for (const char *p = text; *p != '\0' && n + 8 < sizeof wide; p++) {
		if (p[0] == '\\' && p[1] == 't') {
			memset(wide + n, ' ', 4);
			n += 4;
			p++;
			continue;
		}
		wide[n++] = *p;
		if (p[0] == '\\' && p[1] == '\\')
			wide[n++] = *++p;
	}
	wide[n] = '\0';
	snprintf(text, size, "%s", wide);
}

static void show(void *ctx, const struct setup_said *s)
{
	static const char *const before[] = { "", "  - ", "  + ", "", "", "now run: ", "" };
	const int with_name = s->name[0] != '\0' && s->word != SETUP_MINUS && s->word != SETUP_PLUS;
	const struct shown *shown = ctx;
	char name[512], text[8192];

	if (shown->json) {
		show_json(s);
		return;
	}
	if (s->word == SETUP_WRONG) {
		complain("%s%s%s%s%s", s->what, s->what[0] != '\0' ? ": " : "", s->name,
		    s->name[0] != '\0' ? ": " : "", s->text);
		return;
	}
	escape_str(name, sizeof name, s->name);
	escape_str(text, sizeof text, s->text);
	if (s->word == SETUP_MINUS || s->word == SETUP_PLUS)
		widen(text, sizeof text);
	if (before[s->word][0] != '\0')
		printf("%s%s\n", before[s->word], text);
	else
		printf("%s%s%s%s%s\n", s->what, s->what[0] != '\0' ? ": " : "",
		    with_name ? name : "", with_name ? ": " : "", text);
}

static int accounting(void *ctx)
{
	const struct shown *shown = ctx;
	const char *state;
	char *text;
	json_t *o;
	int on;

	if (live_status(shown->a->control, &text) != 0)
		return -1;
	o = json_loads(text, 0, NULL);
	state = json_string_value(json_object_get(json_object_get(o, "acct"), "state"));
	on = state != NULL && strcmp(state, "on") == 0;
	json_decref(o);
	free(text);
	return on;
}

static int verb_of(const char *word, enum setup_verb *verb)
{
	static const char *const verbs[] = { "enable", "disable", "status" };
	int i;

	for (i = 0; word != NULL && i < 3; i++)
		if (strcmp(word, verbs[i]) == 0) {
			*verb = (enum setup_verb)i;
			return 0;
		}
	complain("setup: enable, disable or status?");
	return -1;
}

int cmd_setup(struct auditor *a, int argc, char **argv)
{
	struct shown shown = { .a = a };
	struct setup_request q = { .say = show, .accounting = accounting, .ctx = &shown };
	int c, done;

	while ((c = command_next(command_find("setup"), argc, argv, &done)) != OPT_END) {
		switch (c) {
		case OPT_JSON: shown.json = 1; break;
		case OPT_DRY_RUN: q.dry_run = 1; break;
		case OPT_ROOT: q.root = optarg; break;
		case OPT_GROUP: q.group = optarg; break;
		case OPT_FORCE: q.force = 1; break;
		case OPT_RELOAD: q.reload = 1; break;
		default: return AUDIT_USAGE;
		}
	}
	if (done)
		return AUDIT_OK;
	if (!a->installed) {
		complain("setup is about this host, or one below --root DIR: without -d and -S, and "
		    "without SHELLAC_DIR");
		return AUDIT_USAGE;
	}
	if (verb_of(argv[optind], &q.verb) != 0)
		return AUDIT_USAGE;
	q.words = argv + optind + 1;
	q.count = argc - optind - 1;
	return setup_run(&q);
}
