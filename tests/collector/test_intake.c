/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>

#include "../../collector/fifo_drain.h"
#include "../../collector/intake.h"
#include "../lib/suite.h"
#include "err.h"
#include "fixture.h"

static struct fixture f;
static struct intake in;
static struct fifo_drain d;
static int file, fifo[2], settled;

/* As at registration: the file holds frame 0. */
static void begin(void)
{
	char name[] = "/tmp/intakeXXXXXX";
	struct chain chain;
	struct frame fr;

	fixture_start(&f, 1);
	file = mkstemp(name);
	ck_assert_int_ge(file, 0);
	unlink(name);
	ck_assert_int_eq(write(file, f.buf, f.cert), (ssize_t)f.cert);
	chain_init(&chain);
	ck_assert_int_gt(frame_parse(f.buf, f.len, &fr), 0);
	ck_assert_int_eq(chain_frame(&chain, &fr, f.buf, f.pk, NULL), 0);
	intake_init(&in, file, &chain);
	ck_assert_int_eq(pipe2(fifo, O_NONBLOCK | O_CLOEXEC), 0);
	ck_assert_uint_ge(fifo_drain_grow(fifo[1]), 4096);
	ck_assert_int_eq(fifo_drain_init(&d), 0);
}

static void end(void)
{
	close(file);
	close(fifo[0]);
	if (fifo[1] >= 0)
		close(fifo[1]);
	fifo_drain_release(&d);
}

static void feed(const void *p, size_t len)
{
	ck_assert_int_eq(write(fifo[1], p, len), (ssize_t)len);
}

/* peek, take, consume; the bytes that were in the FIFO */
static ssize_t turn(struct intake_result *r)
{
	ssize_t n = fifo_drain_peek(&d, fifo[0]);

	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(intake_take(&in, d.buf, (size_t)n, f.pk, r), 0);
	settled = intake_settle(&in);
	ck_assert_int_eq(fifo_drain_consume(&d, fifo[0], r->take), 0);
	return n;
}

static void same_file(size_t len)
{
	static uint8_t got[sizeof(f.buf)];

	ck_assert_int_eq(pread(file, got, sizeof(got), 0), (ssize_t)len);
	ck_assert_mem_eq(got, f.buf, len);
}

START_TEST(stores_what_came)
{
	struct intake_result r;

	fixture_chunk(&f, SEAL_START, 0, 3, 100);
	fixture_chunk(&f, SEAL_DATA, SEAL_F_PROMPT, 15, 4000);
	feed(f.buf, f.len);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	ck_assert_uint_eq(r.take, f.len);
	ck_assert_uint_eq(r.stored, f.len - f.cert);
	ck_assert_int_eq(r.sealed, 2);
	ck_assert_int_eq(r.prompt, 1);
	same_file(f.len);
	ck_assert_int_eq(fifo_drain_peek(&d, fifo[0]), -EAGAIN);
	close(fifo[1]);
	fifo[1] = -1;
	ck_assert_int_eq(fifo_drain_peek(&d, fifo[0]), 0);
}
END_TEST

START_TEST(peek_takes_nothing)
{
	struct intake_result r;
	ssize_t n;
	int i;

	fixture_chunk(&f, SEAL_START, 0, 1, 10);
	feed(f.buf, f.len);
	for (i = 0; i < 3; i++) {
		n = fifo_drain_peek(&d, fifo[0]);
		ck_assert_int_eq(n, (ssize_t)f.len);
		ck_assert_mem_eq(d.buf, f.buf, f.len);
	}
	turn(&r);
	ck_assert_uint_eq(r.take, f.len);
}
END_TEST

START_TEST(part_of_a_frame_waits)
{
	struct intake_result r;
	size_t cut;

	fixture_chunk(&f, SEAL_START, 0, 1, 1000);
	for (cut = 0; cut < f.len; cut += 97) {
		feed(f.buf + cut, f.len - cut < 97 ? f.len - cut : 97);
		turn(&r);
		ck_assert_int_eq(r.error, 0);
	}
	same_file(f.len);
	ck_assert_uint_eq(in.chain.chunk, 1);
}
END_TEST

START_TEST(doubles_are_skipped)
{
	struct intake_result r;
	size_t first;

	fixture_chunk(&f, SEAL_START, 0, 5, 100);
	first = f.len;
	feed(f.buf, f.len);
	turn(&r);
	/* a collector that stored these and did not consume them all */
	intake_init(&in, file, &in.chain);
	fixture_chunk(&f, SEAL_DATA, 0, 2, 50);
	feed(f.buf + f.cert, f.len - f.cert);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	ck_assert_uint_eq(r.take, f.len - f.cert);
	ck_assert_uint_eq(r.stored, f.len - first);
	same_file(f.len);
}
END_TEST

/* As of a FIFO that an earlier collector did not consume, and then a spool that
 * begins with what the FIFO held. */
START_TEST(doubles_may_come_twice)
{
	struct intake_result r;
	size_t first;

	fixture_chunk(&f, SEAL_START, 0, 5, 100);
	first = f.len;
	feed(f.buf, f.len);
	turn(&r);
	intake_init(&in, file, &in.chain);
	feed(f.buf + f.cert, f.len - f.cert);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	intake_again(&in);
	fixture_chunk(&f, SEAL_DATA, 0, 2, 50);
	feed(f.buf + f.cert, f.len - f.cert);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	ck_assert_uint_eq(r.stored, f.len - first);
	same_file(f.len);
}
END_TEST

START_TEST(doubles_only_at_the_start)
{
	struct intake_result r;

	fixture_chunk(&f, SEAL_START, 0, 1, 100);
	feed(f.buf, f.len);
	turn(&r);
	feed(f.buf + f.cert, f.len - f.cert);
	turn(&r);
	ck_assert_int_eq(r.error, E_CHAIN);
	ck_assert_uint_eq(r.take, 0);
	same_file(f.len);
}
END_TEST

START_TEST(other_doubles_are_refused)
{
	struct intake_result r;
	uint8_t other[FRAME_MAX];

	memcpy(other, f.buf, f.cert);
	other[f.cert - 1] ^= 1;
	feed(other, f.cert);
	turn(&r);
	ck_assert_int_eq(r.error, E_CHAIN);
	ck_assert_uint_eq(r.take, 0);
	same_file(f.cert);
}
END_TEST

START_TEST(good_frames_before_a_bad_one_stay)
{
	struct intake_result r;

	fixture_chunk(&f, SEAL_START, 0, 1, 100);
	feed(f.buf, f.len);
	feed("garbage garbage garbage", 23);
	turn(&r);
	ck_assert_int_eq(r.error, E_FORMAT);
	ck_assert_uint_eq(r.take, f.len);
	same_file(f.len);
}
END_TEST

START_TEST(nothing_behind_end)
{
	struct intake_result r;
	size_t whole;

	fixture_chunk(&f, SEAL_START, 0, 1, 100);
	fixture_chunk(&f, SEAL_END, 0, 1, 100);
	whole = f.len;
	feed(f.buf, f.len);
	feed(f.buf, 100);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	ck_assert_int_eq(in.chain.ended, 1);
	ck_assert_int_eq(r.prompt, 1);
	ck_assert_uint_eq(r.take, whole);
	same_file(whole);
}
END_TEST

START_TEST(a_batch_is_bounded_in_seals)
{
	struct intake_result r;
	int i, turns = 0;

	fixture_chunk(&f, SEAL_START, 0, 0, 0);
	for (i = 0; i < 3 * INTAKE_SEALS_MAX; i++)
		fixture_chunk(&f, SEAL_DATA, 0, 0, 0);
	feed(f.buf, f.len);
	do {
		turn(&r);
		turns++;
		ck_assert_int_le(r.sealed, INTAKE_SEALS_MAX);
	} while (r.more);
	ck_assert_int_eq(turns, 4);
	same_file(f.len);
}
END_TEST

START_TEST(a_store_that_is_full_loses_nothing)
{
	const struct rlimit small = {.rlim_cur = 3000, .rlim_max = RLIM_INFINITY};
	const struct rlimit open_again = {RLIM_INFINITY, RLIM_INFINITY};
	struct intake_result r;
	ssize_t n;

	signal(SIGXFSZ, SIG_IGN);
	fixture_chunk(&f, SEAL_START, 0, 3, 2000);
	feed(f.buf, f.len);
	n = fifo_drain_peek(&d, fifo[0]);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	ck_assert_int_eq(intake_take(&in, d.buf, (size_t)n, f.pk, &r), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &open_again), 0);
	same_file(f.cert);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	same_file(f.len);
}
END_TEST

static void forge_last_seal(void)
{
	f.buf[f.len - 1] ^= 1; /* of the signature */
}

START_TEST(a_seal_that_is_waited_for_is_checked_last)
{
	struct intake_result r;
	size_t good;

	fixture_chunk(&f, SEAL_START, 0, 3, 100);
	fixture_chunk(&f, SEAL_DATA, SEAL_F_PROMPT, 1, 10);
	good = f.len - FRAME_HEADER - SEAL_SIZE;
	forge_last_seal();
	feed(f.buf, f.len);
	turn(&r);
	ck_assert_int_eq(r.error, 0);
	ck_assert_int_eq(settled, E_SIGNATURE);
	same_file(good);
	ck_assert_uint_eq(in.chain.offset, good);
	ck_assert_uint_eq(in.chain.chunk, 1);
	ck_assert_int_eq(in.chain.error, E_SIGNATURE);
	ck_assert_int_eq(intake_settle(&in), 0);
}
END_TEST

START_TEST(every_other_seal_is_checked_first)
{
	struct intake_result r;
	size_t good;

	fixture_chunk(&f, SEAL_START, 0, 3, 100);
	fixture_chunk(&f, SEAL_DATA, SEAL_F_PROMPT, 1, 10);
	good = f.len - FRAME_HEADER - SEAL_SIZE;
	forge_last_seal();
	fixture_chunk(&f, SEAL_DATA, SEAL_F_PROMPT, 1, 10);
	feed(f.buf, f.len);
	turn(&r);
	ck_assert_int_eq(r.error, E_SIGNATURE);
	ck_assert_uint_eq(r.take, good);
	ck_assert_int_eq(settled, 0);
	same_file(good);
}
END_TEST

START_TEST(a_second_reader_is_noticed)
{
	char c[10];

	feed("0123456789", 10);
	ck_assert_int_eq(fifo_drain_peek(&d, fifo[0]), 10);
	ck_assert_int_eq(read(fifo[0], c, 5), 5);
	ck_assert_int_eq(fifo_drain_consume(&d, fifo[0], 10), -EPIPE);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("intake");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, stores_what_came);
	tcase_add_test(t, peek_takes_nothing);
	tcase_add_test(t, part_of_a_frame_waits);
	tcase_add_test(t, doubles_are_skipped);
	tcase_add_test(t, doubles_may_come_twice);
	tcase_add_test(t, doubles_only_at_the_start);
	tcase_add_test(t, other_doubles_are_refused);
	tcase_add_test(t, good_frames_before_a_bad_one_stay);
	tcase_add_test(t, nothing_behind_end);
	tcase_add_test(t, a_batch_is_bounded_in_seals);
	tcase_add_test(t, a_store_that_is_full_loses_nothing);
	tcase_add_test(t, a_seal_that_is_waited_for_is_checked_last);
	tcase_add_test(t, every_other_seal_is_checked_first);
	tcase_add_test(t, a_second_reader_is_noticed);
	return suite_run_case("intake", t);
}
