/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "check/check.h"
#include "err.h"
#include "store/live.h"

enum { OPT_JSON = OPT_LONG };

const struct opt check_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

/* In this order: what others rest on comes first. */
static const struct {
	const char *name;
	void (*run)(struct check *k);
	int installed; /* makes sense in the system's places only */
} topics[] = {
	{ "folders", check_folders, 0 },
	{ "keys", check_keys, 0 },
	{ "configuration", check_configuration, 0 },
	{ "recorder", check_recorder, 1 },
	{ "collector", check_collector, 0 },
	{ "registration", check_registration, 0 },
	{ "access", check_access, 0 },
	{ "accounting", check_accounting, 0 },
	{ "ledger", check_ledger, 0 },
	{ "witness", check_witness, 0 },
	{ "space", check_space, 0 },
	{ "fifos", check_fifos, 0 },
	{ "spool", check_spool, 0 },
	{ "clock", check_clock, 0 },
	{ "ways in", check_ways, 1 },
};

static void ask_status(struct check *k, const char *control)
{
	char *text = NULL;

	if (live_status(control, &text) == 0)
		k->status = json_loads(text, 0, NULL);
	free(text);
	if (!json_is_object(k->status)) {
		json_decref(k->status);
		k->status = NULL;
	}
}

/* Whose everything has to be.  0 or -errno of a folder that cannot be looked at. */
static int find_users(struct check *k)
{
	const struct passwd *pw = getpwnam(PATHS_RECORDER_USER);
	const struct group *gr = getgrnam(PATHS_COLLECTOR_GROUP);
	char base[PATH_MAX];
	struct stat st;

	if (k->installed) {
		k->owner = 0;
		k->have_users = pw != NULL && gr != NULL;
		k->recorder = pw != NULL ? pw->pw_uid : 0;
		k->group = gr != NULL ? gr->gr_gid : (gid_t)-1;
		snprintf(k->start, sizeof(k->start), "shellacd");
		return access(PATHS_CONFDIR, F_OK) < 0 && errno != ENOENT ? -errno : 0;
	}
	snprintf(base, sizeof(base), "%.*s", (int)(strrchr(k->paths.run, '/') - k->paths.run),
	    k->paths.run);
	snprintf(k->start, sizeof(k->start), "shellacd -d %s", base);
	if (stat(base, &st) < 0)
		return -errno;
	k->owner = k->recorder = st.st_uid;
	k->group = (gid_t)-1;
	k->have_users = 1;
	return access(base, R_OK | X_OK) < 0 ? -errno : 0;
}

static void summary(const struct check *k)
{
	if (k->json)
		return;
	if (k->count[CHECK_FAIL] + k->count[CHECK_WARN] == 0)
		printf("all is well\n");
	else
		printf("%u FAIL, %u WARN\n", k->count[CHECK_FAIL], k->count[CHECK_WARN]);
}

static int run(struct auditor *a, struct check *k)
{
	size_t i;
	int r = find_users(k);

	if (r != 0 || (geteuid() != 0 && geteuid() != k->owner)) {
		complain("%s: %s", k->installed ? "the system's places" : a->store_path,
		    r != 0 ? err_text(r) : k->installed ? "only root can check these; "
		    "-d DIR is for a private folder" : "only its owner can check this");
		return AUDIT_CANNOT;
	}
	conf_defaults(&k->conf);
	ask_status(k, a->control);
	for (i = 0; i < sizeof(topics) / sizeof(*topics); i++) {
		if (topics[i].installed && !k->installed)
			continue;
		k->topic = topics[i].name;
		topics[i].run(k);
	}
	summary(k);
	json_decref(k->status);
	return k->count[CHECK_FAIL] > 0 ? AUDIT_FINDING : AUDIT_OK;
}

int cmd_check(struct auditor *a, int argc, char **argv)
{
	static struct check k;
	int status, json = command_flag("check", argc, argv, &status);

	if (json < 0)
		return status;
	if (a->control[0] == '\0') {
		complain("check is about a host, not about a copied store: verify is for that");
		return AUDIT_USAGE;
	}
	k.paths = a->paths;
	k.installed = a->installed;
	k.json = json;
	return run(a, &k);
}
