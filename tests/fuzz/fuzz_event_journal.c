/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event_journal.h"
#include "io.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static char root[] = "/tmp/shellac-fuzz.XXXXXX";
static int store;

static void leave(void)
{
	(void)rmdir(root);
}

static void enter(void)
{
	if (store > 0)
		return;
	if (mkdtemp(root) == NULL)
		abort();
	store = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	atexit(leave);
}

static void put(const char *path, const uint8_t *p, size_t len)
{
	int fd = openat(store, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert(fd >= 0 && io_write_all(fd, p, len) == 0);
	close(fd);
}

static void sweep(void)
{
	DIR *d = io_list_dir(store, EVENT_JOURNAL_DIR);
	struct dirent *e;

	assert(d != NULL);
	while ((e = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	(void)unlinkat(store, EVENT_JOURNAL_DIR, AT_REMOVEDIR);
}

/* Numbers grow, lines are whole.  Their count. */
static int read_all(int dir, uint64_t from)
{
	struct event_reader *r = NULL;
	uint64_t n, last = 0;
	const char *line;
	int count = 0, e;
	size_t size;

	assert(event_reader_open(&r, dir, from) == 0);
	while ((e = event_reader_next(r, &n, &line, &size)) == 1) {
		assert(n >= from && n > last && size <= EVENT_JOURNAL_LINE);
		assert(memchr(line, '\n', size) == line + size - 1);
		last = n;
		count++;
	}
	assert(e == -EAGAIN);
	event_reader_close(r);
	return count;
}

/* Any bytes in two segments: they can be read, and gone on with behind them. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct event_journal j;
	size_t half = len / 2;
	char line[64];
	uint64_t n;
	int size;

	enter();
	assert(mkdirat(store, EVENT_JOURNAL_DIR, 0700) == 0);
	put(EVENT_JOURNAL_DIR "/00000000000000000001.jsonl", p, half);
	put(EVENT_JOURNAL_DIR "/00000000000000000004.jsonl", p + half, len - half);
	assert(event_journal_open(&j, store) == 0 && j.next >= 4);
	(void)read_all(j.dir, 1);
	n = j.next;
	size = snprintf(line, sizeof(line), EVENT_JOURNAL_START "%" PRIu64 ",\"a\":1}}\n", n);
	assert(event_journal_append(&j, line, (size_t)size, n + 1) == 0);
	assert(read_all(j.dir, n) == 1);
	event_journal_close(&j);
	assert(event_journal_open(&j, store) == 0 && j.next == n + 1);
	event_journal_close(&j);
	sweep();
	return 0;
}
