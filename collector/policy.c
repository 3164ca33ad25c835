/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include "err.h"
#include "log.h"

#define ERRORS_MAX 32

int policy_read(struct conf *conf, const char *path)
{
	struct conf_error errs[ERRORS_MAX];
	struct conf read;
	int n, i;

	n = conf_load(&read, path, errs, ERRORS_MAX);
	if (n == 0) {
		*conf = read;
		return 0;
	}
	if (n < 0)
		log_error("%s: %s", path, err_text(n));
	for (i = 0; i < n && i < ERRORS_MAX; i++)
		log_error("%s:%u: %s", path, errs[i].line, errs[i].text);
	return -1;
}
