/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "container.h"
#include "err.h"
#include "io.h"
#include "judge.h"
#include "recording.h"
#include "segment.h"
#include "suite.h"

#define WHEN INT64_C(1800000000000000000)
#define SEAL_FRAME (FRAME_HEADER + SEAL_SIZE)

static struct recording rec;
static uint8_t file[RECORDING_MAX], packed[2 * RECORDING_MAX];
static size_t file_len;
static struct purge_count count;

/* Purges these bytes into file. */
static int purge(const uint8_t *p, size_t len)
{
	int in = judge_file(p, len), out = judge_file(NULL, 0);
	int r = container_purge(in, out, WHEN, &count);

	if (r == 0) {
		lseek(out, 0, SEEK_SET);
		file_len = (size_t)io_read_all(out, file, sizeof(file));
	}
	close(in);
	close(out);
	return r;
}

/* Reads the file as it is now. */
static void is(const char *kind, int64_t chunk)
{
	struct finding f;

	judge(file, file_len, rec.host_pk, &f, NULL);
	ck_assert_str_eq(f.kind, kind);
	ck_assert_int_eq(f.chunk, chunk);
}

/* After a change: its digest is made to fit. */
static void fit(void)
{
	hash_of(file + file_len - HASH_SIZE, file, file_len - HASH_SIZE);
}

static size_t seal_at(int k)
{
	return PURGED_HEADER + rec.frame_off[1] + (size_t)k * SEAL_FRAME;
}

START_TEST(what_stays)
{
	size_t kept = rec.frame_off[1] + RECORDING_CHUNKS * SEAL_FRAME;
	struct session_file s;
	struct frame f;
	int i, fd, k = 0;

	ck_assert_int_eq(purge(rec.bytes, rec.len), 0);
	ck_assert_uint_eq(file_len, PURGED_HEADER + kept + PURGED_TRAILER);
	ck_assert_mem_eq(file, "SHLZ\1\2\0\0", PURGED_HEADER);
	ck_assert_mem_eq(file + PURGED_HEADER, rec.bytes, rec.frame_off[1]);
	for (i = 0; i < RECORDING_CHUNKS; i++)
		ck_assert_mem_eq(file + seal_at(i), rec.bytes + rec.chunk_end[i] - SEAL_FRAME,
		    SEAL_FRAME);
	ck_assert_uint_eq(count.n, 7);
	ck_assert_uint_eq(count.chunks, RECORDING_CHUNKS);
	ck_assert_uint_eq(count.bytes, rec.len - kept);
	fd = judge_file(file, file_len);
	ck_assert_int_eq(session_file_open(&s, fd), 0);
	while (session_file_next(&s, rec.host_pk, &f, NULL) == 1)
		k++;
	ck_assert_int_eq(s.finding.code, 0);
	ck_assert_int_eq(k, 1 + RECORDING_CHUNKS);
	ck_assert_int_eq(s.purged, 1);
	ck_assert_int_eq(s.was.wall_ns, WHEN);
	ck_assert_uint_eq(s.was.length, rec.len);
	ck_assert_int_eq(s.chain.ended && s.chain.certified, 1);
	ck_assert_uint_eq(s.chain.offset, rec.len);
	ck_assert_uint_eq(s.chain.sealed_offset, rec.len);
	ck_assert_uint_eq(s.chain.frame, rec.frames);
	ck_assert_uint_eq(s.chain.lost_bytes, 12345);
	ck_assert_uint_eq(s.chain.hidden_bytes, 9);
	session_file_release(&s);
	close(fd);
}
END_TEST

START_TEST(from_a_packed_one)
{
	static uint8_t plain[RECORDING_MAX];
	size_t plain_len;
	long n;

	ck_assert_int_eq(purge(rec.bytes, rec.len), 0);
	plain_len = file_len;
	memcpy(plain, file, file_len);
	n = judge_pack(packed, sizeof(packed), rec.bytes, rec.len);
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(purge(packed, (size_t)n), 0);
	ck_assert_uint_eq(file_len, plain_len);
	ck_assert_mem_eq(file, plain, plain_len);
	memcpy(packed, file, file_len);
	ck_assert_int_eq(purge(packed, file_len), 1);
}
END_TEST

START_TEST(one_that_was_cut)
{
	size_t i;

	for (i = 0; i < RECORDING_CHUNKS - 1; i++) {
		ck_assert_int_eq(purge(rec.bytes, rec.chunk_end[i]), 0);
		is("cut", (int64_t)i + 1);
	}
	/* without a seal; with frames behind the last one */
	ck_assert_int_eq(purge(rec.bytes, rec.frame_off[1]), 0);
	is("cut", 0);
	ck_assert_uint_eq(count.chunks, 0);
	ck_assert_uint_eq(count.bytes, 0);
	ck_assert_int_eq(purge(rec.bytes, rec.frame_off[10]), 0);
	is("cut", 1);
	ck_assert_uint_eq(get_u64(file + file_len - PURGED_TRAILER), rec.frame_off[10]);
}
END_TEST

START_TEST(nothing_is_made_of_a_wrong_one)
{
	ck_assert_int_eq(purge(NULL, 0), E_SHORT);
	ck_assert_int_eq(purge(rec.bytes, rec.len - 1), E_SHORT);
	memcpy(packed, rec.bytes, rec.len);
	packed[rec.frame_off[9] + FRAME_HEADER + 1] ^= 1;
	ck_assert_int_eq(purge(packed, rec.len), E_DIGEST);
}
END_TEST

START_TEST(any_byte)
{
	struct finding f;
	size_t i;
	int certified;

	ck_assert_int_eq(purge(rec.bytes, rec.len), 0);
	for (i = 0; i < file_len; i++) {
		file[i] ^= 1;
		judge(file, file_len, rec.host_pk, &f, NULL);
		ck_assert_str_ne(f.kind, "");
		file[i] ^= 1;
		judge(file, i, rec.host_pk, &f, NULL);
		ck_assert_str_ne(f.kind, "");
	}
	judge(file, file_len, rec.host_pk, &f, &certified);
	ck_assert_str_eq(f.kind, "");
	ck_assert_int_eq(certified, 1);
}
END_TEST

/* Whoever changes it can make its digest anew: the chain has to find it. */
START_TEST(any_byte_and_the_digest)
{
	size_t i, end;
	struct finding f;
	int certified;

	ck_assert_int_eq(purge(rec.bytes, rec.len), 0);
	end = file_len - PURGED_TRAILER;
	for (i = 0; i < end + 8; i++) { /* all but when it was */
		file[i] ^= 1;
		fit();
		judge(file, file_len, rec.host_pk, &f, &certified);
		ck_assert(f.kind[0] != '\0' || !certified);
		if (i >= end)
			ck_assert_str_eq(f.kind, "container");
		file[i] ^= 1;
	}
}
END_TEST

START_TEST(a_seal_less)
{
	int i;

	for (i = 0; i < RECORDING_CHUNKS - 1; i++) {
		ck_assert_int_eq(purge(rec.bytes, rec.len), 0);
		memmove(file + seal_at(i), file + seal_at(i + 1), file_len - seal_at(i + 1));
		file_len -= SEAL_FRAME;
		fit();
		is("chain", i);
	}
	ck_assert_int_eq(purge(rec.bytes, rec.len), 0); /* the last one: it reads as cut */
	memmove(file + seal_at(5), file + seal_at(6), PURGED_TRAILER);
	file_len -= SEAL_FRAME;
	fit();
	is("cut", 5);
	put_u64(file + file_len - PURGED_TRAILER, rec.chunk_end[4] - 1);
	fit();
	is("container", -1);
}
END_TEST

START_TEST(an_event_in_it)
{
	size_t len = rec.frame_off[2] - rec.frame_off[1];

	ck_assert_int_eq(purge(rec.bytes, rec.len), 0);
	memmove(file + seal_at(0) + len, file + seal_at(0), file_len - seal_at(0));
	memcpy(file + seal_at(0), rec.bytes + rec.frame_off[1], len);
	file_len += len;
	fit();
	is("format", 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_stays, from_a_packed_one, one_that_was_cut, nothing_is_made_of_a_wrong_one,
		any_byte, any_byte_and_the_digest, a_seal_less, an_event_in_it,
	};

	recording_fix_random();
	recording_make(&rec);
	return suite_run("container_purge", tests, sizeof(tests) / sizeof(tests[0]));
}
