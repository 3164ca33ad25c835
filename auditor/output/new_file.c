/* SPDX-License-Identifier: ISC */
#include "output/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"

int new_file(const char *path, int (*write)(void *ctx, int fd), void *ctx)
{
	int to_stdout = strcmp(path, "-") == 0, r;
	int fd = to_stdout ? STDOUT_FILENO :
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	r = fd < 0 ? -errno : write(ctx, fd);
	if (fd >= 0 && !to_stdout && r == 0 && fsync(fd) != 0)
		r = -errno;
	if (fd >= 0 && !to_stdout && close(fd) != 0 && r == 0)
		r = -errno;
	if (r != 0 && fd >= 0 && !to_stdout)
		unlink(path);
	if (r != 0)
		complain("%s: %s", to_stdout ? "standard output" : path, err_text(r));
	return r;
}
