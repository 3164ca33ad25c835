/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "../../auditor/review/rules.h"
#include "err.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void hit(void *arg, const struct rule *rule, size_t at, size_t len)
{
	const struct rules_subject *s = arg;

	assert(at + len <= s->len && rule->severity >= 1 && rule->severity <= 100);
}

/* A file that is refused says where; one that is taken can be held against any text. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static const enum rule_on on[] = { RULE_COMMAND, RULE_TYPED, RULE_OUTPUT, RULE_SESSION };
	struct rules_subject s = { .text = "sudo rm -rf / # ann", .len = 19, .user = "ann",
		.host = "db1" };
	char why[PATTERN_WHY];
	struct rules *r;
	unsigned line;
	size_t i;
	int e = rules_parse(&r, (const char *)p, len, &line, why);

	if (e != 0) {
		assert(e != E_FORMAT || (line > 0 && strlen(why) > 0));
		return 0;
	}
	for (i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		s.on = on[i];
		rules_match(r, &s, hit, &s);
	}
	rules_free(r);
	return 0;
}
