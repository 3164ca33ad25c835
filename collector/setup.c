/* SPDX-License-Identifier: ISC */
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "keys.h"
#include "log.h"
#include "notary_keep.h"

#define PID_FILE "shellacd.pid"
#define HOLD_PID_FILE "shellacd-hold.pid"
#define PID_MAX 24

/* Exactly of this mode where it is new, whatever the umask. */
static int make_folder(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	return chmod(path, mode) < 0 ? -errno : 0;
}

/* The folder with all above it; theirs get 0755, for recorders to find their way. */
static int make_path(const char *path, mode_t mode)
{
	char up[PATH_MAX];
	char *p;
	int r;

	snprintf(up, sizeof(up), "%s", path);
	for (p = strchr(up + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		r = make_folder(up, 0755);
		if (r != 0)
			return r;
		*p = '/';
	}
	return make_folder(path, mode);
}

/* What others may write to is no place for evidence. */
static int check_private(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		log_error("%s: %s", path, err_text(-errno));
		return -1;
	}
	if (!S_ISDIR(st.st_mode) || (st.st_uid != geteuid() && st.st_uid != 0) ||
	    (st.st_mode & 022) != 0) {
		log_error("%s: not a folder of ours that nobody else may write to; refused", path);
		return -1;
	}
	return 0;
}

static int make_private(const char *path)
{
	int r;

	r = make_path(path, 0700);
	if (r != 0) {
		log_error("%s cannot be made: %s", path, err_text(r));
		return -1;
	}
	return check_private(path);
}

/* In the system's places recorders are the user _shellac, where there is one. */
static void find_recorder(struct collector *c, const char *dir)
{
	const struct passwd *pw = dir == NULL ? getpwnam(PATHS_RECORDER_USER) : NULL;

	c->set_user_id = pw != NULL;
	c->recorder_uid = pw != NULL ? pw->pw_uid : geteuid();
	if (dir == NULL && pw == NULL)
		log_warn("there is no user %s: only who runs this collector can be recorded",
		    PATHS_RECORDER_USER);
}

/* What is right stays as it is: below a service manager a set-group-ID folder may be had,
 * made by tmpfiles.d(5), and not be made. */
static int own_folder(int fd, uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0)
		return -errno;
	return (st.st_mode & 07777) == mode || fchmod(fd, mode) == 0 ? 0 : -errno;
}

/* run/session is for recorders to make FIFOs in, and closed to anybody else. */
static int make_session_folder(struct collector *c, int run)
{
	const struct group *gr;
	int fd, r;

	fd = io_make_dir(run, "session", 0700);
	if (fd < 0 || !c->set_user_id)
		return fd;
	gr = getgrnam(PATHS_COLLECTOR_GROUP);
	r = own_folder(fd, c->recorder_uid, gr != NULL ? gr->gr_gid : getegid(), 02770);
	if (r == 0 && fchmod(run, 0711) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* The spool is the recorders' alone. */
static int make_spool_folder(const struct collector *c)
{
	struct stat st;
	int fd, r;

	r = make_path(c->paths.spool, 0700);
	if (r != 0)
		return r;
	fd = open(c->paths.spool, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if (st.st_uid != geteuid() && st.st_uid != 0 && st.st_uid != c->recorder_uid)
		r = -EPERM;
	else if (fchown(fd, c->recorder_uid, (gid_t)-1) < 0 || fchmod(fd, 0700) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int setup_folders(struct collector *c, const char *dir)
{
	char base[PATH_MAX];
	int run;

	find_recorder(c, dir);
	if (dir != NULL) {
		snprintf(base, sizeof(base), "%.*s", (int)(strrchr(c->paths.run, '/') - c->paths.run),
		    c->paths.run);
		if (make_private(base) != 0)
			return -1;
	}
	if (make_private(c->paths.run) != 0 || make_private(c->paths.store) != 0)
		return -1;
	c->spool_dir = make_spool_folder(c);
	if (c->spool_dir < 0) {
		log_error("%s cannot be used: %s", c->paths.spool, err_text(c->spool_dir));
		return -1;
	}
	run = open(c->paths.run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	c->fifo_dir = run < 0 ? -errno : make_session_folder(c, run);
	if (run >= 0)
		close(run);
	if (c->fifo_dir < 0) {
		log_error("%s/session: %s", c->paths.run, err_text(c->fifo_dir));
		return -1;
	}
	return 0;
}

static void name_holder(const struct collector *c)
{
	char path[PATH_MAX + sizeof(PID_FILE)];
	uint8_t *text = NULL;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", c->paths.run, PID_FILE);
	if (io_read_file(AT_FDCWD, path, PID_MAX, &text, &len) == 0 && len > 0)
		log_error("%s: another collector works here, pid %ld", c->paths.store,
		    strtol((char *)text, NULL, 10));
	else
		log_error("%s: another collector works here", c->paths.store);
	free(text);
}

static int write_pid(const struct collector *c, const char *name, pid_t pid)
{
	char text[PID_MAX];
	int run, len, r;

	len = snprintf(text, sizeof(text), "%ld\n", (long)pid);
	run = open(c->paths.run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = run < 0 ? -errno : io_replace_file(run, name, 0600, text, (size_t)len);
	if (run >= 0)
		close(run);
	if (r != 0)
		log_error("%s/%s: %s", c->paths.run, name, err_text(r));
	return r != 0 ? -1 : 0;
}

void setup_hold_pid(const struct collector *c)
{
	write_pid(c, HOLD_PID_FILE, getppid());
}

int setup_store(struct collector *c)
{
	int r;

	r = store_open(&c->store, c->paths.store);
	if (r == -EWOULDBLOCK) {
		name_holder(c);
		return -1;
	}
	if (r < 0) {
		log_error("%s cannot be opened as a store: %s", c->paths.store, err_text(r));
		return -1;
	}
	return write_pid(c, PID_FILE, getpid());
}

/* Writes store/host.pub where it is missing; another host's is not replaced. */
static int write_pub(struct collector *c)
{
	char path[PATH_MAX + 16];
	struct host_pub pub, found;
	int r;

	snprintf(path, sizeof(path), "%s/host.pub", c->paths.store);
	r = key_pub_load(&found, path);
	if (r == 0 && memcmp(found.pk, c->pk, PK_SIZE) == 0)
		return 0;
	if (r != -ENOENT) {
		log_error("%s: %s; refused", path,
		    r == 0 ? "it is the public key of another host key" : err_text(r));
		return -1;
	}
	memcpy(pub.pk, c->pk, PK_SIZE);
	key_pub_name(pub.name, c->host);
	r = key_pub_write(&pub, path);
	if (r != 0)
		log_error("%s: %s", path, err_text(r));
	return r != 0 ? -1 : 0;
}

int setup_key(struct collector *c)
{
	char up[PATH_MAX];
	int r;

	snprintf(up, sizeof(up), "%.*s", (int)(strrchr(c->paths.key, '/') - c->paths.key),
	    c->paths.key);
	r = make_path(up, 0755);
	if (r != 0) {
		log_error("%s cannot be made: %s", up, err_text(r));
		return -1;
	}
	if (notary_keep_start(c) != 0)
		return -1;
	cert_host_id(c->host_id, c->pk);
	return write_pub(c);
}

void setup_limits(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) < 0)
		return;
	rl.rlim_cur = rl.rlim_max; /* three for each session */
	if (setrlimit(RLIMIT_NOFILE, &rl) < 0)
		log_warn("the limit of open files cannot be raised: %s", err_text(-errno));
}
