/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"

#define BACKLOG 128

/* "[::1]:80" or "127.0.0.1:80" in its parts; *port points into where. */
static int split(const char *where, char *host, size_t room, const char **port)
{
	const char *colon = strrchr(where, ':'), *from = where, *to = colon;

	if (colon == NULL || colon[1] == '\0')
		return -EINVAL;
	if (*from == '[') {
		if (to[-1] != ']')
			return -EINVAL;
		from++;
		to--;
	}
	if (to <= from || (size_t)(to - from) >= room)
		return -EINVAL;
	snprintf(host, room, "%.*s", (int)(to - from), from);
	*port = colon + 1;
	return 0;
}

static int listen_at(const struct addrinfo *a)
{
	int fd, one = 1, r;

	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

static int format_url(int fd, char out[HTTP_URL_MAX])
{
	char host[INET6_ADDRSTRLEN + 16], port[8];
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
		return -errno;
	if (getnameinfo((struct sockaddr *)&sa, len, host, sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return -EINVAL;
	snprintf(out, HTTP_URL_MAX, strchr(host, ':') != NULL ? "http://[%s]:%s" : "http://%s:%s",
	    host, port);
	return 0;
}

int http_listen(const char *where, char out[HTTP_URL_MAX])
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *list = NULL;
	char host[64];
	const char *port;
	int fd, r;

	r = split(where, host, sizeof(host), &port);
	if (r != 0 || getaddrinfo(host, port, &hints, &list) != 0)
		return -EINVAL;
	fd = listen_at(list);
	freeaddrinfo(list);
	r = fd < 0 ? fd : format_url(fd, out);
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		return r;
	}
	return fd;
}
