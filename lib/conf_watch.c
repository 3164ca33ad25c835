/* SPDX-License-Identifier: ISC */
#include "conf_watch.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "conf_text.h"
#include "decimal.h"

static const char blanks[] = " \t";

/* The next word of *p, at most max bytes, into out: 1; 0 where there is none so short. */
static int take_word(const char **p, char *out, size_t max)
{
	size_t len;

	*p += strspn(*p, blanks);
	len = strcspn(*p, blanks);
	if (len == 0 || len > max)
		return 0;
	memcpy(out, *p, len);
	out[len] = '\0';
	*p += len;
	*p += strspn(*p, blanks);
	return 1;
}

static int is_name(const char *s)
{
	for (; *s != '\0'; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    (*s >= '0' && *s <= '9') || strchr("._-", *s) != NULL))
			return 0;
	return 1;
}

static int is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return 0;
	return 1;
}

static int take_grace(const char **p, unsigned *grace_s)
{
	char word[8];
	uint64_t v;

	if (!take_word(p, word, sizeof(word) - 1) || decimal_get(&v, word, strlen(word)) != 0 ||
	    v > CONF_WATCH_GRACE_MAX)
		return 0;
	*grace_s = (unsigned)v;
	return 1;
}

/* "user USER" and "grace SECONDS", each once, in any order. */
static int take_options(const char *p, struct conf_watch *w)
{
	int user = 0, grace = 0;
	char word[8];

	while (*p != '\0') {
		if (!take_word(&p, word, sizeof(word) - 1))
			return 0;
		if (strcmp(word, "user") == 0 && !user++) {
			if (!take_word(&p, w->user, CONF_WATCH_USER) || !is_name(w->user))
				return 0;
		} else if (strcmp(word, "grace") == 0 && !grace++) {
			if (!take_grace(&p, &w->grace_s))
				return 0;
		} else {
			return 0;
		}
	}
	return 1;
}

int conf_watch_parse(struct conf_watch *w, const char *value)
{
	struct conf_watch got = {.grace_s = CONF_WATCH_GRACE};

	if (!take_word(&value, got.name, CONF_WATCH_NAME) || !is_name(got.name) ||
	    !take_word(&value, got.command, CONF_WATCH_COMMAND) || !is_printable(got.command) ||
	    !take_options(value, &got))
		return 0;
	*w = got;
	return 1;
}

char *conf_watch_format(char *out, const struct conf_watch *w)
{
	snprintf(out, CONF_WATCH_TEXT, "%s %s%s%s grace %u", w->name, w->command,
	    w->user[0] != '\0' ? " user " : "", w->user, w->grace_s);
	return out;
}

int conf_watch_add(struct conf_watch *list, unsigned *count, const char *value)
{
	struct conf_watch w;
	unsigned i;

	if (strcmp(value, CONF_NONE) == 0)
		return 1;
	if (*count == CONF_WATCH_MAX || !conf_watch_parse(&w, value))
		return 0;
	for (i = 0; i < *count; i++)
		if (strcmp(list[i].name, w.name) == 0)
			return 0;
	list[(*count)++] = w;
	return 1;
}

int conf_watch_dump(const struct conf_watch *list, unsigned count, const char *key, char *out,
    size_t size)
{
	char rule[CONF_WATCH_TEXT];
	size_t len = 0;
	unsigned i;

	if (count == 0)
		return snprintf(out, size, "%s = %s\n", key, CONF_NONE);
	for (i = 0; i < count && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s = %s\n", key,
		    conf_watch_format(rule, &list[i]));
	return (int)len;
}
