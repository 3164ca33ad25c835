/* SPDX-License-Identifier: ISC */
/* What an auditor asks for: what is given leads nowhere but down. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../collector/access_path.h"

#define PATH_SIZE 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int leads_astray(const char *path)
{
	return path[0] == '/' || path[0] == '\0' || strstr(path, "..") != NULL ||
	    strstr(path, "//") != NULL || path[strlen(path) - 1] == '/' ||
	    strstr(path, "key") != NULL || strstr(path, "access") != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[PATH_SIZE];
	uint64_t n = 0;

	if (size >= sizeof(path))
		return 0;
	memcpy(path, data, size);
	path[size] = '\0';
	if (access_classify(path, &n) != ACCESS_NEVER && leads_astray(path))
		abort();
	return 0;
}
