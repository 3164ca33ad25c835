/* SPDX-License-Identifier: ISC */
#include "devnull.h"

#include <fcntl.h>
#include <unistd.h>

void devnull_standard(void)
{
	int fd, n = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (fd = 0; fd <= 2; fd++)
		if (n < 0 || dup2(n, fd) < 0)
			close(fd);
	if (n > 2)
		close(n);
}
