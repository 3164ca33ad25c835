/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "accounting_internal.h"
#include "err.h"
#include "log.h"

void accounting_vouched(struct accounting *a, uint64_t from)
{
	a->vouched = from;
}

void accounting_digest_open(struct accounting *a)
{
	int r = process_vouched(process_store_digests(a->store), a->dir_fd, a->vouched);

	if (r == E_SHORT)
		log_error("process records: there are fewer than the ledger vouches for");
	else if (r != 0)
		log_error("process records: those of before cannot be read (%s); the ledger does "
		    "not vouch for them", err_text(r));
}

int accounting_digest_begin(struct accounting *a)
{
	int r;

	if (a->store == NULL || process_store_segment(a->store) == 0)
		return -ENOENT;
	r = a->cur.fd >= 0 ? accounting_take(a) : process_store_flush(a->store);
	if (r != 0)
		return r;
	process_digests_take(process_store_digests(a->store));
	return process_store_dup(a->store);
}

void accounting_digest_synced(struct accounting *a, int is_on_disk)
{
	if (a->store != NULL)
		process_digests_synced(process_store_digests(a->store), is_on_disk);
}

int accounting_digest(const struct accounting *a, struct process_digest *d)
{
	return a->store != NULL && process_digests_get(process_store_digests(a->store), d);
}

void accounting_digest_vouched(struct accounting *a)
{
	if (a->store != NULL)
		process_digests_vouched(process_store_digests(a->store));
}

int accounting_trouble(const struct accounting *a, const char **reason)
{
	*reason = a->reason;
	if (!a->cfg.own || (a->state == ACCT_ON && a->reason[0] == '\0'))
		return 0;
	if (a->state != ACCT_ON)
		return a->state == ACCT_OFF ? -ENOSYS : -EIO;
	if (a->low)
		return -ENOSPC;
	if (a->write_failed != 0 || a->rotate_failed != 0)
		return a->write_failed != 0 ? a->write_failed : a->rotate_failed;
	return -ESTALE;
}
