/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../plugins/feed.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* Whatever the lines are: each event is a whole line of them, and the end comes. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	int fd = memfd_create("feed", MFD_CLOEXEC), answers = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct feed *f = NULL;
	struct feed_event e;
	size_t given = 0;

	log_open("fuzz_feed", 0, LOG_L_ERROR);
	assert(fd >= 0 && answers >= 0);
	assert(write(fd, p, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0);
	if (feed_open(&f, fd, answers) == 0) {
		while (!feed_over(f)) {
			feed_wait(f, NULL, 0, -1);
			while (feed_next(f, &e)) {
				assert(e.line[e.len] == '\0' && memchr(e.line, '\n', e.len) == NULL);
				assert(e.len < FEED_LINE_MAX && json_is_object(e.json));
				given += e.len + 1;
				feed_ack(f, e.seq);
			}
		}
		assert(given <= len && feed_close(f) == 0);
	}
	close(fd);
	close(answers);
	return 0;
}
