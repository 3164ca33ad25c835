/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <unistd.h>

#include "process_events_internal.h"

#define BUFFER (16 * 1024 * 1024) /* some 40,000 messages while the thread does not run */

static int set_up(int fd, size_t buffer)
{
	const int bytes = buffer != 0 && buffer < BUFFER ? (int)buffer : BUFFER;
	const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	uint8_t request[PROC_CONNECTOR_MAX];
	size_t len = proc_connector_request(request, 1);

	/* without CAP_NET_ADMIN up to net.core.rmem_max */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&group, sizeof(group)) < 0 ||
	    send(fd, request, len, MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

int events_socket(size_t buffer)
{
	int fd, r;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	if (fd < 0)
		return -errno;
	r = set_up(fd, buffer);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}
