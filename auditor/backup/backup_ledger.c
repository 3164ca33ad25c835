/* SPDX-License-Identifier: ISC */
#include "backup/backup_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "store/temp_file.h"

#define LOG LEDGER_DIR "/" LEDGER_LOG
#define PIECE 65536

/* In the order in which they are put in place: none says more than the log before it. */
static const char *const notes[BACKUP_NOTES] = { LEDGER_DIR "/" LEDGER_KEYS,
	LEDGER_DIR "/" LEDGER_CHECKPOINT, LEDGER_DIR "/" LEDGER_COSIGNED };

static int copy_of(int fd)
{
	static uint8_t buf[PIECE];
	int out = temp_file(), r = 0;
	uint64_t at = 0;
	ssize_t n = 0;

	if (out < 0)
		return out;
	while (r == 0 && (n = io_pread_all(fd, buf, sizeof buf, at)) > 0) {
		r = io_write_all(out, buf, (size_t)n);
		at += (uint64_t)n;
	}
	if (r == 0 && n < 0)
		r = (int)n;
	if (r == 0)
		return out;
	close(out);
	return r;
}

/* A copy of a file of the store, or -ENOENT; other errors are said. */
static int copy_path(const struct backup *b, const char *path)
{
	int fd = store_open_file(&b->a->store, path);
	int r = fd < 0 ? fd : copy_of(fd);

	if (fd >= 0)
		close(fd);
	if (r < 0 && r != -ENOENT)
		complain("%s/%s: %s", b->a->store_path, path, err_text(r));
	return r;
}

/* Up to the last whole entry; what is wrong with it, verify says. */
static void measure(struct backup_ledger *l, struct backup *b)
{
	static struct ledger_file f;
	struct entry e;
	struct stat st;
	int r;

	ledger_file_init(&f, l->log, NULL);
	while ((r = ledger_file_next(&f, &e)) > 0)
		;
	l->size = f.offset;
	b->next_n = f.next_n;
	if (r != 0 && r != E_SHORT && fstat(l->log, &st) == 0) {
		l->size = (uint64_t)st.st_size;
		b->next_n = 0;
	}
	ledger_file_end(&f);
}

/* Why the ledger does not go on from what was kept, or NULL; *error where it cannot be read. */
static const char *differs(const struct backup_ledger *l, int kept, int *error)
{
	static uint8_t was[PIECE], now[PIECE];
	uint64_t at = 0;
	ssize_t n = 0;

	while (at <= l->size && (n = io_pread_all(kept, was, sizeof was, at)) > 0) {
		size_t common = (uint64_t)n < l->size - at ? (size_t)n : (size_t)(l->size - at);

		if (io_pread_all(l->log, now, common, at) != (ssize_t)common ||
		    memcmp(was, now, common) != 0)
			return "the store's does not go on from it: it is another one; nothing is copied";
		if (common < (size_t)n)
			return "the store's is shorter now: it was put back to an earlier state; nothing is "
			    "copied";
		at += (uint64_t)n;
	}
	*error = n < 0 ? (int)n : 0;
	return NULL;
}

static int compare(const struct backup_ledger *l, struct backup *b)
{
	int kept = openat(b->dir, LOG, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), r = 0;
	const char *why;

	if (kept < 0)
		return errno == ENOENT ? 0 : backup_cannot(b, LOG, -errno);
	why = differs(l, kept, &r);
	close(kept);
	if (why != NULL)
		backup_found(b, LOG, why);
	return r != 0 ? backup_cannot(b, LOG, r) : 0;
}

static int put_live(void *arg, const char *name)
{
	const struct backup_how how = { .kind = BACKUP_ONCE, .limit = UINT64_MAX };
	char path[sizeof LEDGER_DIR "/" LEDGER_LIVE "/" + 20];
	int r;

	if (strspn(name, "0123456789") != strlen(name) || strlen(name) > 20)
		return 0;
	snprintf(path, sizeof path, LEDGER_DIR "/" LEDGER_LIVE "/%s", name);
	r = backup_file(arg, path, &how);
	return r == -ENOENT ? 0 : r; /* pruned since */
}

int backup_ledger_read(struct backup_ledger *l, struct backup *b)
{
	size_t i;
	int r;

	*l = (struct backup_ledger){ .log = -1, .note = { -1, -1, -1 } };
	for (i = 0; i < BACKUP_NOTES; i++) {
		l->note[i] = copy_path(b, notes[i]);
		if (l->note[i] < 0 && l->note[i] != -ENOENT)
			return l->note[i];
	}
	l->log = copy_path(b, LOG);
	if (l->log == -ENOENT)
		return 0;
	if (l->log < 0)
		return l->log;
	measure(l, b);
	if ((r = compare(l, b)) != 0 || b->findings)
		return r;
	r = store_list(&b->a->store, LEDGER_DIR "/" LEDGER_LIVE, put_live, b);
	return r == -ENOENT ? 0 : r;
}

int backup_ledger_put(struct backup_ledger *l, struct backup *b)
{
	const struct backup_how log = { .kind = BACKUP_GROWS, .limit = l->size };
	const struct backup_how whole = { .kind = BACKUP_WHOLE, .limit = UINT64_MAX };
	int r = l->log >= 0 ? backup_fd(b, LOG, l->log, &log) : 0;
	size_t i;

	for (i = 0; i < BACKUP_NOTES && r == 0; i++)
		if (l->note[i] >= 0)
			r = backup_fd(b, notes[i], l->note[i], &whole);
	return r;
}

void backup_ledger_release(struct backup_ledger *l)
{
	size_t i;

	if (l->log >= 0)
		close(l->log);
	for (i = 0; i < BACKUP_NOTES; i++)
		if (l->note[i] >= 0)
			close(l->note[i]);
}
