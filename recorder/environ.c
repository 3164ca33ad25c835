/* SPDX-License-Identifier: ISC */
#include "environ.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

char **environ_split(char *p, char *end)
{
	size_t n = 0, i;
	char **env, *s;

	for (s = p; s < end; s++)
		n += *s == '\0';
	env = calloc(n + 1, sizeof(*env));
	if (env == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		env[i] = p;
		p += strlen(p) + 1;
	}
	return env;
}

char **environ_take(int secure, int argc, char **argv)
{
	/* execve(2) puts arguments, environment and file name one behind the other */
	char *end = (char *)(uintptr_t)getauxval(AT_EXECFN), *first;
	char **env;

	if (!secure)
		return environ;
	first = argc > 0 ? argv[argc - 1] + strlen(argv[argc - 1]) + 1 : NULL;
	env = first != NULL && end != NULL && first <= end ? environ_split(first, end) : environ;
	environ = NULL;
	return env;
}

static int is_named(const char *s, const char *name)
{
	size_t len = strlen(name);

	return strncmp(s, name, len) == 0 && s[len] == '=';
}

char *environ_find(char *const *env, const char *name)
{
	for (; *env != NULL; env++)
		if (is_named(*env, name))
			return *env + strlen(name) + 1;
	return NULL;
}

void environ_replace(char **env, const char *name, const char *value)
{
	for (; *env != NULL; env++)
		if (is_named(*env, name) && asprintf(env, "%s=%s", name, value) < 0)
			abort();
}
