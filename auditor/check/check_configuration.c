/* SPDX-License-Identifier: ISC */
/* The configuration: without errors, nobody else's to write, and in force. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "approval.h"
#include "check/check.h"
#include "err.h"
#include "notice.h"

/* Reads the one on disk into k->conf; 0 after it said what is wrong. */
static int read_it(struct check *k)
{
	char fix[sizeof(k->start) + 16], kept[PATH_MAX + 32];
	struct conf_error err;
	int n = conf_load(&k->conf, k->paths.conf, &err, 1);

	snprintf(fix, sizeof(fix), "%s --check", k->start);
	if (n == 0)
		return 1;
	if (n < 0)
		check_fail(k, fix, "%s: %s", k->paths.conf, err_text(n));
	else
		check_fail(k, fix, "%s:%u: %s", k->paths.conf, err.line, err.text);
	snprintf(kept, sizeof(kept), "%s/" PATHS_GOOD_CONF, k->paths.run);
	(void)conf_load(&k->conf, kept, &err, 1); /* or the defaults, as for recorders */
	return 0;
}

/* The collector keeps what it works with beside its sockets. */
static int is_in_force(struct check *k)
{
	char kept[PATH_MAX + 32], have[CONF_DUMP_MAX], wanted[CONF_DUMP_MAX], fix[64];
	struct conf_error err;
	struct conf conf;

	snprintf(kept, sizeof(kept), "%s/" PATHS_GOOD_CONF, k->paths.run);
	if (k->status == NULL)
		return 1;
	if (conf_load(&conf, kept, &err, 1) == 0) {
		conf_dump(&conf, have, sizeof(have));
		conf_dump(&k->conf, wanted, sizeof(wanted));
		if (strcmp(have, wanted) == 0)
			return 1;
	}
	snprintf(fix, sizeof(fix), "kill -HUP %lld", (long long)check_number(k, "pid"));
	check_fail(k, fix, "the collector works with another configuration than %s", k->paths.conf);
	return 0;
}

static int notice_is_good(struct check *k)
{
	static struct notice n;
	int r = k->conf.notice[0] != '\0' ? notice_load(&n, k->conf.notice) : 0;

	if (r != 0)
		check_fail(k, "see notice in shellac.conf(5)", "notice %s: %s; no notice is shown",
		    k->conf.notice, notice_error(r));
	return r == 0;
}

static int approvers_are_good(struct check *k)
{
	struct approvers a;
	int r = k->conf.purge_approvers[0] != '\0' ?
	    approvers_load(&a, k->conf.purge_approvers) : 0;

	if (r != 0)
		check_fail(k, "see purge_approvers in shellac.conf(5)", "purge_approvers %s: %s; "
		    "nothing can be purged", k->conf.purge_approvers, approvers_error(r));
	return r == 0;
}

static int reviewers_are_good(struct check *k)
{
	struct approvers a;
	int r = k->conf.reviewers[0] != '\0' ? approvers_load(&a, k->conf.reviewers) : 0;

	if (r != 0)
		check_fail(k, "see reviewers in shellac.conf(5)", "reviewers %s: %s; nothing can be "
		    "signed off", k->conf.reviewers, approvers_error(r));
	return r == 0;
}

void check_configuration(struct check *k)
{
	const struct check_path p = { k->paths.conf, S_IFREG, k->owner, (gid_t)-1, 0755, 1, 1 };
	int good = check_path(k, &p);

	if (!read_it(k))
		return;
	good &= is_in_force(k);
	good &= notice_is_good(k);
	good &= approvers_are_good(k);
	good &= reviewers_are_good(k);
	if (good)
		check_fine(k, "%s has no errors and is in force", k->paths.conf);
}
