/* SPDX-License-Identifier: ISC */
#include "privilege.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum privilege privilege_get(void)
{
	int secure = getauxval(AT_SECURE) != 0;
	struct stat st;

	if (stat("/proc/self/exe", &st) != 0)
		return secure ? PRIVILEGE_LOST : PRIVILEGE_NONE;
	if (secure && (st.st_mode & S_ISUID) != 0 && st.st_uid == geteuid())
		return PRIVILEGE_HELD;
	return secure || (st.st_mode & S_ISUID) != 0 ? PRIVILEGE_LOST : PRIVILEGE_NONE;
}

/* A change of ids sets what fs.suid_dumpable says, and that may be 1: traceable.
 * It holds until exec. */
static int hide(int changed)
{
	int r = changed == 0 ? 0 : -errno;

	prctl(PR_SET_DUMPABLE, 0);
	return r;
}

int privilege_lend(enum privilege p)
{
	return p == PRIVILEGE_HELD ? hide(seteuid(getuid())) : 0;
}

int privilege_take_back(enum privilege p)
{
	uid_t real, effective, saved;

	if (p != PRIVILEGE_HELD)
		return 0;
	return getresuid(&real, &effective, &saved) == 0 ? hide(seteuid(saved)) : -errno;
}

int privilege_become_user(enum privilege p)
{
	gid_t gid = getgid();
	uid_t uid = getuid();

	if (p != PRIVILEGE_HELD)
		return 0;
	/* groups first: afterwards nothing may be changed */
	return setresgid(gid, gid, gid) == 0 ? hide(setresuid(uid, uid, uid)) : -errno;
}

int privilege_become_recorder(enum privilege p)
{
	uid_t uid = geteuid();

	return p == PRIVILEGE_HELD ? hide(setresuid(uid, uid, uid)) : 0;
}
