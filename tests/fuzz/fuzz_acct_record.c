/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "acct_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void check(const struct acct_record *r)
{
	char name[TTY_NAME_SIZE];

	/* neither infinite nor no number */
	assert(r->elapsed_s >= 0 && r->elapsed_s < 1e38);
	assert(r->user_s >= 0 && r->system_s >= 0);
	assert(strnlen(r->comm, sizeof(r->comm)) < sizeof(r->comm));
	assert(strnlen(acct_tty_name(name, r->tty), sizeof(name)) < sizeof(name));
	acct_record_is_marker(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct acct_record r;
	int size;

	if (len >= ACCT_SIZE && acct_record_parse(p, &r) == 0)
		check(&r);
	for (; (size = acct_record_parse_any(p, len, &r)) > 0; p += size, len -= (size_t)size)
		check(&r);
	return 0;
}
