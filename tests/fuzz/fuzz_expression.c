/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../auditor/words/expression.h"
#include "err.h"

#define WORDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int read_word(void *ctx, const char *word, void **value)
{
	(void)ctx;
	*value = strdup(word);
	return *value != NULL ? 0 : -ENOMEM;
}

static int is_word(void *ctx, const void *subject, const void *value)
{
	(void)ctx;
	return strcmp(subject, value) == 0;
}

static const struct predicate table[] = {
	{ "user", "a name", read_word, is_word, free },
	{ "command", "a name", read_word, is_word, free },
	{ "cwd", "a name", read_word, is_word, free },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* Arguments are the lines of the input.  What is refused says why. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	char *text = malloc(len + 1), *argv[WORDS_MAX], *line, why[EXPRESSION_WHY] = "";
	struct expression *e = NULL;
	int argc = 0, r;

	if (text == NULL)
		abort();
	memcpy(text, p, len);
	text[len] = '\0';
	for (line = strtok(text, "\n"); line != NULL && argc < WORDS_MAX; line = strtok(NULL, "\n"))
		argv[argc++] = line;
	r = expression_parse(&e, table, NULL, argc, argv, why);
	assert(r == 0 || (r == E_FORMAT && why[0] != '\0' && e == NULL));
	if (r == 0) {
		r = expression_test(e, "a");
		assert(r == 0 || r == 1);
	}
	expression_free(e);
	free(text);
	return 0;
}
