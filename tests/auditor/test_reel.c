/* SPDX-License-Identifier: ISC */
#include "replay/reel.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "made_session.h"

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
#define STEPS 2000
#define PLACES 12

/* A session with all that moves a screen about: text, colours, full-screen redraws, windows,
 * pauses; some megabytes, many chunks. */
static int make(int packed, int ended)
{
	struct made_session m;
	char text[512];
	unsigned i, j;

	made_session_begin(&m, 24, 80);
	for (i = 0; i < STEPS; i++) {
		made_session_wait(&m, (1 + i % 7) * 100 * MS);
		if (i % 500 == 499)
			made_session_window(&m, (uint16_t)(10 + i % 40), (uint16_t)(40 + i % 90));
		if (i % 50 == 0)
			made_session_text(&m, i % 100 == 0 ? "\033[?1049h\033[2J" : "\033[?1049l");
		for (j = 0; j < 1 + i % 13; j++) {
			snprintf(text, sizeof text, "\033[%um%u.%u caf\xc3\xa9 \xe6\x97\xa5 %*s\033[m\r\n",
			    31 + i % 7, i, j, (int)(i % 70), "x");
			made_session_text(&m, text);
		}
		if (i % 3 == 0)
			made_session_seal(&m);
	}
	return made_session_end(&m, ended, packed);
}

static void same_screen(const struct screen *a, const struct screen *b)
{
	int row, col, ar, ac, av, br, bc, bv;

	ck_assert_int_eq(screen_rows(a), screen_rows(b));
	ck_assert_int_eq(screen_cols(a), screen_cols(b));
	ck_assert_int_eq(screen_alternate(a), screen_alternate(b));
	screen_cursor(a, &ar, &ac, &av);
	screen_cursor(b, &br, &bc, &bv);
	ck_assert(ar == br && ac == bc && av == bv);
	for (row = 0; row < screen_rows(a); row++)
		for (col = 0; col < screen_cols(a); col++) {
			const struct screen_cell *x = &screen_row(a, row)[col], *y = &screen_row(b, row)[col];

			ck_assert_mem_eq(x->rune, y->rune, sizeof x->rune);
			ck_assert(x->pen.fg == y->pen.fg && x->pen.bg == y->pen.bg &&
			    x->pen.attr == y->pen.attr);
		}
}

/* Plays straight on to a time with a reel of its own. */
static void play_to(struct reel *r, uint64_t at_ns)
{
	while (head_peek(&r->front) > 0 && r->front.next.at_ns <= at_ns)
		head_take(&r->front);
}

static void scout_all(struct reel *r)
{
	int e;

	while ((e = reel_scout(r, MS)) > 0)
		;
	ck_assert_int_eq(e, 0);
}

static uint64_t length(int fd)
{
	struct reel r;
	uint64_t ns;

	ck_assert_int_eq(reel_open(&r, fd), 0);
	scout_all(&r);
	ns = r.scout.at_ns;
	reel_release(&r);
	return ns;
}

/* Goes to places in any order; each shows what playing up to it shows. */
static void seeks(int fd, int scouted)
{
	struct reel seek, straight;
	uint64_t all = length(fd), at[PLACES];
	unsigned i, j;

	ck_assert_uint_gt(all, 600 * SECOND);
	ck_assert_int_eq(reel_open(&seek, fd), 0);
	if (scouted)
		scout_all(&seek);
	for (i = 0; i < PLACES; i++)
		at[i] = i * 7919 * SECOND / 13 % (all + SECOND);
	for (i = 0; i < PLACES; i++) {
		ck_assert_int_eq(reel_seek(&seek, at[i]), 0);
		ck_assert_int_eq(reel_open(&straight, fd), 0);
		play_to(&straight, at[i]);
		same_screen(seek.front.screen, straight.front.screen);
		ck_assert_uint_eq(seek.front.at_ns, straight.front.at_ns);
		ck_assert_int_eq(seek.front.chunk, straight.front.chunk);
		for (j = 0; j < 10 && head_peek(&seek.front) > 0; j++) { /* and it goes on so */
			ck_assert_int_eq(head_peek(&straight.front), 1);
			head_take(&seek.front);
			head_take(&straight.front);
		}
		same_screen(seek.front.screen, straight.front.screen);
		reel_release(&straight);
	}
	reel_release(&seek);
}

START_TEST(a_seek_shows_what_playing_shows)
{
	int fd = make(_i & 1, 1);

	seeks(fd, _i >> 1);
	close(fd);
}
END_TEST

START_TEST(key_frames_thin_out)
{
	struct reel r;
	struct keyframes *k = &r.keys;
	size_t i, most;
	int fd = make(1, 1);

	ck_assert_int_eq(reel_open(&r, fd), 0);
	k->step = 4096;
	k->bytes_max = 40 * (sizeof(struct keyframe) + screen_shot_size(k->frame[0].shot));
	most = k->bytes_max;
	scout_all(&r);
	ck_assert_uint_gt(k->frames, 2);
	ck_assert_uint_gt(k->step, 4096);
	ck_assert_uint_le(k->bytes, most);
	for (i = 1; i < k->frames; i++)
		ck_assert_uint_gt(k->frame[i].mark.chain.offset, k->frame[i - 1].mark.chain.offset);
	ck_assert_int_eq(reel_seek(&r, 0), 0);
	ck_assert_uint_eq(r.front.at_ns, 0);
	reel_release(&r);
	close(fd);
}
END_TEST

START_TEST(by_wall_clock_and_chunk)
{
	struct reel r;
	int fd = make(1, 1);

	ck_assert_int_eq(reel_open(&r, fd), 0);
	scout_all(&r);
	ck_assert_int_eq(reel_seek_chunk(&r, 321), 0);
	ck_assert_int_eq(head_peek(&r.front), 1);
	ck_assert_int_eq(r.front.next.chunk, 321);
	ck_assert_uint_eq(r.front.next.e.type, FRAME_BEGIN);
	ck_assert_int_eq(reel_seek_wall(&r, MADE_WALL + (int64_t)(300 * SECOND)), 0);
	ck_assert_uint_le(r.front.at_ns, 300 * SECOND);
	ck_assert_int_eq(head_peek(&r.front), 1);
	ck_assert_uint_gt(r.front.next.at_ns, 300 * SECOND);
	ck_assert_int_eq(reel_seek_wall(&r, MADE_WALL - 1), 0);
	ck_assert_uint_eq(r.front.at_ns, 0);
	ck_assert_int_eq(reel_seek_chunk(&r, 999999), 0);
	ck_assert_int_eq(head_peek(&r.front), 0);
	reel_release(&r);
	close(fd);
}
END_TEST

static void flip(int fd, off_t at)
{
	uint8_t b;

	ck_assert_int_eq(pread(fd, &b, 1, at), 1);
	b ^= 1;
	ck_assert_int_eq(pwrite(fd, &b, 1, at), 1);
}

/* Nothing of a chunk that fails its check is shown, also where that was right the first
 * time. */
START_TEST(what_fails_its_check_is_not_shown)
{
	struct reel r;
	int fd = make(0, 1);
	off_t at;
	int64_t chunk;

	ck_assert_int_eq(reel_open(&r, fd), 0);
	r.keys.step = UINT64_MAX / 2; /* none but the first: none is behind what is changed */
	ck_assert_int_eq(reel_seek_chunk(&r, 400), 0);
	at = (off_t)r.front.in->border.at.off;
	ck_assert_int_eq(reel_seek(&r, UINT64_MAX), 0);
	chunk = r.front.chunk;
	ck_assert_int_gt(chunk, 401);
	flip(fd, at + 100); /* in the payload of the chunk behind: it was right when it was read */
	ck_assert_int_eq(reel_seek(&r, 0), 0);
	ck_assert_int_eq(reel_seek(&r, UINT64_MAX), 0);
	ck_assert_int_eq(r.front.chunk, 400);
	ck_assert_int_eq(r.front.in->error != 0, 1);
	reel_release(&r);
	ck_assert_int_eq(reel_open(&r, fd), 0);
	ck_assert_int_eq(reel_seek(&r, UINT64_MAX), 0);
	ck_assert_int_eq(r.front.chunk, 400);
	reel_release(&r);
	close(fd);
}
END_TEST

/* A chunk in whose place another one was put, right by its own signature and all, is not
 * the one that was verified. */
START_TEST(another_chunk_is_not_the_same)
{
	struct reel r;
	int fd = make(0, 1);

	ck_assert_int_eq(reel_open(&r, fd), 0);
	r.keys.step = UINT64_MAX / 2;
	scout_all(&r);
	ck_assert_uint_gt(r.seen.chunks, 100);
	r.seen.digest[100][0] ^= 1; /* as if the first time it had been another */
	ck_assert_int_eq(reel_seek(&r, UINT64_MAX - 1), 0);
	ck_assert_int_eq(reel_seek_chunk(&r, 100), 0);
	ck_assert_int_eq(head_peek(&r.front), 0);
	ck_assert_int_eq(r.front.chunk, 99);
	reel_release(&r);
	close(fd);
}
END_TEST

/* What no seal covers is shown as such, once; and not at all where the reader says so. */
START_TEST(an_unsealed_end)
{
	struct reel r;
	struct made_session m;
	int fd, i;

	made_session_begin(&m, 24, 80);
	made_session_text(&m, "sealed");
	made_session_seal(&m);
	made_session_text(&m, " and not");
	fd = made_session_end(&m, 0, 0);
	for (i = 0; i < 2; i++) {
		char text[SCREEN_TEXT_MAX(80)];

		ck_assert_int_eq(reel_open(&r, fd), 0);
		r.front.in->tail = i;
		ck_assert_int_eq(reel_seek(&r, UINT64_MAX), 0);
		ck_assert_int_eq(head_peek(&r.front), 0);
		ck_assert_int_eq(head_peek(&r.front), 0);
		screen_text(screen_row(r.front.screen, 0), 80, text, sizeof text);
		ck_assert_str_eq(text, i ? "sealed and not" : "sealed");
		ck_assert_int_eq(r.front.sealed, !i);
		reel_release(&r);
	}
	close(fd);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("reel");

	if (sodium_init() < 0)
		return 1;
	tcase_add_loop_test(tc, a_seek_shows_what_playing_shows, 0, 4);
	tcase_add_test(tc, key_frames_thin_out);
	tcase_add_test(tc, by_wall_clock_and_chunk);
	tcase_add_test(tc, what_fails_its_check_is_not_shown);
	tcase_add_test(tc, another_chunk_is_not_the_same);
	tcase_add_test(tc, an_unsealed_end);
	return suite_run_case("reel", tc);
}
