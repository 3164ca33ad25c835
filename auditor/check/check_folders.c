/* SPDX-License-Identifier: ISC */
/* Folders, files and sockets: whose they are, and to whom they are closed. */
#include <stdio.h>
#include <sys/stat.h>

#include "check/check.h"

#define ANY ((gid_t)-1)

static int folder(struct check *k, const char *path, uid_t uid, mode_t mode)
{
	const struct check_path p = { .path = path, .type = S_IFDIR, .uid = uid, .gid = ANY,
		.mode = mode };

	return check_path(k, &p);
}

static int below(struct check *k, const char *folder, const char *name, struct check_path p)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	p.path = path;
	return check_path(k, &p);
}

static int run_folder(struct check *k)
{
	mode_t run = k->installed && k->have_users ? 0711 : 0700;
	mode_t session = k->installed && k->have_users ? 02770 : 0700;
	int good = folder(k, k->paths.run, k->owner, run);

	good &= below(k, k->paths.run, "session", (struct check_path){ .type = S_IFDIR,
	    .uid = k->recorder, .gid = k->group, .mode = session });
	good &= below(k, k->paths.run, "register.sock", (struct check_path){ .type = S_IFSOCK,
	    .uid = k->recorder, .gid = ANY, .mode = 0600, .optional = k->status == NULL });
	good &= below(k, k->paths.run, "control.sock", (struct check_path){ .type = S_IFSOCK,
	    .uid = k->owner, .gid = ANY, .mode = 0600, .optional = k->status == NULL });
	good &= below(k, k->paths.run, "shellac.conf", (struct check_path){ .type = S_IFREG,
	    .uid = k->owner, .gid = ANY, .mode = 0644, .optional = 1 });
	return good;
}

static int store_folder(struct check *k)
{
	static const char *const folders[] = { "session", "process", "ledger", "ledger/live",
		"ledger/access", "hold" };
	int good = folder(k, k->paths.store, k->owner, 0700);
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		good &= below(k, k->paths.store, folders[i], (struct check_path){ .type = S_IFDIR,
		    .uid = k->owner, .gid = ANY, .mode = 0700, .optional = 1 });
	good &= below(k, k->paths.store, "shellac.conf", (struct check_path){ .type = S_IFREG,
	    .uid = k->owner, .gid = ANY, .mode = 0600, .optional = 1 });
	return good;
}

void check_folders(struct check *k)
{
	int good = run_folder(k);

	good &= store_folder(k);
	good &= folder(k, k->paths.spool, k->recorder, 0700);
	good &= check_above(k, k->paths.run);
	good &= check_above(k, k->paths.store);
	good &= check_above(k, k->paths.spool);
	good &= check_above(k, k->paths.conf);
	if (good)
		check_fine(k, "%s, %s, %s are closed to others", k->paths.store, k->paths.run,
		    k->paths.spool);
}
