/* SPDX-License-Identifier: ISC */
#include "front_note.h"

#include <errno.h>
#include <sys/socket.h>

int front_note_send(int fd, enum front_note_kind kind, int32_t value)
{
	const struct front_note n = { .kind = kind, .value = value };

	return send(fd, &n, sizeof(n), MSG_NOSIGNAL) == (ssize_t)sizeof(n) ? 0 : -errno;
}

int front_note_receive(int fd, struct front_note *n)
{
	ssize_t len = recv(fd, n, sizeof(*n), MSG_DONTWAIT);

	if (len == (ssize_t)sizeof(*n))
		return 1;
	/* ECONNRESET comes once, before what is there to be read, where the other side
	 * left without having read all that we sent */
	return len < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET) ? 0 : -EPIPE;
}
