/* SPDX-License-Identifier: ISC */
#include "program_path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int program_path(char out[PATH_MAX], const char *name, const char *folder,
    const char *installed)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash != NULL && snprintf(out, PATH_MAX, "%.*s/../%s/%s", (int)(slash - self), self,
		    folder, name) < PATH_MAX && access(out, X_OK) == 0)
			return 0;
	}
	return snprintf(out, PATH_MAX, "%s/%s", installed, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}
