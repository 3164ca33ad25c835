/* SPDX-License-Identifier: ISC */
#include "notice.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "escape.h"
#include "io.h"
#include "utf8.h"

static int check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022) != 0)
		return -EPERM;
	return st.st_size > 0 && st.st_size <= NOTICE_MAX ? 0 : E_RANGE;
}

static int check_text(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	uint32_t cp;
	int n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = utf8_next(p, len, &cp);
		if (n <= 0 || (cp != '\n' && !escape_printable(cp)))
			return E_FORMAT;
	}
	return 0;
}

static int read_text(struct notice *n, int fd)
{
	ssize_t len = io_read_all(fd, n->text, sizeof(n->text));

	if (len <= 0)
		return len < 0 ? (int)len : E_RANGE;
	n->len = (size_t)len;
	hash_of(n->hash, n->text, n->len);
	return check_text(n->text, n->len);
}

int notice_load(struct notice *n, const char *path)
{
	/* O_NONBLOCK: opening somebody's FIFO must not hang */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = check_file(fd);
	if (r == 0)
		r = read_text(n, fd);
	close(fd);
	return r;
}

const char *notice_error(int r)
{
	switch (r) {
	case E_RANGE:
		return "it is empty or longer than 4096 bytes";
	case E_FORMAT:
		return "it holds something else than printable UTF-8 and line feeds";
	case -EPERM:
		return "it must be root's, and nobody else may write to it";
	default:
		return err_text(r);
	}
}
