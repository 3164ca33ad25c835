/* SPDX-License-Identifier: ISC */
#include "../../auditor/verify/shown.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/recording.h"
#include "../lib/suite.h"
#include "io.h"

static struct recording rec;

/* What was handed over. */
struct seen {
	size_t events, sealed;
	int64_t last_chunk;
	uint64_t at_ns;
	size_t out_bytes;
	size_t stop_at;      /* 0: never */
};

static int see(void *arg, const struct shown_event *x)
{
	struct seen *s = arg;

	ck_assert_int_ge(x->chunk, s->last_chunk);
	ck_assert_uint_ge(x->at_ns, s->at_ns);
	s->last_chunk = x->chunk;
	s->at_ns = x->at_ns;
	s->events++;
	s->sealed += x->sealed != 0;
	if (x->e.type == FRAME_OUTPUT)
		s->out_bytes += x->e.len;
	return s->stop_at != 0 && s->events == s->stop_at ? 42 : 0;
}

static int show(const uint8_t *p, size_t len, struct seen *s, struct verdict *v, size_t stop_at)
{
	const struct judge_how how = { .host_pk = rec.host_pk };
	int fd = memfd_create("session", MFD_CLOEXEC), r;

	*s = (struct seen){ .last_chunk = -1, .stop_at = stop_at };
	ck_assert_int_eq(io_write_all(fd, p, len), 0);
	r = shown_file(fd, NULL, &how, see, s, v);
	close(fd);
	return r;
}

START_TEST(all_of_a_whole_session)
{
	struct seen s;
	struct verdict v;

	ck_assert_int_eq(show(rec.bytes, rec.len, &s, &v, 0), 0);
	ck_assert_uint_eq(s.events, rec.frames - RECORDING_CHUNKS - 1); /* but SEALs and CERT */
	ck_assert_uint_eq(s.sealed, s.events);
	ck_assert_uint_eq(s.out_bytes, v.chain.out_bytes);
	ck_assert_uint_eq(s.at_ns, v.chain.elapsed_ns);
	ck_assert_int_eq(s.last_chunk, RECORDING_CHUNKS - 1);
}
END_TEST

/* A bit that is wrong anywhere in a chunk: nothing of it is shown, and all before it. */
START_TEST(nothing_of_a_damaged_chunk)
{
	static uint8_t copy[RECORDING_MAX];
	struct seen s;
	struct verdict v;
	size_t off;

	for (off = rec.frame_off[1]; off < rec.len; off += 7) {
		memcpy(copy, rec.bytes, rec.len);
		copy[off] ^= 1;
		ck_assert_int_eq(show(copy, rec.len, &s, &v, 0), 0);
		ck_assert_int_lt(s.last_chunk, recording_chunk_at(&rec, off));
		ck_assert_uint_eq(s.sealed, s.events);
		ck_assert(!verdict_good(&v));
	}
}
END_TEST

/* What no seal covers comes last, and is said to be so. */
START_TEST(what_is_unsealed_is_marked)
{
	size_t whole = rec.chunk_end[RECORDING_CHUNKS - 2], off;
	struct seen sealed, s;
	struct verdict v;

	ck_assert_int_eq(show(rec.bytes, whole, &sealed, &v, 0), 0);
	ck_assert_uint_eq(sealed.sealed, sealed.events);
	for (off = whole; off < rec.chunk_end[RECORDING_CHUNKS - 1] - FRAME_HEADER; off += 3) {
		ck_assert_int_eq(show(rec.bytes, off, &s, &v, 0), 0);
		ck_assert_uint_eq(s.sealed, sealed.events);
		ck_assert_uint_ge(s.events, sealed.events);
	}
	ck_assert_uint_gt(s.events, sealed.events);
}
END_TEST

START_TEST(a_callback_ends_it)
{
	struct seen s;
	struct verdict v;

	ck_assert_int_eq(show(rec.bytes, rec.len, &s, &v, 3), 42);
	ck_assert_uint_eq(s.events, 3);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { all_of_a_whole_session, nothing_of_a_damaged_chunk,
		what_is_unsealed_is_marked, a_callback_ends_it };

	recording_fix_random();
	recording_make(&rec);
	return suite_run("shown", tests, sizeof tests / sizeof tests[0]);
}
