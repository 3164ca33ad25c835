/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REVIEW_VERBS_H
#define SHELLAC_REVIEW_VERBS_H

#include "auditor.h"
#include "review_note.h"

/* shellac review VERB: what was given with it. */
struct review_args {
	int json;
	unsigned sample;               /* of what nothing is said against, in 1/100 % */
	unsigned night_from, night_to; /* hours, local time; the same: no night */
	int64_t since_ns;              /* terminals without a recorder before are left out */
	const char *rules;             /* file, NULL: the usual one */
	enum review_verdict verdict;   /* 0: not given */
	const char *text, *key, *output, *reviewers; /* NULL: not given */
	int argc;                      /* what follows the verb */
	char **argv;
};

/* Each returns an exit status. */
int review_queue(struct auditor *a, const struct review_args *args);
int review_next(struct auditor *a, const struct review_args *args);
int review_sign(struct auditor *a, const struct review_args *args);
int review_submit(struct auditor *a, const struct review_args *args);
int review_list(struct auditor *a, const struct review_args *args);

/* Is all there that signing takes?  An exit status, with a message. */
int review_sign_can(const struct auditor *a, const struct review_args *args);
/* Signs args->argv[0] off, in the open store.  As above. */
int review_sign_open(struct auditor *a, const struct review_args *args);

#endif
