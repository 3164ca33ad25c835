/* SPDX-License-Identifier: ISC */
/* What recorders leave when something goes wrong. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check/check.h"
#include "host/alerts.h"
#include "id_name.h"
#include "io.h"

#define YOUNG_S 10      /* a recorder may just have made it */
#define TAKEN_S 150     /* the collector looks through the spool each minute */

static int is_old(const struct stat *st, time_t age)
{
	return st->st_ctime + age <= time(NULL);
}

/* What a recorder makes there is a FIFO of its own, 0640. */
static int is_fifo(const struct check *k, const char *name, const struct stat *st)
{
	uint8_t id[ID_SIZE];

	return fifo_name_parse(id, name) == 0 && S_ISFIFO(st->st_mode) &&
	    st->st_uid == k->recorder && (st->st_mode & 07137) == 0 && st->st_nlink == 1;
}

void check_fifos(struct check *k)
{
	char path[PATH_MAX + 16];
	long old = 0, all = 0, live = (long)check_number(k, "fifos");
	int good = 1;
	struct dirent *e;
	struct stat st;
	DIR *d;

	snprintf(path, sizeof(path), "%s/session", k->paths.run);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (is_fifo(k, e->d_name, &st)) {
			old += is_old(&st, YOUNG_S);
			all++;
			continue;
		}
		check_fail(k, "look at it, then remove it", "%s/%s is no FIFO of a recorder", path,
		    e->d_name);
		good = 0;
	}
	if (d == NULL)
		return; /* said among the folders */
	closedir(d);
	if (live >= 0 && old > live)
		check_warn(k, "see the collector's log; those of killed recorders can be removed",
		    "%ld FIFOs in %s, of which the collector reads %ld", old, path, live);
	else if (good)
		check_fine(k, "%ld in %s", all, path);
}

/* Its recorder holds a lock as long as it lives. */
static int is_left(int dir, const char *name, const struct stat *st)
{
	int fd, left;

	if (!is_old(st, TAKEN_S))
		return 0;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	left = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;
	if (fd >= 0)
		close(fd);
	return left;
}

void check_spool(struct check *k)
{
	unsigned left = 0, odd = 0, live = 0;
	uint8_t id[ID_SIZE];
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(k->paths.spool);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (spool_name_parse(id, e->d_name) != 0)
			odd++;
		else if (is_left(dirfd(d), e->d_name, &st))
			left++;
		else
			live++;
	}
	if (d == NULL)
		return; /* said among the folders */
	closedir(d);
	if (odd > 0)
		check_warn(k, alerts[ALERT_SPOOL_REFUSED].remedy, "%s: %u in %s",
		    alerts[ALERT_SPOOL_REFUSED].words, odd, k->paths.spool);
	if (left > 0)
		check_warn(k, "start shellacd, or see its log",
		    "%u sessions in %s wait to be taken in", left, k->paths.spool);
	if (odd + left == 0)
		check_fine(k, "%u in use, nothing left over", live);
}
