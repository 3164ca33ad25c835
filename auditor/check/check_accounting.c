/* SPDX-License-Identifier: ISC */
/* The kernel's process accounting: on, the collector's, and a process that ends has
 * its record. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check/check.h"
#include "host/alerts.h"
#include "store/live.h"

#define OTHER alerts[ALERT_ACCOUNTING].remedy

/* acct.records of the collector when it has taken in all there is, or -1. */
static int64_t records(const struct check *k)
{
	char control[PATH_MAX + 32], *text = NULL;
	struct check now = { 0 };
	int64_t n = -1;

	snprintf(control, sizeof(control), "%s/control.sock", k->paths.run);
	if (live_sync(control) != 0 || live_status(control, &text) != 0)
		return -1;
	now.status = json_loads(text, 0, NULL);
	n = check_number(&now, "acct.records");
	json_decref(now.status);
	free(text);
	return n;
}

/* A process of which there must be a record. */
static void end_one(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void check_accounting(struct check *k)
{
	const char *state = check_text(k, "acct.state"), *reason = check_text(k, "acct.reason");
	int64_t before;

	if (!k->conf.acct) {
		check_warn(k, k->installed ? "shellac setup --reload enable accounting" :
		    "acct = own in shellac.conf(5)",
		    "acct = off: nobody knows which processes a session ran");
		return;
	}
	if (k->status == NULL)
		return; /* said already */
	if (strcmp(state, "on") != 0) {
		if (k->installed || k->owner == 0)
			check_fail(k, OTHER,
			    "%s: %s: %s", alerts[ALERT_ACCOUNTING].words, state, reason);
		else
			check_fine(k, "only root's collector can have it (%s)", reason);
		return;
	}
	before = records(k);
	end_one();
	if (records(k) > before)
		check_fine(k, "on, and records come in");
	else
		check_fail(k, OTHER,
		    "the collector takes it for on, but a process that ended has no record");
}
