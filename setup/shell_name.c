/* SPDX-License-Identifier: ISC */
#include "shell_name.h"

#include <string.h>

/* as the links that are installed */
static const char *const names[] = { "bash", "dash", "fish", "ksh", "mksh", "tcsh", "zsh" };

static const char *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return names[i];
	return NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

const char *shell_name(const char *path)
{
	if (path[0] != '/')
		return NULL;
	return strcmp(last_part(path), "sh") == 0 ? find("dash") : find(last_part(path));
}

int shell_is_restricted(const char *path)
{
	const char *name = last_part(path);

	return name[0] == 'r' && find(name + 1) != NULL;
}
