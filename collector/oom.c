/* SPDX-License-Identifier: ISC */
#include "oom.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* proc(5): anybody may raise it */
void oom_as_others(void)
{
	int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	char sign;

	if (fd < 0)
		return;
	if (read(fd, &sign, 1) == 1 && sign == '-' && pwrite(fd, "0", 1, 0) < 0)
		errno = 0; /* it stays spared, which harms nobody */
	close(fd);
}
