/* SPDX-License-Identifier: ISC */
#include "conf_text.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

int conf_text_path(char *out, const char *s)
{
	const char *c;

	for (c = s; *c >= ' ' && *c <= '~'; c++)
		;
	if (strcmp(s, CONF_NONE) == 0)
		out[0] = '\0';
	else if (*s == '/' && *c == '\0' && c - s <= CONF_PATH_MAX)
		memcpy(out, s, (size_t)(c - s) + 1);
	else
		return 0;
	return 1;
}

int conf_text_group(char *out, const char *s)
{
	size_t len = strlen(s);

	if (strcmp(s, CONF_NONE) == 0)
		out[0] = '\0';
	else if (len > 0 && len <= CONF_GROUP_MAX && *s != '-' && s[strspn(s, letters)] == '\0')
		memcpy(out, s, len + 1);
	else
		return 0;
	return 1;
}

void conf_error_set(struct conf_error *e, unsigned line, const char *fmt, va_list ap)
{
	char *c;

	e->line = line;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	for (c = e->text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

char *conf_text_trim(char *s)
{
	static const char blanks[] = " \t\r";
	char *end;

	s += strspn(s, blanks);
	end = s + strlen(s);
	while (end > s && strchr(blanks, end[-1]) != NULL)
		end--;
	*end = '\0';
	return s;
}

int conf_text_pair(char *line, char **key, char **value)
{
	char *s = conf_text_trim(line), *equals;

	if (*s == '\0' || *s == '#')
		return 0;
	equals = strchr(s, '=');
	if (equals == NULL)
		return -1;
	*equals = '\0';
	*key = conf_text_trim(s);
	*value = conf_text_trim(equals + 1);
	return 1;
}
