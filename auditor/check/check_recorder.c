/* SPDX-License-Identifier: ISC */
/* The set-user-ID recorder. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "check/check.h"
#include "err.h"

#define RECORDER CHECK_BINDIR "/shellac-rec"

void check_recorder(struct check *k)
{
	const struct check_path p = { RECORDER, S_IFREG, k->recorder, (gid_t)-1, 04755, 0, 0 };
	struct statvfs fs;

	if (!k->have_users) {
		check_fail(k, "systemd-sysusers, then make install-setuid",
		    "there is no user " PATHS_RECORDER_USER " or no group " PATHS_COLLECTOR_GROUP
		    ": only root can be recorded");
		return;
	}
	if (!check_path(k, &p) || !check_above(k, RECORDER))
		return;
	if (statvfs(RECORDER, &fs) < 0) {
		check_fail(k, "", "%s: %s", RECORDER, err_text(-errno));
		return;
	}
	if (fs.f_flag & (ST_NOSUID | ST_NOEXEC)) {
		check_fail(k, "mount -o remount,suid,exec its file system, and see fstab(5)",
		    "%s is on a file system mounted nosuid or noexec: nobody is recorded",
		    RECORDER);
		return;
	}
	check_fine(k, "%s is set-user-ID %s", RECORDER, PATHS_RECORDER_USER);
}
