/* SPDX-License-Identifier: ISC */
/*
 * replaybench [MB [HOURS]] - what a replay costs, on made sessions of so many megabytes of
 * output (100): playing one that came at once, through the emulator beside libvterm alone, and
 * without it; reading ahead in one of so many hours (8), and going to places in it.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <vterm.h>

#include "../tests/auditor/made_session.h"
#include "clock.h"
#include "replay/reel.h"
#include "replay/replay_filter.h"

#define MB 1048576u
#define PART 4096
#define SEEKS 200
#define ROUNDS 5
#define SECOND 1e9

/* A second of it: a listing in colours, some text, at times a full screen. */
static size_t second_of(char *p, size_t room, unsigned n, size_t want)
{
	size_t len = 0;
	unsigned i;

	if (n % 60 == 0)
		len += (size_t)snprintf(p, room, n % 120 ? "\033[?1049l" : "\033[?1049h\033[2J");
	for (i = 0; len < want && room - len > 256; i++)
		len += (size_t)snprintf(p + len, room - len,
		    "-rw-r--r-- 1 ann users %7u \033[%u;%um%s-%u-%u\033[0m caf\xc3\xa9\r\n",
		    n * 31 + i, i & 1, 31 + i % 7, "some-file-name", n, i);
	return len;
}

/* bulk: all came at once, nobody typed. */
static int make(unsigned mb, unsigned hours, int bulk)
{
	static char text[MB];
	struct made_session m;
	unsigned seconds = hours * 3600, n;
	size_t each = (size_t)mb * MB / seconds;

	made_session_begin(&m, 50, 132);
	for (n = 0; n < seconds; n++) {
		made_session_wait(&m, bulk ? 1000 : 1000000000);
		if (!bulk)
			made_session_typed(&m, "x");
		made_session_out(&m, text, second_of(text, sizeof text, n, each));
		if (!bulk)
			made_session_seal(&m);
	}
	return made_session_end(&m, 1, 1);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void must(int r)
{
	if (r >= 0)
		return;
	fprintf(stderr, "replaybench: code %d\n", r);
	exit(1);
}

static void seeks(int fd, uint64_t length)
{
	static double ms[SEEKS];
	struct reel r;
	uint64_t begin = clock_mono();
	int i, e;

	must(reel_open(&r, fd));
	while ((e = reel_scout(&r, 8000000)) > 0)
		;
	must(e);
	printf("read ahead: %.2f s, %zu key frames of %.1f MB\n",
	    (double)(clock_mono() - begin) / SECOND, r.keys.frames, (double)r.keys.bytes / MB);
	for (i = 0; i < SEEKS; i++) {
		begin = clock_mono();
		must(reel_seek(&r, length / 1000 * randombytes_uniform(1000)));
		ms[i] = (double)(clock_mono() - begin) / 1e6;
	}
	qsort(ms, SEEKS, sizeof ms[0], by_size);
	printf("seek: median %.1f ms, longest %.1f ms\n", ms[SEEKS / 2], ms[SEEKS - 1]);
	reel_release(&r);
}

/* Seconds that each takes for all of the session. */
static double emulated(int fd)
{
	uint64_t begin = clock_mono();
	struct reel r;

	must(reel_open(&r, fd));
	must(reel_seek(&r, UINT64_MAX));
	reel_release(&r);
	return (double)(clock_mono() - begin) / SECOND;
}

static char *all;
static size_t all_len;

static double vterm_alone(void)
{
	uint64_t begin = clock_mono();
	VTerm *vt = vterm_new(50, 132);
	VTermScreen *s = vterm_obtain_screen(vt);
	size_t at;

	vterm_set_utf8(vt, 1);
	vterm_screen_enable_altscreen(s, 1);
	vterm_screen_set_damage_merge(s, VTERM_DAMAGE_SCROLL);
	vterm_screen_reset(s, 1);
	for (at = 0; at < all_len; at += PART) /* all at once is more than its stack bears */
		vterm_input_write(vt, all + at, all_len - at < PART ? all_len - at : PART);
	vterm_free(vt);
	return (double)(clock_mono() - begin) / SECOND;
}

static double filtered(int fd, int keep)
{
	uint64_t begin = clock_mono();
	struct seen seen = { 0 };
	struct replay_filter f;
	struct chunks *c = malloc(sizeof *c);
	struct shown_event x;
	struct sink out;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	must(c == NULL || null < 0 ? -1 : 0);
	must(sink_init(&out, null));
	must(chunks_open(c, fd, &seen));
	replay_filter_init(&f, &out);
	while (chunks_load(c) > 0)
		while (chunks_next(c, &x)) {
			if (x.e.type != FRAME_OUTPUT)
				continue;
			replay_filter_put(&f, x.e.data, x.e.len);
			if (keep) {
				memcpy(all + all_len, x.e.data, x.e.len);
				all_len += x.e.len;
			}
		}
	must(sink_flush(&out));
	sink_release(&out);
	chunks_release(c);
	seen_release(&seen);
	free(c);
	close(null);
	return (double)(clock_mono() - begin) / SECOND;
}

int main(int argc, char **argv)
{
	unsigned mb = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	unsigned hours = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 8;
	double ours[ROUNDS], alone[ROUNDS], ratio[ROUNDS], plain[ROUNDS], size;
	int fd, i;

	if (sodium_init() < 0 || mb == 0 || hours == 0)
		return 1;
	fd = make(mb, hours, 1);
	all = malloc((size_t)mb * 3 * MB + (size_t)hours * 3600 * 512);
	must(all == NULL ? -1 : 0);
	(void)filtered(fd, 1);
	size = (double)all_len / 1e6;
	for (i = 0; i < ROUNDS; i++) {
		alone[i] = vterm_alone();
		ours[i] = emulated(fd);
		plain[i] = filtered(fd, 0);
		ratio[i] = alone[i] / ours[i];
	}
	qsort(ours, ROUNDS, sizeof ours[0], by_size);
	qsort(alone, ROUNDS, sizeof alone[0], by_size);
	qsort(plain, ROUNDS, sizeof plain[0], by_size);
	qsort(ratio, ROUNDS, sizeof ratio[0], by_size);
	printf("%.0f MB that came at once\n", size);
	printf("emulated: %.1f MB/s; libvterm alone: %.1f MB/s; ratio %.2f\n",
	    size / ours[ROUNDS / 2], size / alone[ROUNDS / 2], ratio[ROUNDS / 2]);
	printf("not emulated: %.1f MB/s\n", size / plain[ROUNDS / 2]);
	close(fd);
	fd = make(mb, hours, 0);
	printf("as much in %u h, a chunk a second\n", hours);
	seeks(fd, (uint64_t)hours * 3600 * 1000000000);
	close(fd);
	return 0;
}
