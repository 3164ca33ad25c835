/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>

#include "accounting_internal.h"

int accounting_read(struct accounting *a)
{
	return accounting_take(a);
}

int accounting_lost(const struct accounting *a, uint64_t *from_boot_ns)
{
	if (a->state != ACCT_LOST)
		return 0;
	*from_boot_ns = a->lost_from_ns;
	return 1;
}

uint64_t accounting_keeper_of(const struct accounting *a, uint32_t pid, uint64_t start_ticks)
{
	return join_keeper_of(a->join, pid, start_ticks);
}

/* Kernel files under an older segment are of its boot: a segment of this boot would say
 * that they are of this one. */
static int has_leftovers(const struct accounting *a)
{
	uint32_t *ks = NULL;
	size_t count = 0;
	int r;

	if (!process_store_other_boot(a->store, a->boot_id))
		return 0;
	r = kernel_file_list(a->dir_fd, &ks, &count);
	free(ks);
	return r != 0 ? r : count > 0 ? -EBUSY : 0;
}

int accounting_open_store(struct accounting *a)
{
	int r;

	if (a->store != NULL)
		return 0;
	if ((r = procfs_boot_id(a->boot_id)) != 0 ||
	    (r = process_store_open(&a->store, a->dir_fd)) != 0)
		return r;
	accounting_digest_open(a);
	if ((r = has_leftovers(a)) != 0 || (r = process_store_begin(a->store, a->boot_id)) != 0) {
		process_store_close(a->store);
		a->store = NULL;
	}
	return r;
}

struct process_store *accounting_store(const struct accounting *a)
{
	return a->store;
}

int accounting_folder(const struct accounting *a)
{
	return a->dir_fd;
}
