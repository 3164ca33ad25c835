/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "plugin_conf.h"

/* One word from *s on, whose first character is no blank, to out.  NULL, or what is
 * wrong. */
static const char *take_word(const char **s, char **out)
{
	char quote = '\0';

	for (; **s != '\0' && (quote != '\0' || (**s != ' ' && **s != '\t')); (*s)++) {
		if (**s == quote) {
			quote = '\0';
		} else if (quote == '\0' && (**s == '"' || **s == '\'')) {
			quote = **s;
		} else if (**s == '\\' && quote != '\'' &&
		    (quote == '\0' || (*s)[1] == '"' || (*s)[1] == '\\')) {
			if (*++*s == '\0')
				return "nothing follows the last backslash";
			*(*out)++ = **s;
		} else {
			*(*out)++ = **s;
		}
	}
	*(*out)++ = '\0';
	return quote == '\0' ? NULL : "a quote is not closed";
}

const char *plugin_words_parse(struct plugin_words *w, const char *text)
{
	struct plugin_words made = {0};
	char *out = made.text;
	const char *wrong;

	/* a word with its zero is never longer than in the text with the blank behind it */
	if (strlen(text) > PLUGIN_LINE_MAX)
		return "too long";
	for (;;) {
		text += strspn(text, " \t");
		if (*text == '\0')
			break;
		if (made.count == PLUGIN_WORDS_MAX)
			return "too many words";
		wrong = take_word(&text, &out);
		if (wrong != NULL)
			return wrong;
		made.count++;
	}
	*w = made;
	return NULL;
}

unsigned plugin_words_argv(const struct plugin_words *w, const char **argv)
{
	const char *s = w->text;
	unsigned i;

	for (i = 0; i < w->count; i++, s += strlen(s) + 1)
		argv[i] = s;
	argv[i] = NULL;
	return i;
}
