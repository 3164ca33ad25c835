/* SPDX-License-Identifier: ISC */
#include "fleet/host_words.h"

#include <fnmatch.h>
#include <stdlib.h>

#include "auditor.h"
#include "err.h"
#include "words/word.h"

static int test_host(void *ctx, const void *subject, const void *value)
{
	const struct word *w = value;

	(void)ctx;
	return fnmatch(w->text, subject, 0) == 0;
}

static const struct predicate predicates[] = {
	{ "host", "a host's name, * for any part", word_read, test_host, free },
	{ NULL, NULL, NULL, NULL, NULL },
};

int host_words_read(struct expression **out, const char *command, int argc, char *const *argv)
{
	char why[EXPRESSION_WHY];
	int r = expression_parse(out, predicates, NULL, argc, argv, why);

	if (r == 0)
		return AUDIT_OK;
	complain("%s: %s", command, r == E_FORMAT ? why : err_text(r));
	return r == E_FORMAT ? AUDIT_USAGE : AUDIT_CANNOT;
}

int host_words_takes(const struct expression *e, const char *name)
{
	return expression_test(e, name);
}
