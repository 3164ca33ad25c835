/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "err.h"
#include "procfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct proc_ids ids;
	struct proc_stat s;
	int r;

	r = procfs_ids_parse((const char *)p, len, &ids);
	assert(r == 0 || r == E_FORMAT);
	if (procfs_stat_parse((const char *)p, len, &s) != 0)
		return 0;
	assert(s.pid > 0 && s.ppid >= -1);
	assert(strnlen(s.comm, sizeof(s.comm)) < sizeof(s.comm));
	return 0;
}
