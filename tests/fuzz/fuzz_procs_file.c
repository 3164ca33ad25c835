/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../auditor/auditor.h"
#include "../../auditor/procs/procs.h"
#include "io.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static size_t rows;

static void count_row(void *ctx, const struct procs_row *r)
{
	(void)ctx;
	assert(strnlen(r->acct->comm, sizeof r->acct->comm) < sizeof r->acct->comm);
	assert(r->acct->elapsed_s >= 0 && r->record == NULL && r->exec == NULL);
	rows++;
}

/* Whatever the file holds, no more records come out of it than fit into it. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct procs_filter filter = { .session = 0 };
	struct procs_sink sink = { count_row, NULL };
	char path[64];
	int fd = memfd_create("pacct", MFD_CLOEXEC), status;

	if (fd < 0 || io_write_all(fd, p, len) != 0)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	rows = 0;
	status = procs_file(path, &filter, sink);
	assert(status == AUDIT_OK || (status == AUDIT_CANNOT && rows == 0));
	assert(rows <= len / ACCT_SIZE);
	close(fd);
	return 0;
}
