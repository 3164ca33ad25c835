/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "review/rules_session.h"

#define RULES_NAME "rules"

/* Beside shellac.conf: of the host, or of this machine where the store is a copy. */
static int usual_path(char out[PATH_MAX], const struct auditor *a)
{
	struct paths p;
	const char *conf = a->paths.conf, *slash;
	int r = a->control[0] != '\0' ? 0 : paths_init(&p, NULL);

	if (r != 0)
		return r;
	if (a->control[0] == '\0')
		conf = p.conf;
	slash = strrchr(conf, '/');
	if (slash == NULL || snprintf(out, PATH_MAX, "%.*s/" RULES_NAME, (int)(slash - conf), conf) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int rules_open(struct rules **out, const struct auditor *a, const char *given)
{
	char path[PATH_MAX], why[PATTERN_WHY];
	unsigned line = 0;
	int r = 0;

	if (given != NULL)
		snprintf(path, sizeof path, "%s", given);
	else if (usual_path(path, a) != 0)
		path[0] = '\0';
	r = rules_load(out, path, &line, why);
	if (r == -ENOENT && given == NULL)
		r = rules_load(out, "", &line, why);
	if (r == 0)
		return AUDIT_OK;
	if (line > 0)
		complain("%s: line %u: %s", path, line, why);
	else
		complain("%s: %s", path, why);
	return AUDIT_CANNOT;
}
