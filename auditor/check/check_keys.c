/* SPDX-License-Identifier: ISC */
/* The host's keys: there, and readable by whom they should be. */
#include <stdio.h>
#include <sys/stat.h>

#include "check/check.h"
#include "err.h"
#include "keys.h"

void check_keys(struct check *k)
{
	char pub[PATH_MAX + 16], epoch[PATH_MAX + 16];
	const struct check_path secret = { k->paths.key, S_IFREG, k->owner, (gid_t)-1, 0600, 1, 0 };
	struct check_path p = { pub, S_IFREG, k->owner, (gid_t)-1, 0644, 1, 0 };
	struct host_pub key;
	int good, r;

	snprintf(pub, sizeof(pub), "%s/host.pub", k->paths.store);
	snprintf(epoch, sizeof(epoch), "%s/epoch.key", k->paths.store);
	good = check_path(k, &secret);
	good &= check_path(k, &p);
	p = (struct check_path){ epoch, S_IFREG, k->owner, (gid_t)-1, 0600, 1, 1 };
	good &= check_path(k, &p);
	r = good ? key_pub_load(&key, pub) : 0;
	if (r != 0) {
		check_fail(k, "remove it and start shellacd again: it writes it anew", "%s: %s",
		    pub, err_text(r));
		good = 0;
	}
	if (good)
		check_fine(k, "%s is its owner's alone", k->paths.key);
}
