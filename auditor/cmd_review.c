/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "review/verbs.h"

enum { OPT_JSON = OPT_LONG, OPT_KEY, OPT_TEXT, OPT_VERDICT };

const struct opt review_opts[] = {
	{ OPT_JSON, "json", NULL, "list: one object a line" },
	{ OPT_KEY, "key", "FILE", "your secret key (default: $SHELLAC_REVIEW_KEY)" },
	{ 'o', "output", "FILE", "sign: write it there, - is standard output" },
	{ OPT_TEXT, "text", "TEXT", "sign: what you have to say" },
	{ OPT_VERDICT, "verdict", "WORD", "sign: ok, concern, violation or unreadable" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static const struct {
	const char *name;
	int (*run)(struct auditor *a, const struct review_args *args);
} verbs[] = {
	{ "sign", review_sign },
	{ "submit", review_submit },
	{ "list", review_list },
};

static int take(struct review_args *args, int c)
{
	switch (c) {
	case OPT_JSON: args->json = 1; return 0;
	case OPT_KEY: args->key = optarg; return 0;
	case 'o': args->output = optarg; return 0;
	case OPT_TEXT: args->text = optarg; return 0;
	case OPT_VERDICT:
		args->verdict = review_verdict_find(optarg);
		if (args->verdict != 0)
			return 0;
		complain("--verdict is ok, concern, violation or unreadable");
		return -1;
	default: return -1;
	}
}

int cmd_review(struct auditor *a, int argc, char **argv)
{
	struct review_args args = { .key = getenv("SHELLAC_REVIEW_KEY") };
	int c, done;
	size_t i;

	while ((c = command_next(command_find("review"), argc, argv, &done)) != OPT_END)
		if (take(&args, c) != 0)
			return AUDIT_USAGE;
	if (done)
		return AUDIT_OK;
	if (args.key != NULL && args.key[0] == '\0')
		args.key = NULL;
	args.argc = argc - optind - 1;
	args.argv = argv + optind + 1;
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (optind < argc && strcmp(argv[optind], verbs[i].name) == 0)
			return verbs[i].run(a, &args);
	complain("review wants one of: sign ID, submit FILE..., list");
	return AUDIT_USAGE;
}
