/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "../../collector/proc_connector.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct proc_sequence s;
	struct proc_connector m;

	if (proc_connector_parse(p, len, &m) != 0)
		return 0;
	assert(!m.numbered || m.cpu < PROC_CONNECTOR_CPUS);
	assert(m.what == PROC_CONNECTOR_OTHER || (m.pid > 0 && m.pid <= INT32_MAX));
	assert(m.what == PROC_CONNECTOR_OTHER || (m.tgid > 0 && m.tgid <= INT32_MAX));
	assert(proc_sequence_gap(&s, &m) <= INT32_MAX);
	assert(proc_sequence_gap(&s, &m) == 0);
	return 0;
}
