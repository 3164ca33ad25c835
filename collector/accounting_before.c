/* SPDX-License-Identifier: ISC */
/*
 * Who had the kernel's accounting before us?  There is no way to ask; but who takes it
 * away leaves a record in the file of before, and the usual files have known names.
 */
#include <sys/stat.h>

#include "accounting_internal.h"
#include "log.h"

/* accton(8) of the packages acct (Debian) and psacct; acct(5) of old */
static const char *const usual[ACCOUNTING_USUAL] = { "/var/log/account/pacct",
	"/var/account/pacct", "/var/adm/pacct" };

static off_t size_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : -1;
}

void accounting_before(struct accounting_before *b)
{
	for (int i = 0; i < ACCOUNTING_USUAL; i++)
		b->size[i] = size_of(usual[i]);
}

void accounting_after(const struct accounting_before *b)
{
	for (int i = 0; i < ACCOUNTING_USUAL; i++) {
		if (b->size[i] < 0 || size_of(usual[i]) <= b->size[i])
			continue;
		log_warn("process accounting was on, to %s: it is taken over; turn off what begins it there",
		    usual[i]);
	}
}
