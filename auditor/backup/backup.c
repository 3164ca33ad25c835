/* SPDX-License-Identifier: ISC */
#include "backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup_ledger.h"
#include "err.h"
#include "io.h"
#include "process_record.h"
#include "review_note.h"

#define HOST_PUB "host.pub"
#define GROUP_MAX 65536 /* an INPUT with its TEXTs, at most */

/* What an interrupted backup wrote first is nothing yet. */
static int is_empty(int dir)
{
	const struct dirent *e;
	DIR *d = io_list_dir(dir, ".");
	int names = 0;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		names += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, HOST_PUB ".new") != 0;
	closedir(d);
	return names == 0;
}

static int no_folder(struct backup *b, const char *why)
{
	complain("%s: %s", b->path, why);
	backup_close(b);
	return AUDIT_CANNOT;
}

/* Is dir the store, or somewhere in it?  A store takes in nothing of ours. */
static int is_in_store(const struct backup *b, const struct stat *store)
{
	struct stat here, above;
	int dir = dup(b->dir), up, is = 0;

	while (dir >= 0 && !is && fstat(dir, &here) == 0) {
		is = here.st_dev == store->st_dev && here.st_ino == store->st_ino;
		up = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(dir);
		dir = up;
		if (dir < 0 || fstat(dir, &above) != 0 ||
		    (above.st_dev == here.st_dev && above.st_ino == here.st_ino))
			break;
	}
	if (dir >= 0)
		close(dir);
	return is;
}

/* Is it what we made for this host, or nothing yet? */
static const char *is_not_ours(const struct backup *b)
{
	struct host_pub kept;
	char path[PATH_MAX + 16];

	if (is_empty(b->dir))
		return NULL;
	snprintf(path, sizeof path, "%s/host.pub", b->path);
	if (key_pub_load(&kept, path) != 0)
		return "there is something in it, and no host.pub: backup wants a folder that is empty, "
		    "not there, or a backup of this host";
	return memcmp(kept.pk, b->a->key.pk, PK_SIZE) != 0 ? "a backup of another host" : NULL;
}

int backup_open(struct backup *b, struct auditor *a, const char *path)
{
	const char *why;
	struct stat st, store;
	int made;

	b->a = a;
	b->path = path;
	b->dir = -1;
	made = mkdir(path, 0700) == 0;
	if (!made && errno != EEXIST)
		return no_folder(b, err_text(-errno));
	b->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0 || fstat(b->dir, &st) != 0)
		return no_folder(b, err_text(-errno));
	if (a->store.fd >= 0 && fstat(a->store.fd, &store) == 0 && is_in_store(b, &store)) {
		if (made)
			rmdir(path);
		return no_folder(b, "it is in the store itself; backup wants a folder elsewhere");
	}
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return no_folder(b, "others may write to it; backup wants a folder of its own: chmod 700");
	if (flock(b->dir, LOCK_EX | LOCK_NB) != 0)
		return no_folder(b, errno == EWOULDBLOCK ? "another backup goes on there" :
		    err_text(-errno));
	why = is_not_ours(b);
	return why != NULL ? no_folder(b, why) : AUDIT_OK;
}

void backup_close(struct backup *b)
{
	if (b->dir >= 0)
		close(b->dir);
	b->dir = -1;
}

struct folder {
	struct backup *b;
	const char *path;
	struct backup_how how;
};

/* Names that our stores have, and no others: "12", "<digest>", "3-<digest>.note". */
static int is_name(const char *name)
{
	static const char fine[] = "0123456789abcdef-.note";

	return name[0] != '.' && strspn(name, fine) == strlen(name);
}

static int take(void *arg, const char *name)
{
	struct folder *f = arg;
	char path[PATH_MAX];
	int r;

	if (!is_name(name) || snprintf(path, sizeof path, "%s/%s", f->path, name) >= (int)sizeof path)
		return 0;
	r = backup_file(f->b, path, &f->how);
	return r == -ENOENT ? 0 : r;
}

static int put_folder(struct backup *b, const char *path, enum backup_kind kind)
{
	struct folder f = { b, path, { .kind = kind, .limit = UINT64_MAX } };
	int r = store_list(&b->a->store, path, take, &f);

	if (r == -EACCES || r == -EPERM || r == E_REFUSED) {
		b->left_out++; /* for root alone */
		return 0;
	}
	return r == -ENOENT ? 0 : r;
}

static int put_segment(void *arg, const char *name)
{
	struct backup *b = arg;
	struct backup_how how = { .kind = BACKUP_GROWS, .limit = UINT64_MAX, .loose = GROUP_MAX };
	char path[sizeof "process/" + PROCESS_NAME_MAX];
	struct store_state st;

	if (process_file_number(name) == 0)
		return 0;
	snprintf(path, sizeof path, "process/%s", name);
	if (store_file_state(&b->a->store, path, &st) == 0 && st.size >= PROCESS_HEADER)
		how.limit = st.size - (st.size - PROCESS_HEADER) % PROCESS_SIZE;
	return backup_file(b, path, &how);
}

static int put_one(struct backup *b, const char *path)
{
	const struct backup_how how = { .kind = BACKUP_WHOLE, .limit = UINT64_MAX };
	int fd = store_open_file(&b->a->store, path), r;

	if (fd == -EACCES || fd == -EPERM || fd == E_REFUSED) {
		b->left_out++;
		return 0;
	}
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = backup_fd(b, path, fd, &how);
	close(fd);
	return r;
}

/* All that the ledger tells of, before it is put there itself. */
static int put_evidence(struct backup *b)
{
	int r;

	if ((r = put_one(b, "number")) != 0 ||
	    (r = put_one(b, "shellac.conf")) != 0 || (r = backup_sessions(b)) != 0)
		return r;
	r = store_list(&b->a->store, "process", put_segment, b);
	if (r != 0 && r != -ENOENT)
		return r;
	if ((r = put_folder(b, "approval", BACKUP_ONCE)) != 0 ||
	    (r = put_folder(b, REVIEW_DIR, BACKUP_ONCE)) != 0 ||
	    (r = put_folder(b, "hold", BACKUP_WHOLE)) != 0)
		return r;
	return put_folder(b, LEDGER_DIR "/" LEDGER_ACCESS, BACKUP_ONCE);
}

int backup_run(struct backup *b)
{
	struct backup_ledger l;
	int r = put_one(b, HOST_PUB); /* by which it is known */

	if (r != 0)
		return AUDIT_CANNOT;
	r = backup_ledger_read(&l, b);
	if (r == 0 && !b->findings) {
		r = auditor_want_all(b->a) != AUDIT_OK ? E_REFUSED : store_walk(&b->a->store);
		if (r == 0 && (r = put_evidence(b)) == 0)
			r = backup_ledger_put(&l, b);
	}
	backup_ledger_release(&l);
	return r != 0 ? AUDIT_CANNOT : AUDIT_OK;
}
