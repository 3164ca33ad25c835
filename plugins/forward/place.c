/* SPDX-License-Identifier: ISC */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"

#define MESSAGE_MAX 1024 /* of the protocol */

/* One component at a time. */
static int open_below(int folder, const char *path, int flags)
{
	int at = fcntl(folder, F_DUPFD_CLOEXEC, 3), next, last = 0;
	char part[256];
	size_t len;

	if (at < 0)
		return -errno;
	while (at >= 0 && !last) {
		len = strcspn(path, "/");
		last = path[len] == '\0';
		if (len == 0 || len >= sizeof(part)) {
			close(at);
			return -EINVAL;
		}
		memcpy(part, path, len);
		part[len] = '\0';
		path += len + 1;
		next = openat(at, part, O_NOFOLLOW | O_CLOEXEC |
		    (last ? O_RDONLY | O_NONBLOCK | O_NOCTTY | flags : O_PATH | O_DIRECTORY));
		if (next < 0)
			next = -errno;
		close(at);
		at = next;
	}
	return at;
}

/* The answer, and the descriptor that came with it. */
static int receive(int fd, char answer[MESSAGE_MAX], int *file)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = answer, .iov_len = MESSAGE_MAX - 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = sizeof(control.room)};
	const struct cmsghdr *c;
	ssize_t n;

	*file = -1;
	do
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -EPIPE;
	answer[n] = '\0';
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(file, CMSG_DATA(c), sizeof(int));
	return 0;
}

static int ask(int fd, const char *path)
{
	char text[MESSAGE_MAX];
	int len = snprintf(text, sizeof(text), "open %s", path), file, code, r;

	if (len >= (int)sizeof(text))
		return -ENAMETOOLONG;
	if (send(fd, text, (size_t)len, MSG_NOSIGNAL) < 0)
		return -errno;
	r = receive(fd, text, &file);
	if (r != 0)
		return r;
	if (strcmp(text, "ok") == 0 && file >= 0)
		return file;
	if (file >= 0)
		close(file);
	if (sscanf(text, "error %d", &code) == 1 && code > 0 && code < 4096)
		return -code;
	return strncmp(text, "refused", 7) == 0 || strcmp(text, "want") == 0 ? -EACCES : -EPROTO;
}

static int open_kind(const struct place *p, const char *path, int flags, mode_t type)
{
	int fd = p->access >= 0 ? ask(p->access, path) : open_below(p->folder, path, flags);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != type)) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

int place_file(const struct place *p, const char *path)
{
	return open_kind(p, path, 0, S_IFREG);
}

int place_folder(const struct place *p, const char *path)
{
	return open_kind(p, path, O_DIRECTORY, S_IFDIR);
}

int place_read(const struct place *p, const char *path, size_t max, uint8_t **out, size_t *len)
{
	int fd = place_file(p, path), r;

	if (fd < 0)
		return fd;
	r = io_read_fd(fd, max, out, len);
	close(fd);
	return r;
}
