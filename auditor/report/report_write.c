/* SPDX-License-Identifier: ISC */
#include "report/report_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "io.h"
#include "key/key.h"

#define FD_PATH 32

static int cannot(const char *path, int r)
{
	complain("%s: %s", path, r == -EEXIST ? "it is there already, and stays" : err_text(r));
	return AUDIT_CANNOT;
}

/* A file without a name in the folder of path: whatever happens leaves nothing behind. */
static int open_nameless(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	if (snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
	    slash != NULL ? path : ".") >= (int)sizeof folder)
		return -ENAMETOOLONG;
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd < 0 ? -errno : fd;
}

/* Gives it its name, where nobody has that. */
static int name_it(int fd, const char *path)
{
	char self[FD_PATH];

	if (fsync(fd) != 0)
		return -errno;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0 ? -errno : 0;
}

static int print_to(struct report_write *w, struct report_print *p, int fd)
{
	struct sink out;
	int r = sink_init(&out, fd);

	if (r != 0)
		return r;
	p->out = &out;
	w->print(p);
	r = sink_flush(&out);
	sink_release(&out);
	p->out = NULL;
	return r;
}

static int to_stdout(struct report_write *w, struct report_print *p)
{
	int r = fflush(stdout) != 0 ? -errno : print_to(w, p, STDOUT_FILENO);

	return r == 0 ? AUDIT_OK : cannot("standard output", r);
}

/* The note over the report in fd, as a whole. */
static int sign(struct report_write *w, int fd, char out[NOTE_MAX + NOTE_LINE_MAX], int *len)
{
	struct note_key key;
	uint8_t sk[SK_SIZE];
	int status, text, line;

	status = report_note_digest(&w->note, fd);
	if (status != 0)
		return cannot(w->path, status);
	status = key_load_auditor(w->secret, &key, sk);
	if (status != AUDIT_OK)
		return status;
	text = report_note_format(out, &w->note);
	line = note_sign(out + text + 1, out, (size_t)text, &key, sk, 0);
	sodium_memzero(sk, sizeof sk);
	if (line < 0)
		return cannot(w->secret, line);
	out[text] = '\n';
	*len = text + 1 + line;
	return AUDIT_OK;
}

/* Both get their names, or none does. */
static int name_both(const char *path, int fd, const char *note_path, int note_fd)
{
	int r = name_it(note_fd, note_path);

	if (r != 0)
		return cannot(note_path, r);
	r = name_it(fd, path);
	if (r == 0)
		return AUDIT_OK;
	unlink(note_path);
	return cannot(path, r);
}

static int write_signed(struct report_write *w, int fd)
{
	static char note[NOTE_MAX + NOTE_LINE_MAX];
	char path[PATH_MAX];
	int len = 0, note_fd, status, r;

	if (snprintf(path, sizeof path, "%s" REPORT_NOTE_SUFFIX, w->path) >= (int)sizeof path)
		return cannot(w->path, -ENAMETOOLONG);
	status = sign(w, fd, note, &len);
	if (status != AUDIT_OK)
		return status;
	note_fd = open_nameless(path);
	if (note_fd < 0)
		return cannot(path, note_fd);
	r = io_write_all(note_fd, note, (size_t)len);
	status = r != 0 ? cannot(path, r) : name_both(w->path, fd, path, note_fd);
	close(note_fd);
	return status;
}

static int to_file(struct report_write *w, struct report_print *p)
{
	int fd = open_nameless(w->path), r, status = AUDIT_OK;

	if (fd < 0)
		return cannot(w->path, fd);
	r = print_to(w, p, fd);
	if (r != 0)
		status = cannot(w->path, r);
	else if (w->secret != NULL)
		status = write_signed(w, fd);
	else if ((r = name_it(fd, w->path)) != 0)
		status = cannot(w->path, r);
	close(fd);
	return status;
}

int report_write(struct report_write *w, struct report_print *p)
{
	return w->path == NULL ? to_stdout(w, p) : to_file(w, p);
}
