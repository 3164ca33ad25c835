/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "acct_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct acct_record r;
	char name[TTY_NAME_SIZE];

	if (len < ACCT_SIZE || acct_record_parse(p, &r) != 0)
		return 0;
	/* neither infinite nor no number */
	assert(r.elapsed_s >= 0 && r.elapsed_s < 1e38);
	assert(r.user_s >= 0 && r.system_s >= 0);
	assert(strnlen(r.comm, sizeof(r.comm)) < sizeof(r.comm));
	assert(strnlen(acct_tty_name(name, r.tty), sizeof(name)) < sizeof(name));
	acct_record_is_marker(&r);
	return 0;
}
