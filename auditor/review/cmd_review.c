/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "clock.h"
#include "review/verbs.h"

enum { OPT_JSON = OPT_LONG, OPT_KEY, OPT_NIGHT, OPT_REVIEWERS, OPT_RULES, OPT_SAMPLE, OPT_SINCE,
	OPT_TEXT, OPT_VERDICT };

#define SAMPLE 500              /* 1/100 % */
#define NIGHT_FROM 22
#define NIGHT_TO 6
#define SINCE_NS (INT64_C(30) * 86400 * 1000000000)

const struct opt review_opts[] = {
	{ OPT_JSON, "json", NULL, "one object a line" },
	{ OPT_SAMPLE, "sample", "PERCENT", "of sessions that nothing is said against (default: 5)" },
	{ OPT_NIGHT, "night", "HH-HH", "hours at which root is looked at (default: 22-6)" },
	{ OPT_SINCE, "since", "DATE", "terminals not recorded since then (default: 30 days)" },
	{ OPT_RULES, "rules", "FILE", "shellac-rules(5) (default: rules beside shellac.conf)" },
	{ OPT_REVIEWERS, "reviewers", "FILE", "only sign-offs by these keys count" },
	{ OPT_KEY, "key", "FILE", "your secret key (default: $SHELLAC_REVIEW_KEY)" },
	{ 'o', "output", "FILE", "sign: write it there, - is stdout; next: into this folder" },
	{ OPT_TEXT, "text", "TEXT", "sign: what you have to say" },
	{ OPT_VERDICT, "verdict", "ok|concern|violation|unreadable", "sign: what you think of it" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static const struct {
	const char *name;
	int (*run)(struct auditor *a, const struct review_args *args);
} verbs[] = {
	{ "next", review_next },
	{ "sign", review_sign },
	{ "submit", review_submit },
	{ "list", review_list },
};

static int wrong(const char *what)
{
	complain("%s", what);
	return -1;
}

static int take_sample(struct review_args *args)
{
	double v = 0;

	if (strcmp(optarg, "0") != 0 && opt_fraction(optarg, 100, &v) != 0)
		return wrong("--sample is a number of percent, from 0 to 100");
	args->sample = (unsigned)(v * 100 + 0.5);
	return 0;
}

static int take_night(struct review_args *args)
{
	unsigned from, to;
	char end;

	if (strlen(optarg) > 5 || optarg[strspn(optarg, "0123456789-")] != '\0' ||
	    sscanf(optarg, "%2u-%2u%c", &from, &to, &end) != 2 || from > 23 || to > 23)
		return wrong("--night is two hours from 0 to 23, as 22-6; 0-0 is no night");
	args->night_from = from;
	args->night_to = to;
	return 0;
}

static int take(struct review_args *args, int c)
{
	switch (c) {
	case OPT_JSON: args->json = 1; return 0;
	case OPT_KEY: args->key = optarg; return 0;
	case OPT_NIGHT: return take_night(args);
	case OPT_REVIEWERS: args->reviewers = optarg; return 0;
	case OPT_RULES: args->rules = optarg; return 0;
	case OPT_SAMPLE: return take_sample(args);
	case OPT_SINCE:
		return auditor_date("since", &args->since_ns);
	case 'o': args->output = optarg; return 0;
	case OPT_TEXT: args->text = optarg; return 0;
	case OPT_VERDICT:
		args->verdict = review_verdict_find(optarg);
		return args->verdict != 0 ? 0 :
		    wrong("--verdict is ok, concern, violation or unreadable");
	default: return -1;
	}
}

int cmd_review(struct auditor *a, int argc, char **argv)
{
	struct review_args args = { .key = getenv("SHELLAC_REVIEW_KEY"), .sample = SAMPLE,
		.night_from = NIGHT_FROM, .night_to = NIGHT_TO, .since_ns = clock_wall() - SINCE_NS };
	int c, done;
	size_t i;

	while ((c = command_next(command_find("review"), argc, argv, &done)) != OPT_END)
		if (take(&args, c) != 0)
			return AUDIT_USAGE;
	if (done)
		return AUDIT_OK;
	if (args.key != NULL && args.key[0] == '\0')
		args.key = NULL;
	args.argc = argc - optind;
	args.argv = argv + optind;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (optind < argc && strcmp(argv[optind], verbs[i].name) == 0) {
			args.argc--;
			args.argv++;
			return verbs[i].run(a, &args);
		}
	return review_queue(a, &args);
}
