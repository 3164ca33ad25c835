/* SPDX-License-Identifier: ISC */
#include "process_world.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../collector/acct_fake.h"
#include "process_text.h"

void world_make(struct world *w)
{
	char path[80];

	snprintf(w->dir, sizeof w->dir, "/tmp/shellac-process-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->dir));
	snprintf(path, sizeof path, "%s/process", w->dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	w->fd = open(path, O_RDONLY | O_DIRECTORY);
	w->file = -1;
	ck_assert_int_eq(store_open(&w->store, w->dir), 0);
}

void world_remove(struct world *w)
{
	char cmd[128];

	store_close(&w->store);
	close(w->fd);
	if (w->file >= 0)
		close(w->file);
	snprintf(cmd, sizeof cmd, "rm -r %s", w->dir);
	ck_assert_int_eq(system(cmd), 0);
}

static int open_segment(const struct world *w, uint64_t k, int flags)
{
	char name[PROCESS_NAME_MAX];
	int fd = openat(w->fd, process_file_name(name, k), flags, 0600);

	ck_assert_int_ge(fd, 0);
	return fd;
}

void world_segment(struct world *w, uint64_t k, uint8_t version, int64_t boot_wall_ns)
{
	const struct process_boot boot = { boot_wall_ns, 100 };
	struct process_record r = { .kind = PROCESS_BOOT };
	uint8_t header[PROCESS_HEADER];

	if (w->file >= 0)
		close(w->file);
	w->file = open_segment(w, k, O_RDWR | O_APPEND | O_CREAT | O_EXCL);
	process_header_put(header, (const uint8_t[BOOT_ID_SIZE]){ 0xb0 }, k);
	header[4] = version;
	world_bytes(w, header, sizeof header);
	process_boot_put(r.body, &boot);
	if (version > 1)
		world_slot(w, &r);
}

void world_bytes(struct world *w, const void *p, size_t len)
{
	ck_assert_int_eq(write(w->file, p, len), (ssize_t)len);
}

void world_slot(struct world *w, const struct process_record *r)
{
	uint8_t p[PROCESS_SIZE];

	process_record_put(p, r);
	world_bytes(w, p, sizeof p);
}

void world_acct(struct world *w, uint32_t pid, uint64_t session)
{
	struct process_record r = { .kernel_file = 1, .place = pid, .session = session,
		.reason = REASON_ANCESTRY };

	fake_record(r.body, pid, 1, 0, 1000000 + pid, 1);
	world_slot(w, &r);
}

void world_exec(struct world *w, uint32_t pid, const char *text, size_t len)
{
	world_exec_of(w, pid, 0, text, len);
}

void world_exec_of(struct world *w, uint32_t pid, uint64_t start, const char *text, size_t len)
{
	const struct process_exec e = { .pid = pid, .text_len = (uint32_t)len, .have = EXEC_EXE };
	struct process_record r = { .kind = PROCESS_EXEC, .start_ticks = start };

	process_exec_put(r.body, &e);
	world_slot(w, &r);
	r.kind = PROCESS_TEXT;
	for (size_t at = 0; at < len; at += PROCESS_BODY) {
		memset(r.body, 0, PROCESS_BODY);
		memcpy(r.body, text + at, len - at < PROCESS_BODY ? len - at : PROCESS_BODY);
		world_slot(w, &r);
	}
}

void world_flip(struct world *w, uint64_t k, uint64_t offset, uint8_t bits)
{
	int fd = open_segment(w, k, O_RDWR);
	uint8_t b;

	ck_assert_int_eq(pread(fd, &b, 1, (off_t)offset), 1);
	b ^= bits;
	ck_assert_int_eq(pwrite(fd, &b, 1, (off_t)offset), 1);
	close(fd);
}

void world_cut(struct world *w, uint64_t k, uint64_t size)
{
	int fd = open_segment(w, k, O_RDWR);

	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	close(fd);
}
