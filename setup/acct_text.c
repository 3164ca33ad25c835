/* SPDX-License-Identifier: ISC */
#include "acct_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ways.h"

#define ENABLE "ACCT_ENABLE"
#define OURS "# shellac setup: process accounting is shellacd's.  Nothing may turn it off, so that\n" \
	"# the start script and the daily job, which read this, end here.\n" \
	ENABLE "=\"0\"\n" \
	"exit 0\n"

/* The key before the = of a line of so many bytes, without blanks around it. */
static int has_key(const uint8_t *line, size_t len, const char *key)
{
	const uint8_t *eq = memchr(line, '=', len);
	size_t n, want = strlen(key);

	if (eq == NULL)
		return 0;
	for (n = (size_t)(eq - line); n > 0 && (*line == ' ' || *line == '\t'); n--)
		line++;
	while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	return n == want && memcmp(line, key, want) == 0;
}

static size_t line_len(const struct tree_file *f, size_t at)
{
	const uint8_t *end = memchr(f->data + at, '\n', f->len - at);

	return end != NULL ? (size_t)(end - (f->data + at)) : f->len - at;
}

/* Puts text in the place of each line with that key.  How many, or -ENOMEM. */
static int replace_lines(struct tree_file *f, const char *key, const char *text)
{
	const size_t more = strlen(text);
	uint8_t *data;
	size_t at, len;
	int n = 0;

	for (at = 0; at < f->len; at += len + 1) {
		len = line_len(f, at);
		if (!has_key(f->data + at, len, key))
			continue;
		if ((data = malloc(f->len - len + more + 1)) == NULL)
			return -ENOMEM;
		memcpy(data, f->data, at);
		memcpy(data + at, text, more);
		memcpy(data + at + more, f->data + at + len, f->len - at - len + 1);
		free(f->data);
		f->data = data;
		f->len = f->len - len + more;
		len = more;
		n++;
	}
	return n;
}

int acct_text_conf(struct tree_file *f, const char *value)
{
	const char *line = strcmp(value, "own") == 0 ? "acct = own\n" : "acct = off\n";
	char bare[16] = "";
	int n = 0;

	memcpy(bare, line, strlen(line) - 1);
	if (f->type == TREE_FILE)
		n = replace_lines(f, "acct", bare);
	return n < 0 ? n : n == 0 ? way_append(f, line) : 0;
}

int acct_text_default(struct tree_file *f)
{
	return way_append(f, OURS);
}

int acct_text_is_enabled(const struct tree_file *f)
{
	size_t at, len;
	int on = 0;

	for (at = 0; f->type == TREE_FILE && at < f->len; at += len + 1) {
		const char *eq = memchr(f->data + at, '=', len = line_len(f, at));

		if (has_key(f->data + at, len, ENABLE))
			on = strncmp(eq + 1, "\"1\"", 3) == 0 || strncmp(eq + 1, "1", 1) == 0;
	}
	return on;
}
