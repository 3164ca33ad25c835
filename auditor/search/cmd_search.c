/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "err.h"
#include "fleet/hosts.h"
#include "review/rules_session.h"
#include "search/search.h"
#include "sessions/sessions.h"

#define CONTEXT_MAX 1000

enum { OPT_JSON = OPT_LONG, OPT_IN, OPT_MAX, OPT_NO_INDEX, OPT_RULE,
	OPT_RULES };

const struct opt search_opts[] = {
	{ 'E', "regexp", NULL, "patterns are regular expressions, as of grep -E" },
	{ 'i', "ignore-case", NULL, "upper and lower case are the same" },
	{ 'e', NULL, "PATTERN", "look for this; can be given several times" },
	{ OPT_IN, "in", "WHAT", "screen, typed or commands, several by commas (all)" },
	{ 'C', "context", "N", "show so many lines around each hit" },
	{ 'A', "after", "N", "so many behind it" },
	{ 'B', "before", "N", "so many in front of it" },
	{ 'c', "count", NULL, "only how many hits each session has" },
	{ 'l', "sessions", NULL, "only which sessions have any" },
	{ OPT_MAX, "max", "N", "stop after so many hits" },
	{ OPT_NO_INDEX, "no-index", NULL, "read the recordings, and keep nothing" },
	{ OPT_RULE, "rule", "NAME", "the pattern of this rule, in what it looks at" },
	{ OPT_RULES, "rules", "FILE", "shellac-rules(5) (default: rules beside shellac.conf)" },
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static int read_number(const char *option, unsigned long long max, unsigned long long *out)
{
	if (opt_number(optarg, max, out) == 0)
		return 0;
	complain("%s: %s: a number of at most %llu is wanted", option, optarg, max);
	return -1;
}

static int set_context(struct search_want *w, int c)
{
	unsigned long long n;

	if (read_number("context", CONTEXT_MAX, &n) != 0)
		return -1;
	if (c != 'A')
		w->before = (unsigned)n;
	if (c != 'B')
		w->after = (unsigned)n;
	return 0;
}

static int set_in(struct search_want *w, const char *list)
{
	static const char *const name[] = { "screen", "typed", "commands" };
	size_t len, i;

	for (w->in = 0; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		for (i = 0; i < 3 && (strlen(name[i]) != len || strncmp(name[i], list, len) != 0); i++)
			;
		if (i == 3)
			break;
		w->in |= 1u << i;
	}
	if (*list == '\0' && w->in != 0)
		return 0;
	complain("--in %s: screen, typed and commands is what there is", optarg);
	return -1;
}

static int add_pattern(struct search_want *w, const char *text)
{
	if (w->texts == SEARCH_PATTERNS) {
		complain("-e %s: there are %d patterns already; more cannot be asked for at once",
		    text, SEARCH_PATTERNS);
		return -1;
	}
	w->text[w->texts++] = text;
	return 0;
}

static int set_max(struct search_want *w)
{
	unsigned long long n;

	if (read_number("--max", INT64_MAX, &n) != 0)
		return -1;
	w->max = n;
	return 0;
}

/* One option.  0, or -1 with what is wrong said. */
static int set(struct search_want *w, int c)
{
	switch (c) {
	case 'E':
		w->flags |= PATTERN_REGEX;
		return 0;
	case 'i':
		w->flags |= PATTERN_NOCASE;
		return 0;
	case 'e':
		return add_pattern(w, optarg);
	case 'A':
	case 'B':
	case 'C':
		return set_context(w, c);
	case 'c':
		w->mode = SEARCH_COUNTS;
		return 0;
	case 'l':
		w->mode = SEARCH_NAMES;
		return 0;
	case OPT_IN:
		return set_in(w, optarg);
	case OPT_MAX:
		return set_max(w);
	case OPT_NO_INDEX:
		w->index = 0;
		return 0;
	case OPT_JSON:
		w->json = 1;
		return 0;
	default:
		return -1;
	}
}

static int check_patterns(const struct search_want *w)
{
	struct search_patterns p;
	char why[PATTERN_WHY];
	int r;

	if (w->texts == 0) {
		complain("search: what for? shellac search PATTERN [WORDS...]");
		return -1;
	}
	r = search_patterns_new(&p, w, why);
	if (r != 0)
		complain("%s: %s%s", w->text[p.count], why, w->flags & PATTERN_REGEX ?
		    "" : "; -E takes regular expressions");
	search_patterns_release(&p);
	return r;
}

/* The sessions that the words fit, or all. */
static int choose(struct auditor *a, int argc, char **argv, struct store_session **list,
    size_t *count)
{
	struct sessions *x;
	struct expression *only = NULL;
	char why[EXPRESSION_WHY];
	int r;

	if (argc == 0) {
		for (size_t i = 0; i < a->store.sessions; i++)
			list[(*count)++] = &a->store.session[i];
		return AUDIT_OK;
	}
	if (sessions_open(&x, a) != 0)
		return AUDIT_CANNOT;
	r = sessions_expression(&only, x, argc, argv, why);
	for (size_t i = 0; r == 0 && i < sessions_count(x); i++)
		if (expression_test(only, sessions_row(x, i)))
			list[(*count)++] = sessions_row(x, i)->entry;
	expression_free(only);
	sessions_free(x);
	if (r != 0)
		complain("%s", r == -ENOMEM ? "no memory" : why);
	return r == 0 ? AUDIT_OK : r == -ENOMEM ? AUDIT_CANNOT : AUDIT_USAGE;
}

/* One store's.  *hits and *sessions go up. */
static int search_store(struct auditor *a, const struct search_want *w, int argc, char **argv,
    uint64_t *hits, size_t *sessions)
{
	struct store_session **list;
	struct search_want rest = *w;
	uint64_t found = 0;
	size_t count = 0;
	int status = auditor_want_all(a);

	if (status != AUDIT_OK)
		return status;
	list = calloc(a->store.sessions + 1, sizeof *list);
	if (list == NULL) {
		complain("no memory");
		return AUDIT_CANNOT;
	}
	if (rest.max != UINT64_MAX)
		rest.max -= *hits;
	status = choose(a, argc, argv, list, &count);
	if (status == AUDIT_OK && rest.max > 0)
		status = search_run(a, &rest, list, count, &found);
	free(list);
	*hits += found;
	*sessions += count;
	return status;
}

/* Findings win over what cannot be read. */
static int worse(int a, int b)
{
	if (a == AUDIT_USAGE || b == AUDIT_USAGE)
		return AUDIT_USAGE;
	if (a == AUDIT_FINDING || b == AUDIT_FINDING)
		return AUDIT_FINDING;
	return a > b ? a : b;
}

static int search(struct auditor *a, const struct search_want *w, int argc, char **argv)
{
	struct session_asked asked;
	char why[EXPRESSION_WHY];
	struct hosts all;
	uint64_t hits = 0;
	size_t i, sessions = 0;
	int status, r = session_asked_read(&asked, argc, argv, why);

	if (r != 0) {
		complain("%s", r == E_FORMAT ? why : err_text(r));
		return r == E_FORMAT ? AUDIT_USAGE : AUDIT_CANNOT;
	}
	status = hosts_open_asked(&all, a, &asked);
	if (status == AUDIT_OK)
		for (i = 0; i < all.hosts && status != AUDIT_USAGE; i++)
			status = worse(status, search_store(all.host[i], w, argc, argv, &hits, &sessions));
	if (hits == 0 && (status == AUDIT_OK || status == AUDIT_FINDING))
		complain("no hits in %zu session%s", sessions, sessions == 1 ? "" : "s");
	hosts_release(&all);
	session_asked_release(&asked);
	return status;
}

static int is_colourful(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

/* What a rule of the file at path (NULL: the usual one) looks for.  *r, which has the text,
 * stays the caller's.  An exit status, with a message. */
static int take_rule(struct auditor *a, struct search_want *w, const char *name,
    const char *path, struct rules **r)
{
	static const unsigned in[] = { [RULE_COMMAND] = SEARCH_IN_TYPED | SEARCH_IN_COMMANDS,
		[RULE_TYPED] = SEARCH_IN_TYPED, [RULE_OUTPUT] = SEARCH_IN_SCREEN };
	const struct rule *rule;
	int status = rules_open(r, a, path);

	if (status != AUDIT_OK)
		return status;
	rule = rules_find(*r, name);
	if (rule == NULL || rule->on == RULE_SESSION || w->texts > 0) {
		complain("--rule %s: %s", name, rule == NULL ? "there is no such rule" : w->texts > 0 ?
		    "one rule is looked for, and no -e beside it" :
		    "it is about sessions and not about text; shellac rules --rule finds those");
		return AUDIT_USAGE;
	}
	w->text[w->texts++] = pattern_text(rule->pattern);
	w->flags = pattern_flags(rule->pattern);
	w->in = in[rule->on];
	return AUDIT_OK;
}

static int run(struct auditor *a, struct search_want *w, int argc, char **argv)
{
	if (w->texts == 0 && optind < argc)
		w->text[w->texts++] = argv[optind++];
	if (check_patterns(w) != 0)
		return AUDIT_USAGE;
	w->colour = !w->json && is_colourful();
	if (w->mode != SEARCH_LINES)
		w->before = w->after = 0;
	return search(a, w, argc - optind, argv + optind);
}

int cmd_search(struct auditor *a, int argc, char **argv)
{
	struct search_want w = { .in = SEARCH_IN_SCREEN | SEARCH_IN_TYPED | SEARCH_IN_COMMANDS,
		.max = UINT64_MAX, .index = 1 };
	const char *rule = NULL, *path = NULL;
	struct rules *rules = NULL;
	int c, done, status;

	while ((c = command_next(command_find("search"), argc, argv, &done)) != OPT_END) {
		if (c == OPT_RULE)
			rule = optarg;
		else if (c == OPT_RULES)
			path = optarg;
		else if (set(&w, c) != 0)
			return AUDIT_USAGE;
	}
	if (done)
		return AUDIT_OK;
	status = rule != NULL ? take_rule(a, &w, rule, path, &rules) : AUDIT_OK;
	if (status == AUDIT_OK)
		status = run(a, &w, argc, argv);
	rules_free(rules);
	return status;
}
