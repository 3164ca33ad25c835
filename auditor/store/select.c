/* SPDX-License-Identifier: ISC */
#include "store/select.h"

#include <stdio.h>
#include <string.h>

#include "auditor.h"
#include "bytes.h"

#define CANDIDATES_MAX 8 /* shown of an ambiguous id */

static int matches_prefix(const struct store_session *e, const char *prefix)
{
	char id[2 * ID_SIZE + 1];

	hex_put(id, e->name.id, ID_SIZE);
	return strncasecmp(id, prefix, strlen(prefix)) == 0;
}

static int matches_number(const struct store_session *e, unsigned long long n)
{
	return e->name.n == n;
}

static int matches(const struct store_session *e, const char *text, int number,
    unsigned long long n)
{
	return number ? matches_number(e, n) : matches_prefix(e, text);
}

long select_session(const struct store *s, const char *text, long *other)
{
	unsigned long long n = 0;
	int number = text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
	long found = SELECT_NONE;
	size_t i;

	if (strcmp(text, "last") == 0)
		return s->sessions > 0 ? (long)s->sessions - 1 : SELECT_NONE;
	if (number) {
		if (opt_number(text, INT64_MAX, &n) != 0)
			return SELECT_NONE;
	} else if (text[strspn(text, "0123456789abcdefABCDEF")] != '\0' ||
	    strlen(text) < SELECT_PREFIX_MIN || strlen(text) > 2 * ID_SIZE) {
		return SELECT_NO_ID;
	}
	for (i = 0; i < s->sessions; i++) {
		if (!matches(&s->session[i], text, number, n))
			continue;
		if (found >= 0) {
			*other = found;
			return SELECT_AMBIGUOUS;
		}
		found = (long)i;
	}
	return found;
}

static void complain_ambiguous(const struct store *s, const char *text)
{
	char list[CANDIDATES_MAX * 64], id[2 * ID_SIZE + 1];
	int number = text[strspn(text, "0123456789")] == '\0';
	unsigned long long n = 0;
	size_t i, len = 0, shown = 0;

	if (number && opt_number(text, INT64_MAX, &n) != 0)
		return;
	list[0] = '\0';
	for (i = 0; i < s->sessions && shown < CANDIDATES_MAX; i++) {
		if (!matches(&s->session[i], text, number, n))
			continue;
		hex_put(id, s->session[i].name.id, ID_SIZE);
		len += (size_t)snprintf(list + len, sizeof list - len, "%s%llu (%s)",
		    shown > 0 ? ", " : "", (unsigned long long)s->session[i].name.n, id);
		shown++;
	}
	complain("%s: more than one session: %s", text, list);
}

struct store_session *select_or_complain(struct auditor *a, const char *text, int *status)
{
	const char *slash = a->host != NULL ? strchr(text, '/') : NULL;
	long other = 0, i;

	if (slash != NULL) /* a->host is the one in front of it */
		text = slash + 1;
	i = select_session(&a->store, text, &other);
	if (i >= 0)
		return &a->store.session[i];
	*status = i == SELECT_NONE ? AUDIT_CANNOT : AUDIT_USAGE;
	if (i == SELECT_AMBIGUOUS)
		complain_ambiguous(&a->store, text);
	else if (i == SELECT_NO_ID)
		complain("%s: not a session: give its number, at least %d digits of its id, or "
		    "\"last\"", text, SELECT_PREFIX_MIN);
	else
		complain("%s: no such session in %s; \"shellac list\" shows all", text,
		    a->store_path);
	return NULL;
}
