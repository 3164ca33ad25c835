/* SPDX-License-Identifier: ISC */
/* Room in the store, by the collector's own measure. */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "check/check.h"
#include "err.h"
#include "host/alerts.h"

void check_space(struct check *k)
{
	const struct alert *full = &alerts[ALERT_STORE_FULL], *low = &alerts[ALERT_STORE_LOW];
	unsigned long long free_mb;
	struct statvfs fs;
	uint64_t size, left, wanted;

	if (statvfs(k->paths.store, &fs) < 0) {
		check_fail(k, "", "%s: %s", k->paths.store, err_text(-errno));
		return;
	}
	size = (uint64_t)fs.f_blocks * fs.f_frsize;
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	wanted = conf_space(k->conf.space_left, size);
	free_mb = left / ALERTS_MB;
	if (left < wanted / 2 || strcmp(check_text(k, "space.state"), "reserve") == 0)
		check_fail(k, full->remedy, "%s: %s has %llu MB left", full->words, k->paths.store,
		    free_mb);
	else if (left < wanted)
		check_warn(k, low->remedy, "%s: %s has %llu MB left of %llu", low->words,
		    k->paths.store, free_mb, (unsigned long long)(wanted / ALERTS_MB));
	else if (fs.f_favail < 1024 && fs.f_files > 0)
		check_warn(k, low->remedy, "%s has %llu files left", k->paths.store,
		    (unsigned long long)fs.f_favail);
	else
		check_fine(k, "%s has %llu MB left", k->paths.store, free_mb);
}
