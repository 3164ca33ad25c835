/* SPDX-License-Identifier: ISC */
#include "process_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "io.h"
#include "process_store_internal.h"
#include "process_text.h"

int process_store_open(struct process_store **out, int dir_fd)
{
	struct process_store *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->dir_fd = dir_fd;
	s->fd = -1;
	process_digests_init(&s->digests, 0);
	if ((r = process_store_scan(s)) != 0) {
		process_store_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void process_store_close(struct process_store *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0) {
		process_store_flush(s);
		close(s->fd);
	}
	free(s);
}

int process_store_last(const struct process_store *s, struct process_record *r)
{
	if (!s->have_last)
		return 0;
	*r = s->last;
	return 1;
}

int process_store_other_boot(const struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE])
{
	return s->k != 0 && memcmp(s->boot_id, boot_id, BOOT_ID_SIZE) != 0;
}

/* Header and first slot of segment k; returns their bytes. */
static size_t put_begin(const struct process_store *s, uint8_t *out,
    const uint8_t boot_id[BOOT_ID_SIZE], uint64_t k)
{
	struct process_boot boot = s->boot;
	struct process_record r = { .kind = PROCESS_BOOT, .kernel_file = s->last.kernel_file,
		.place = s->last.place, .read_wall_ns = clock_wall() };

	if (boot.ticks_per_s == 0)
		boot.ticks_per_s = (uint32_t)sysconf(_SC_CLK_TCK);
	process_header_put(out, boot_id, k);
	process_boot_put(r.body, &boot);
	process_record_put(out + PROCESS_HEADER, &r);
	return PROCESS_HEADER + PROCESS_SIZE;
}

static int make_segment(struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE])
{
	char name[PROCESS_NAME_MAX];
	uint8_t begin[PROCESS_HEADER + PROCESS_SIZE];
	uint64_t k = s->k_max + 1;
	size_t len = put_begin(s, begin, boot_id, k);
	int r;
	int fd = openat(s->dir_fd, process_file_name(name, k),
	    O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if ((r = io_write_all(fd, begin, len)) != 0)
		goto fail;
	if (fsync(fd) != 0 || fsync(s->dir_fd) != 0) {
		r = -errno;
		goto fail;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
	s->ragged = 0;
	s->k = s->k_max = k;
	s->version = PROCESS_VERSION;
	s->size = len;
	s->dirty = 0;
	process_digests_add(&s->digests, begin, len);
	memmove(s->boot_id, boot_id, BOOT_ID_SIZE);
	return 0;
fail:
	unlinkat(s->dir_fd, name, 0);
	close(fd);
	return r;
}

/* The wall clock of the boot is read once: later segments of it say the same, so that a
 * life has one date whatever became of the clock. */
static void read_boot(struct process_store *s)
{
	s->boot = (struct process_boot){ .boot_wall_ns = clock_wall() - (int64_t)clock_boot(),
		.ticks_per_s = (uint32_t)sysconf(_SC_CLK_TCK) };
}

int process_store_begin(struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE])
{
	int other = s->k == 0 || process_store_other_boot(s, boot_id);
	int r;

	if (s->fd >= 0 && !other && s->version == PROCESS_VERSION)
		return 0;
	if ((r = process_store_sync(s)) != 0)
		return r;
	if (other || s->boot.ticks_per_s == 0)
		read_boot(s);
	return make_segment(s, boot_id);
}

int process_store_boot(const struct process_store *s, struct process_boot *boot)
{
	if (s->boot.ticks_per_s == 0)
		return 0;
	*boot = s->boot;
	return 1;
}

/* Room for so many slots in the buffer. */
static int make_room(struct process_store *s, size_t slots)
{
	return s->buffered + slots > BUFFER_RECORDS ? process_store_flush(s) : 0;
}

static void put_slot(struct process_store *s, const struct process_record *r)
{
	process_record_put(s->buffer + s->buffered * PROCESS_SIZE, r);
	s->buffered++;
}

/* Other kinds say up to which ACCT the store has taken in. */
static void put_place(const struct process_store *s, struct process_record *r)
{
	r->kernel_file = s->taken.kernel_file;
	r->place = s->taken.place;
}

int process_store_append(struct process_store *s, const struct process_record *r)
{
	uint8_t p[PROCESS_SIZE];
	struct process_record one = *r;
	int e;

	if (one.kind == PROCESS_EXEC || one.kind == PROCESS_INPUT || one.kind == PROCESS_TEXT)
		return -EINVAL;
	if (one.kind != PROCESS_ACCT)
		put_place(s, &one);
	process_record_put(p, &one);
	if (process_record_parse(p, &one) != 0)
		return -EINVAL;
	if ((e = make_room(s, 1)) != 0)
		return e;
	memcpy(s->buffer + s->buffered++ * PROCESS_SIZE, p, PROCESS_SIZE);
	if (one.kind == PROCESS_ACCT)
		s->taken = one;
	return 0;
}

/* A record of a kind that has a text, and that text. */
static int append_text(struct process_store *s, struct process_record one, const char *text,
    uint32_t text_len)
{
	uint8_t p[PROCESS_SIZE];
	size_t slots = process_text_slots(text_len);
	int err;

	put_place(s, &one);
	process_record_put(p, &one);
	if (process_record_parse(p, &one) != 0)
		return -EINVAL;
	if ((err = make_room(s, 1 + slots)) != 0)
		return err;
	put_slot(s, &one);
	one.kind = PROCESS_TEXT;
	for (size_t i = 0; i < slots; i++) {
		size_t left = text_len - i * PROCESS_BODY;

		memset(one.body, 0, PROCESS_BODY);
		memcpy(one.body, text + i * PROCESS_BODY, left < PROCESS_BODY ? left : PROCESS_BODY);
		put_slot(s, &one);
	}
	return 0;
}

int process_store_append_exec(struct process_store *s, const struct process_record *r,
    const struct process_exec *e, const char *text)
{
	struct process_record one = *r;

	one.kind = PROCESS_EXEC;
	process_exec_put(one.body, e);
	return append_text(s, one, text, e->text_len);
}

int process_store_append_input(struct process_store *s, const struct process_record *r,
    const struct process_input *in, const char *text)
{
	struct process_record one = *r;

	one.kind = PROCESS_INPUT;
	process_input_put(one.body, in);
	return append_text(s, one, text, in->text_len);
}

/* Is a new segment needed for what comes? */
static int is_full(const struct process_store *s)
{
	return s->fd < 0 || s->size >= PROCESS_STORE_SEGMENT || s->version != PROCESS_VERSION;
}

int process_store_flush(struct process_store *s)
{
	size_t len = s->buffered * PROCESS_SIZE;
	int r;

	if (len == 0)
		return 0;
	if (s->k == 0)
		return -EBADF;
	if (is_full(s) && s->fd >= 0 && fdatasync(s->fd) != 0)
		return -errno;
	if (is_full(s) && (r = make_segment(s, s->boot_id)) != 0)
		return r;
	if (s->ragged && ftruncate(s->fd, (off_t)s->size) != 0)
		return -errno;
	s->dirty = s->ragged = 1;
	if ((r = io_write_all(s->fd, s->buffer, len)) != 0) {
		s->ragged = ftruncate(s->fd, (off_t)s->size) != 0;
		return r;
	}
	s->ragged = 0;
	s->size += len;
	process_digests_add(&s->digests, s->buffer, len);
	s->have_last |= s->taken.reason != 0;
	s->last = s->taken;
	s->buffered = 0;
	return 0;
}

int process_store_sync(struct process_store *s)
{
	int r = process_store_flush(s);

	if (r != 0 || !s->dirty)
		return r;
	if (fdatasync(s->fd) != 0)
		return -errno;
	s->dirty = 0;
	return 0;
}

int process_store_next(struct process_store *s)
{
	int r = process_store_sync(s);

	if (r != 0 || s->fd < 0 || s->size <= PROCESS_HEADER + PROCESS_SIZE)
		return r;
	return make_segment(s, s->boot_id);
}

uint64_t process_store_segment(const struct process_store *s)
{
	return s->k;
}

unsigned process_store_torn(const struct process_store *s)
{
	return s->torn;
}

struct process_digests *process_store_digests(struct process_store *s)
{
	return &s->digests;
}

int process_store_dup(const struct process_store *s)
{
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}
