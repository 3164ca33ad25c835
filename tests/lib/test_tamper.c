/* SPDX-License-Identifier: ISC */
/* Every single bit and every length of a small session, plain and packed. */
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "judge.h"
#include "recording.h"
#include "segment.h"
#include "suite.h"

static struct recording rec;
static uint8_t packed[RECORDING_MAX];
static size_t packed_len, table, segment_off[RECORDING_CHUNKS + 1];

static void pack_recording(void)
{
	size_t i;

	packed_len = (size_t)judge_pack(packed, sizeof(packed), rec.bytes, rec.len);
	table = packed_len - CONTAINER_TRAILER - RECORDING_CHUNKS * CONTAINER_ENTRY;
	segment_off[0] = CONTAINER_HEADER;
	for (i = 0; i < RECORDING_CHUNKS; i++)
		segment_off[i + 1] = segment_off[i] + get_u32(packed + table + i * CONTAINER_ENTRY);
}

START_TEST(sound_ones_have_no_finding)
{
	struct finding f;
	int certified;

	ck_assert_uint_eq(segment_off[RECORDING_CHUNKS], table);
	judge(rec.bytes, rec.len, rec.host_pk, &f, &certified);
	ck_assert_str_eq(f.kind, "");
	ck_assert_int_eq(certified, 1);
	judge(packed, packed_len, rec.host_pk, &f, &certified);
	ck_assert_str_eq(f.kind, "");
	ck_assert_int_eq(certified, 1);
}
END_TEST

START_TEST(every_bit_of_a_plain_file)
{
	struct finding f;
	size_t off;
	int bit, certified;

	for (off = 0; off < rec.len; off++)
		for (bit = 0; bit < 8; bit++) {
			rec.bytes[off] ^= (uint8_t)(1 << bit);
			judge(rec.bytes, rec.len, NULL, &f, NULL);
			/* one flip makes the last SEAL an INPUT: the caller's "unsealed" */
			ck_assert_msg(f.kind[0] != '\0', "byte %zu bit %d: not found", off, bit);
			ck_assert_msg(f.chunk == recording_chunk_at(&rec, off),
			    "byte %zu bit %d: chunk %ld, %s", off, bit, (long)f.chunk, f.kind);
			rec.bytes[off] ^= (uint8_t)(1 << bit);
		}
	for (off = FRAME_HEADER; off < rec.frame_off[1]; off++) {
		rec.bytes[off] ^= 1;
		judge(rec.bytes, rec.len, rec.host_pk, &f, &certified);
		ck_assert_msg(certified == 0, "byte %zu: certified", off);
		rec.bytes[off] ^= 1;
	}
}
END_TEST

static int starts_frame(size_t off)
{
	size_t i;

	for (i = 0; i <= rec.frames; i++)
		if (rec.frame_off[i] == off)
			return 1;
	return 0;
}

START_TEST(every_length_of_a_plain_file)
{
	struct finding f;
	const char *kind;
	size_t len;

	for (len = 0; len < rec.len; len++) {
		judge(rec.bytes, len, rec.host_pk, &f, NULL);
		kind = "torn";
		if (starts_frame(len))
			kind = len == 0 ? "empty" :
			    len == rec.frame_off[1] || (len > rec.chunk_end[0] - 1 &&
			    rec.chunk_end[recording_chunk_at(&rec, len) - 1] == len) ?
			    "cut" : "unsealed";
		ck_assert_msg(strcmp(f.kind, kind) == 0, "length %zu: %s", len, f.kind);
		ck_assert_int_eq(f.chunk, recording_chunk_at(&rec, len));
		if (f.code == 0)
			ck_assert_uint_eq(f.offset, len);
	}
}
END_TEST

/* The segment of a byte of the container, -1 for header and trailer. */
static int64_t segment_at(size_t off)
{
	int64_t i;

	if (off >= table)
		return off < packed_len - CONTAINER_TRAILER ?
		    (int64_t)((off - table) / CONTAINER_ENTRY) : -1;
	for (i = RECORDING_CHUNKS - 1; i >= 0 && off < segment_off[i]; i--)
		;
	return i;
}

START_TEST(every_bit_of_a_packed_file)
{
	struct finding f;
	size_t off, at;
	int64_t k;
	int bit;

	/* byte 0 tells packed from plain: a flip there makes a malformed plain file */
	for (off = 1; off < packed_len; off++)
		for (bit = 0; bit < 8; bit++) {
			packed[off] ^= (uint8_t)(1 << bit);
			judge(packed, packed_len, NULL, &f, NULL);
			packed[off] ^= (uint8_t)(1 << bit);
			k = segment_at(off);
			ck_assert_msg(f.code != 0, "byte %zu bit %d: not found", off, bit);
			ck_assert_str_eq(f.kind, "container");
			ck_assert_msg(f.chunk == k, "byte %zu bit %d: chunk %ld, not %ld", off, bit,
			    (long)f.chunk, (long)k);
			if (k < 0)
				continue;
			at = off < table ? segment_off[k] : table + (size_t)k * CONTAINER_ENTRY;
			ck_assert_uint_eq(f.offset, at);
		}
	packed[0] ^= 1;
	judge(packed, packed_len, NULL, &f, NULL);
	ck_assert_str_eq(f.kind, "format");
	ck_assert_uint_eq(f.offset, 0);
	packed[0] ^= 1;
}
END_TEST

START_TEST(every_length_of_a_packed_file)
{
	struct finding f;
	size_t len;

	for (len = 1; len < packed_len; len++) {
		judge(packed, len, NULL, &f, NULL);
		ck_assert_msg(f.code != 0, "length %zu: not found", len);
		ck_assert_str_eq(f.kind, "container");
		ck_assert_msg(f.chunk == (len < table ? segment_at(len) : -1),
		    "length %zu: chunk %ld", len, (long)f.chunk);
	}
}
END_TEST

START_TEST(bytes_behind_the_end)
{
	struct finding f;

	rec.bytes[rec.len] = 'x';
	judge(rec.bytes, rec.len + 1, NULL, &f, NULL);
	ck_assert_int_eq(f.code, E_END);
	ck_assert_str_eq(f.kind, "format");
	ck_assert_int_eq(f.chunk, RECORDING_CHUNKS);
	ck_assert_uint_eq(f.offset, rec.len);
	packed[packed_len] = 0;
	judge(packed, packed_len + 1, NULL, &f, NULL);
	ck_assert_str_eq(f.kind, "container");
}
END_TEST

static size_t chunk_start(size_t k)
{
	return k == 0 ? rec.frame_off[1] : rec.chunk_end[k - 1];
}

/* Builds a session whose chunks are these. */
static void arranged(const size_t *order, size_t count, struct finding *f)
{
	static uint8_t out[2 * RECORDING_MAX];
	size_t len = rec.frame_off[1], i, n;

	memcpy(out, rec.bytes, len);
	for (i = 0; i < count; i++) {
		n = rec.chunk_end[order[i]] - chunk_start(order[i]);
		memcpy(out + len, rec.bytes + chunk_start(order[i]), n);
		len += n;
	}
	judge(out, len, rec.host_pk, f, NULL);
}

START_TEST(chunks_dropped_doubled_swapped)
{
	size_t order[RECORDING_CHUNKS + 1], k, i, n;
	struct finding f;

	for (k = 0; k + 1 < RECORDING_CHUNKS; k++) {
		for (i = n = 0; i < RECORDING_CHUNKS; i++)
			if (i != k)
				order[n++] = i;
		arranged(order, n, &f);
		ck_assert_str_eq(f.kind, "chain");
		ck_assert_int_eq(f.chunk, (int64_t)k);
		for (i = n = 0; i < RECORDING_CHUNKS; i++) {
			order[n++] = i;
			if (i == k)
				order[n++] = i;
		}
		arranged(order, n, &f);
		ck_assert_str_eq(f.kind, "chain");
		ck_assert_int_eq(f.chunk, (int64_t)k + 1);
		for (i = 0; i < RECORDING_CHUNKS; i++)
			order[i] = i == k ? k + 1 : i == k + 1 ? k : i;
		arranged(order, RECORDING_CHUNKS, &f);
		ck_assert_str_eq(f.kind, "chain");
		ck_assert_int_eq(f.chunk, (int64_t)k);
	}
}
END_TEST

START_TEST(another_sessions_certificate)
{
	uint8_t out[FRAME_MAX + RECORDING_MAX], body[FRAME_BODY_MAX], pk[PK_SIZE], sk[SK_SIZE];
	struct finding f;
	struct cert c;
	int len, certified;

	/* the same session, certified by somebody else: sound, but not by our key */
	recording_cert(&c);
	memcpy(c.id, rec.bytes + FRAME_HEADER + 16, ID_SIZE);
	memcpy(c.pk, rec.bytes + FRAME_HEADER + 32, PK_SIZE);
	crypto_sign_keypair(pk, sk);
	len = cert_put(body, &c, sk);
	frame_put_header(out, FRAME_CERT, (uint16_t)len, 0);
	memcpy(out + FRAME_HEADER, body, (size_t)len);
	len += FRAME_HEADER;
	memcpy(out + len, rec.bytes + rec.frame_off[1], rec.len - rec.frame_off[1]);
	judge(out, (size_t)len + rec.len - rec.frame_off[1], rec.host_pk, &f, &certified);
	ck_assert_int_eq(certified, 0);
	ck_assert_str_eq(f.kind, "chain");
	ck_assert_int_eq(f.chunk, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		sound_ones_have_no_finding, every_bit_of_a_plain_file, every_length_of_a_plain_file,
		every_bit_of_a_packed_file, every_length_of_a_packed_file, bytes_behind_the_end,
		chunks_dropped_doubled_swapped, another_sessions_certificate,
	};

	recording_fix_random();
	recording_make(&rec);
	pack_recording();
	return suite_run("tamper", tests, sizeof(tests) / sizeof(tests[0]));
}
