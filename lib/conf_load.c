/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "conf.h"
#include "io.h"

#define CONF_FILE_MAX (256 * 1024)

int conf_load(struct conf *c, const char *path, struct conf_error *errs, int max)
{
	uint8_t *text;
	size_t len;
	int r;

	r = io_read_file(AT_FDCWD, path, CONF_FILE_MAX, &text, &len);
	if (r == -ENOENT) {
		conf_defaults(c);
		return 0;
	}
	if (r < 0)
		return r;
	r = conf_parse(c, (const char *)text, len, errs, max);
	free(text);
	return r;
}
