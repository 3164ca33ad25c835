/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "ledger_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The entries that are taken are the file up to where it is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int fd = memfd_create("ledger", MFD_CLOEXEC), r;
	struct ledger_file l;
	struct entry e;
	uint64_t count = 0, at = 0;

	assert(fd >= 0 && write(fd, p, len) == (ssize_t)len);
	ledger_file_init(&l, fd, NULL);
	while ((r = ledger_file_next(&l, &e)) == 1) {
		assert(get_u16(p + at) == l.raw_len);
		assert(memcmp(p + at + LEDGER_SIZE, l.raw, l.raw_len) == 0);
		at += LEDGER_SIZE + l.raw_len;
		count++;
	}
	assert(l.tree.size == count && l.offset == at && at <= len);
	assert((r == 0) == (at == len));
	assert(l.live.open <= count);
	ledger_file_end(&l);
	close(fd);
	return 0;
}
