/* SPDX-License-Identifier: ISC */
#include "devnull.h"

#include <fcntl.h>
#include <unistd.h>

int devnull_open(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

void devnull_standard(int null)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
}
