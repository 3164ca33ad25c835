/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "witness_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* All witnesses together reach any quorum, and one more never makes it less. */
static void try_quorum(const struct witness_policy *p)
{
	uint8_t seen[POLICY_WITNESSES_MAX] = { 0 };
	int before, now;
	unsigned i;

	before = policy_satisfied(p, seen);
	for (i = 0; i < policy_witnesses(p); i++) {
		seen[i] = 1;
		now = policy_satisfied(p, seen);
		assert(now >= before);
		before = now;
	}
	assert(before == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct witness_policy *policy = NULL;
	unsigned line, i;

	if (policy_parse(&policy, (const char *)p, len, &line) != 0) {
		assert(policy == NULL);
		return 0;
	}
	for (i = 0; i < policy_witnesses(policy); i++) {
		assert(policy_witness(policy, i)->key.alg == NOTE_COSIGNATURE);
		assert(strlen(policy_witness(policy, i)->name) > 0);
		assert(strlen(policy_witness(policy, i)->url) < POLICY_URL_MAX);
	}
	for (i = 0; i < policy_logs(policy); i++)
		assert(strlen(policy_log(policy, i)->name) > 0);
	try_quorum(policy);
	policy_free(policy);
	return 0;
}
