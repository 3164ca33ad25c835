/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Whatever the file held: a key is there or it is none, and one that is added is there. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int fd = memfd_create("host.key", MFD_CLOEXEC), i;
	struct host_key k, again;

	if (fd < 0 || fchmod(fd, 0600) < 0 || write(fd, p, len) != (ssize_t)len)
		abort();
	if (host_key_read(&k, fd) == 0) {
		assert(k.place[0].there || k.place[1].there);
		i = k.place[0].there;
		if (!k.place[i].there) {
			assert(host_key_make(&k, fd, (unsigned)i) == 0);
			assert(host_key_read(&again, fd) == 0);
			assert(again.place[0].there && again.place[1].there);
			assert(memcmp(again.first_pk, k.first_pk, PK_SIZE) == 0);
		}
	}
	close(fd);
	return 0;
}
