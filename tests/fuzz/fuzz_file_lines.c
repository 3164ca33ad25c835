/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../plugins/feed.h"
#include "../../plugins/file/file_lines.h"
#include "../../plugins/file/file_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static int found(void *arg, const char *line, size_t len, uint64_t off)
{
	uint64_t *end = arg;

	assert(memchr(line, '\n', len) == NULL && off >= *end);
	*end = off + len + 1;
	feed_sequence(line, len);
	return 0;
}

/* Lines come in order, of a file that is plain or packed; a name has one spelling. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int fd = memfd_create("lines", MFD_CLOEXEC), packed;
	char name[FILE_NAME_SIZE], again[FILE_NAME_SIZE];
	struct file_name n;
	uint64_t end;

	assert(fd >= 0 && write(fd, p, len) == (ssize_t)len);
	for (packed = 0; packed < 2; packed++) {
		end = 0;
		assert(lseek(fd, 0, SEEK_SET) == 0);
		assert(file_lines(fd, packed, found, &end) == 0);
		assert(packed || end <= len);
	}
	close(fd);
	if (len < sizeof(name)) {
		memcpy(name, p, len);
		name[len] = '\0';
		if (file_name_get(&n, name) == 0)
			assert(strcmp(file_name_put(again, &n), name) == 0);
	}
	return 0;
}
