/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "plugin_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void try_words(const struct plugin_words *w)
{
	const char *argv[PLUGIN_WORDS_MAX + 1];
	unsigned i, n = plugin_words_argv(w, argv);

	assert(n == w->count && n <= PLUGIN_WORDS_MAX && argv[n] == NULL);
	for (i = 0; i < n; i++)
		assert(argv[i] + strlen(argv[i]) < w->text + sizeof(w->text));
}

/* A file that is refused says where and what to do, in plain text; one that is taken has
 * all its fields within limits. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct plugin_conf c;
	static char text[PLUGIN_FILE_MAX];
	struct conf_error errs[4];
	int i, n = plugin_conf_parse(&c, "fuzz", (const char *)p, len, errs, 4);
	const char *s;

	assert(n <= 4);
	for (i = 0; i < n; i++)
		for (s = errs[i].text, assert(*s != '\0'); *s != '\0'; s++)
			assert(*s >= ' ' && *s <= '~');
	if (n > 0)
		return 0;
	assert(c.path[0] == '/' && c.queue_depth > 0 && c.user[0] != '\0');
	assert(c.direction >= PLUGIN_OUT && c.direction <= PLUGIN_BOTH);
	assert(c.hooks <= PLUGIN_HOOKS_MAX && (c.actions & ~15u) == 0);
	try_words(&c.args);
	for (i = 0; i < (int)c.hooks; i++)
		try_words(&c.hook[i].args);
	assert(plugin_conf_dump(&c, text, sizeof(text)) < sizeof(text));
	return 0;
}
