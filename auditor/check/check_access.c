/* SPDX-License-Identifier: ISC */
/* Who may read recordings through the collector. */
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "check/check.h"

void check_access(struct check *k)
{
	const char *name = k->conf.auditors;
	char path[PATH_MAX + 32], fix[CONF_GROUP_MAX + 16];
	const struct group *gr = name[0] != '\0' ? getgrnam(name) : NULL;
	struct check_path p = { .path = path, .type = S_IFSOCK, .uid = k->owner, .mode = 0660 };

	if (k->status == NULL)
		return;
	if (name[0] == '\0') {
		check_fine(k, "auditors = none: the store's owner alone");
		return;
	}
	if (gr == NULL) {
		snprintf(fix, sizeof(fix), "groupadd %s", name);
		check_fail(k, fix, "auditors: there is no group %s", name);
		return;
	}
	p.gid = gr->gr_gid;
	snprintf(path, sizeof(path), "%s/access.sock", k->paths.run);
	if (check_path(k, &p))
		check_fine(k, "group %s, through %s", name, path);
}
