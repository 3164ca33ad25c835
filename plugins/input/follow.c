/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "follow_internal.h"
#include "log.h"

#define PIECE 65536
#define PIECES 8 /* a turn */
#define MS_NS UINT64_C(1000000)
#define SAVE_NS UINT64_C(1000000000)

struct giving {
	struct follow *f;
	lines_got *got;
	void *ctx;
	uint64_t from; /* offset of the piece */
};

static void gave(void *ctx, const char *text, size_t len, size_t left_out, size_t end)
{
	struct giving *g = ctx;

	g->got(g->ctx, text, len, left_out, end);
	if (end > 0)
		g->f->given = g->from + end;
	g->f->changed = 1;
}

int follow_open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* That something happens to fd is a hint; what is so is looked up. */
static void watch(struct follow *f)
{
	char link[64];

	if (f->notify >= 0)
		close(f->notify);
	f->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", f->fd);
	if (f->notify >= 0)
		inotify_add_watch(f->notify, link, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF);
}

void follow_use(struct follow *f, int fd, uint64_t offset)
{
	struct stat st;

	if (f->fd >= 0)
		close(f->fd);
	f->fd = fd;
	f->read = f->given = offset;
	f->changed = 1;
	f->dev = f->ino = 0;
	if (fstat(fd, &st) == 0) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
	}
	f->have_place = 0;
	watch(f);
}

int follow_open(struct follow *f, const char *path, const char *state, int from_start)
{
	f->path = path;
	f->state = state;
	f->fd = f->notify = -1;
	return follow_find(f, from_start);
}

/* Was it cut, or written anew, before what was read?  Then it is read from its begin. */
static void look_whether_cut(struct follow *f)
{
	struct stat st;
	int same = 1;

	if (fstat(f->fd, &st) != 0)
		return;
	if ((uint64_t)st.st_size < f->read)
		same = 0;
	else if (f->have_place && f->place.offset == f->given && (uint64_t)st.st_size > f->read)
		same = place_is_in(&f->place, f->fd);
	if (same != 0)
		return;
	log_notice("%s was cut; it is read from its begin", f->path);
	f->lines.len = f->lines.left_out = 0;
	f->read = f->given = 0;
	f->have_place = 0;
	f->changed = 1;
}

/* 1: there may be more; 0: its end; or -errno. */
static int read_piece(struct follow *f, lines_got *got, void *ctx)
{
	struct giving g = {.f = f, .got = got, .ctx = ctx, .from = f->read};
	static char piece[PIECE];
	ssize_t n = pread(f->fd, piece, sizeof(piece), (off_t)f->read);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	f->read += (uint64_t)n;
	lines_take(&f->lines, piece, (size_t)n, gave, &g);
	return n > 0;
}

/* The next of the older files that can be read, or -1. */
static int next_rest(struct follow *f)
{
	int fd = -1;

	while (fd < 0 && f->rests > 0) {
		char *path = f->rest[--f->rests];

		fd = follow_open_file(path);
		if (fd < 0)
			log_error("%s: %s; its lines are missing", path, err_text(fd));
		free(path);
	}
	return fd;
}

/* The file that has the path now, where it is another one than that which is read and its
 * writer has begun with it; or -1. */
static int next_of_path(struct follow *f)
{
	int fd = follow_open_file(f->path);
	struct stat st;

	if (fd < 0) {
		if (!f->missing_said)
			log_notice("%s: %s; waiting for it", f->path, err_text(fd));
		f->missing_said = 1;
		return -1;
	}
	f->missing_said = 0;
	if (f->fd < 0 || (fstat(fd, &st) == 0 && st.st_size > 0 &&
	    (st.st_dev != f->dev || st.st_ino != f->ino)))
		return fd;
	close(fd);
	return -1;
}

/* At the end of what is read: is there another one to go on with?  Then the old one is read
 * once more, since its writer may have been at it until now.  As follow_turn(). */
static int go_on(struct follow *f, lines_got *got, void *ctx)
{
	struct giving g = {.f = f, .got = got, .ctx = ctx};
	int fd, r = 0;

	if (clock_mono() < f->look_ns && f->rests == 0)
		return 0;
	f->look_ns = clock_mono() + FOLLOW_LOOK_MS * MS_NS;
	fd = next_rest(f);
	if (fd < 0)
		fd = next_of_path(f);
	if (fd < 0)
		return 0;
	while (f->fd >= 0 && (r = read_piece(f, got, ctx)) > 0)
		;
	lines_end(&f->lines, gave, &g);
	follow_use(f, fd, 0);
	return r < 0 ? r : 1;
}

static void take_events(struct follow *f)
{
	char events[4096];

	while (f->notify >= 0 && read(f->notify, events, sizeof(events)) > 0)
		;
}

/* Saves the place up to which lines were given. */
static void save(struct follow *f)
{
	int r;

	f->saved_ns = clock_mono();
	if (f->fd < 0 || f->refused)
		return;
	r = place_of(&f->place, f->fd, f->given);
	f->have_place = r == 0;
	if (r == 0 && f->state != NULL)
		r = place_save(&f->place, f->state);
	if (r != 0 && r != E_SHORT && f->state != NULL)
		log_error("%s: %s; a new start would read lines again", f->state, err_text(r));
	f->changed = r != 0;
}

int follow_turn(struct follow *f, lines_got *got, void *ctx)
{
	int r = 0;

	take_events(f);
	if (f->fd >= 0)
		look_whether_cut(f);
	for (int i = 0; i < PIECES && f->fd >= 0; i++)
		if ((r = read_piece(f, got, ctx)) <= 0)
			break;
	if (r < 0)
		return r;
	if (r == 0)
		r = go_on(f, got, ctx);
	if (f->changed && clock_mono() - f->saved_ns >= SAVE_NS)
		save(f);
	return r;
}

int follow_fd(const struct follow *f)
{
	return f->notify;
}

void follow_close(struct follow *f)
{
	if (f->changed)
		save(f);
	while (f->rests > 0)
		free(f->rest[--f->rests]);
	free(f->rest);
	if (f->fd >= 0)
		close(f->fd);
	if (f->notify >= 0)
		close(f->notify);
}
