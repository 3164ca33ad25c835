/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TARGET_H
#define SHELLAC_TARGET_H

#include "candidate.h"
#include "push_message.h"
#include "tree.h"

/* One witness: what it knows of our log, as far as its answers tell, and when it is to
 * be asked next.  No network here. */
#define TARGET_BODY_MAX (NOTE_MAX + 4096)
#define TARGET_ANSWER_MAX NOTE_MAX

struct target {
	const struct policy_witness *witness;
	struct push_witness status;
	uint64_t known;        /* size that it is at */
	unsigned corrections;  /* 409 in a row */
	unsigned delay_ms;     /* of the last wait */
	uint64_t due_ns;       /* CLOCK_MONOTONIC; 0 at once */
};

/* What came of a request. */
struct target_answer {
	long status;           /* of HTTP; 0: there was no answer, and why is in error */
	const char *error;
	const char *body;
	size_t len;
};

/* The body of add-checkpoint for k.  Length, or as tree_proof(). */
int target_request(const struct target *t, struct tree *tree, const struct candidate *k,
    char body[TARGET_BODY_MAX]);

/* Nothing could be asked: r of target_request(). */
void target_failed(struct target *t, int r, uint64_t now_ns);

/* Takes the answer to a request for k.  newest is the size of our newest checkpoint. */
void target_take(struct target *t, struct candidate *k, uint64_t newest,
    const struct target_answer *a, uint64_t now_ns);

#endif
