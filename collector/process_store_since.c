/* SPDX-License-Identifier: ISC */
/* What was stored behind a place of the kernel's files, for those who were not there. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "process_store_internal.h"

#define PIECE 512 /* slots read at once */

/* A segment that is read from its begin. */
struct reading {
	int fd;
	uint8_t version;
	int is_this_boot;
	uint64_t slot; /* of buf's first */
	size_t slots;  /* in buf */
	size_t at;
	uint8_t buf[PIECE * PROCESS_SIZE];
};

/* 0, -errno or E_FORMAT. */
static int begin(struct reading *g, int dir_fd, uint64_t k, const uint8_t boot_id[BOOT_ID_SIZE])
{
	char name[PROCESS_NAME_MAX];
	uint8_t header[PROCESS_HEADER], boot[BOOT_ID_SIZE];
	uint64_t number;
	int r = E_FORMAT;

	g->fd = openat(dir_fd, process_file_name(name, k),
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (g->fd < 0)
		return -errno;
	if (io_pread_all(g->fd, header, sizeof(header), 0) == PROCESS_HEADER)
		r = process_header_parse(header, boot, &number, &g->version);
	if (r != 0)
		close(g->fd);
	g->is_this_boot = memcmp(boot, boot_id, BOOT_ID_SIZE) == 0;
	g->slot = g->slots = g->at = 0;
	return r;
}

/* The next record: 1, 0 at the end, or negative. */
static int next(struct reading *g, struct process_record *r)
{
	ssize_t n;
	int e;

	if (g->at == g->slots) {
		g->slot += g->slots;
		g->at = g->slots = 0;
		n = io_pread_all(g->fd, g->buf, sizeof(g->buf), PROCESS_HEADER + g->slot * PROCESS_SIZE);
		if (n < PROCESS_SIZE)
			return n < 0 ? (int)n : 0;
		g->slots = (size_t)n / PROCESS_SIZE;
	}
	e = process_record_parse_in(g->version, g->buf + g->at++ * PROCESS_SIZE, r);
	return e != 0 ? e : 1;
}

static int is_behind(const struct process_record *r, uint32_t kernel_file, uint32_t place)
{
	return r->kernel_file > kernel_file || (r->kernel_file == kernel_file && r->place > place);
}

/* Does an earlier segment hold records behind that place, too?  1, 0 or negative. */
static int begins_behind(int dir_fd, uint64_t k, uint32_t kernel_file, uint32_t place)
{
	static const uint8_t none[BOOT_ID_SIZE];
	struct process_record r;
	struct reading g;
	int e = begin(&g, dir_fd, k, none);

	if (e != 0)
		return e == -ENOENT || e == E_FORMAT ? 1 : e;
	while ((e = next(&g, &r)) > 0 && r.kind != PROCESS_ACCT)
		;
	close(g.fd);
	return e < 0 ? e : e == 0 || is_behind(&r, kernel_file, place);
}

struct wanted {
	uint32_t kernel_file, place;
	int (*got)(void *ctx, const struct process_record *r, const struct process_boot *boot);
	void *ctx;
};

/* Those of one segment.  0, negative, or what got returned. */
static int take(struct reading *g, const struct wanted *w)
{
	struct process_boot boot;
	struct process_record r;
	int has_boot = 0, e;

	while ((e = next(g, &r)) > 0) {
		if (r.kind == PROCESS_BOOT)
			has_boot = g->is_this_boot && process_boot_parse(r.body, &boot) == 0;
		if (r.kind == PROCESS_ACCT && is_behind(&r, w->kernel_file, w->place) &&
		    (e = w->got(w->ctx, &r, has_boot ? &boot : NULL)) != 0)
			break;
	}
	return e;
}

int process_store_since(const struct process_store *s, uint32_t kernel_file, uint32_t place,
    const uint8_t boot_id[BOOT_ID_SIZE], int (*got)(void *ctx, const struct process_record *r,
    const struct process_boot *boot), void *ctx)
{
	const struct wanted w = { kernel_file, place, got, ctx };
	struct reading g;
	uint64_t k = s->k;
	int e = 0;

	while (k > 1 && (e = begins_behind(s->dir_fd, k, kernel_file, place)) > 0)
		k--;
	for (e = e < 0 ? e : 0; e == 0 && k != 0 && k <= s->k; k++) {
		e = begin(&g, s->dir_fd, k, boot_id);
		if (e == -ENOENT || e == E_FORMAT) {
			e = 0; /* a crash while it was made, or not ours */
			continue;
		}
		if (e == 0) {
			e = take(&g, &w);
			close(g.fd);
		}
	}
	return e;
}
