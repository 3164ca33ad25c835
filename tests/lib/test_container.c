/* SPDX-License-Identifier: ISC */
#include "container.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "bytes.h"
#include "err.h"
#include "hash.h"
#include "judge.h"
#include "recording.h"
#include "segment.h"
#include "suite.h"

static struct recording rec;
static uint8_t out[8 * CONTAINER_SEGMENT_MAX];

/* A container made by hand of segments already packed. */
struct hand {
	uint8_t bytes[4 * SEGMENT_PACKED_MAX];
	size_t len;
	uint8_t table[8 * CONTAINER_ENTRY];
	uint32_t segments;
	uint64_t plain;
};

static void hand_init(struct hand *h)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->bytes, "SHLZ\1\1", 6);
	h->len = CONTAINER_HEADER;
}

static void hand_add(struct hand *h, const void *packed, size_t len, uint32_t plain)
{
	struct segment s = { .packed = (uint32_t)len, .plain = plain };

	crypto_generichash(s.digest, SEGMENT_DIGEST, packed, len, NULL, 0);
	segment_put(h->table + CONTAINER_ENTRY * h->segments++, &s);
	memcpy(h->bytes + h->len, packed, len);
	h->len += len;
	h->plain += plain;
}

static void hand_end(struct hand *h)
{
	size_t len = CONTAINER_ENTRY * h->segments;
	struct hash sum;

	put_u64(h->bytes + 8, h->plain);
	put_u32(h->bytes + 16, h->segments);
	memcpy(h->bytes + h->len, h->table, len);
	h->len += len;
	hash_begin(&sum);
	hash_add(&sum, h->bytes, CONTAINER_HEADER, h->table, len);
	hash_get(&sum, h->bytes + h->len);
	h->len += CONTAINER_TRAILER;
}

/* Packs the stream's bytes with these parameters as one segment. */
static void hand_zstd(struct hand *h, size_t from, size_t to, int checksum, int sized)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t n;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, checksum);
	ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, sized);
	n = ZSTD_compress2(c, out, sizeof(out), rec.bytes + from, to - from);
	ck_assert_int_eq(ZSTD_isError(n), 0);
	hand_add(h, out, n, (uint32_t)(to - from));
	ZSTD_freeCCtx(c);
}

static struct hand hand;

static void expect(const char *kind, int64_t chunk)
{
	struct finding f;

	hand_end(&hand);
	judge(hand.bytes, hand.len, NULL, &f, NULL);
	ck_assert_str_eq(f.kind, kind);
	ck_assert_int_eq(f.chunk, chunk);
}

START_TEST(segments_end_behind_seals)
{
	size_t *end = rec.chunk_end;

	hand_init(&hand);
	hand_zstd(&hand, 0, end[0], 0, 1);
	hand_zstd(&hand, end[0], end[1], 0, 1);
	hand_zstd(&hand, end[1], rec.frame_off[16], 0, 1); /* BEGIN alone: unsealed */
	expect("unsealed", 2);
	hand_init(&hand);
	hand_zstd(&hand, 0, end[1], 0, 1); /* two chunks in one */
	expect("container", 0);
	hand_init(&hand);
	hand_zstd(&hand, 0, end[0], 0, 1);
	hand_zstd(&hand, end[0], rec.frame_off[9], 0, 1); /* one chunk in two */
	hand_zstd(&hand, rec.frame_off[9], end[1], 0, 1);
	expect("container", 1);
	hand_init(&hand);
	hand_zstd(&hand, 0, end[0], 0, 1);
	hand_zstd(&hand, end[0], end[0] + 20, 0, 1); /* half a frame */
	expect("container", 1);
}
END_TEST

START_TEST(one_encoding_of_a_segment)
{
	static const uint8_t skippable[] = "\x50\x2a\x4d\x18\4\0\0\0abcd";
	size_t n = rec.chunk_end[0], len;
	uint8_t z[RECORDING_MAX];

	hand_init(&hand);
	hand_zstd(&hand, 0, n, 1, 1); /* checksum */
	expect("container", 0);
	hand_init(&hand);
	hand_zstd(&hand, 0, n, 0, 0); /* no content size */
	expect("container", 0);
	hand_init(&hand);
	hand_add(&hand, skippable, 12, (uint32_t)n);
	expect("container", 0);
	len = ZSTD_compress(z, sizeof(z), rec.bytes, n, 3);
	ck_assert_uint_lt(len + 12, n);
	memcpy(z + len, skippable, 12);
	hand_init(&hand);
	hand_add(&hand, z, len + 12, (uint32_t)n); /* what zstd passes over, behind it */
	expect("container", 0);
	/* a raw block is an encoding too; with a field one size too large, or in two
	 * blocks, it is not */
	memcpy(z, "\x28\xb5\x2f\xfd\x60", 5);
	put_u16(z + 5, (uint16_t)(n - 256));
	put_u16(z + 7, (uint16_t)(n << 3 | 1));
	z[9] = (uint8_t)(n >> 13);
	memcpy(z + 10, rec.bytes, n);
	hand_init(&hand);
	hand_add(&hand, z, n + 10, (uint32_t)n);
	expect("cut", 1);
	hand_init(&hand);
	hand_add(&hand, z, n + 11, (uint32_t)n); /* a byte behind it */
	expect("container", 0);
	z[7] ^= 1; /* not the last block */
	memcpy(z + 10 + n, "\1\0\0", 3);
	hand_init(&hand);
	hand_add(&hand, z, n + 13, (uint32_t)n);
	expect("container", 0);
	z[7] ^= 1;
	memmove(z + 9, z + 7, n + 3);
	z[4] = 0xa0;
	put_u32(z + 5, (uint32_t)n);
	hand_init(&hand);
	hand_add(&hand, z, n + 12, (uint32_t)n);
	expect("container", 0);
}
END_TEST

START_TEST(lengths_add_up)
{
	hand_init(&hand);
	hand_zstd(&hand, 0, rec.chunk_end[0], 0, 1);
	hand.plain++;
	expect("container", -1);
	hand_init(&hand);
	expect("container", -1); /* no segment */
}
END_TEST

START_TEST(packs_what_is_unsealed)
{
	struct finding f;
	size_t cut = rec.frame_off[12];
	long len = judge_pack(out, sizeof(out), rec.bytes, cut);

	ck_assert_int_gt(len, 0);
	ck_assert_uint_eq(get_u32(out + 16), 2);
	judge(out, (size_t)len, NULL, &f, NULL);
	ck_assert_str_eq(f.kind, "unsealed");
	ck_assert_uint_eq(f.offset, cut);
}
END_TEST

START_TEST(refuses_to_pack_what_is_no_stream)
{
	static uint8_t many[2 * CONTAINER_SEGMENT_MAX];
	size_t off;

	ck_assert_int_eq(judge_pack(out, sizeof(out), rec.bytes, 0), E_SHORT);
	ck_assert_int_eq(judge_pack(out, sizeof(out), rec.bytes, rec.len - 1), E_SHORT);
	ck_assert_int_eq(judge_pack(out, sizeof(out), (const uint8_t *)"xy", 2), E_FORMAT);
	for (off = 0; off < sizeof(many); off += FRAME_MAX)
		frame_put_header(many + off, FRAME_OUTPUT, FRAME_BODY_MAX, 0);
	ck_assert_int_eq(judge_pack(out, sizeof(out), many, sizeof(many)), E_RANGE);
	ck_assert_int_gt(judge_pack(out, sizeof(out), many, CONTAINER_SEGMENT_MAX - FRAME_MAX), 0);
}
END_TEST

START_TEST(reads_a_long_plain_file_in_whole_frames)
{
	static uint8_t many[1000000];
	const uint8_t *p;
	struct container *c;
	struct frame f;
	uint64_t off, where;
	size_t len, at = 0, i;
	int fd, r;

	for (i = 0; i + 1000 < sizeof(many); i += 1000)
		frame_put_header(many + i, FRAME_OUTPUT, 1000 - FRAME_HEADER, i / 1000);
	fd = judge_file(many, i + 500);
	ck_assert_int_eq(container_open(&c, fd, &where), 0);
	while ((r = container_next(c, &p, &len, &off, &where)) > 0) {
		ck_assert_uint_eq(off, at);
		ck_assert_mem_eq(p, many + at, len);
		if (at < i)
			ck_assert_int_eq(frame_parse(p, len, &f), 1000);
		at += len;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(at, i + 500);
	container_free(c);
	close(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		segments_end_behind_seals, one_encoding_of_a_segment, lengths_add_up,
		packs_what_is_unsealed, refuses_to_pack_what_is_no_stream,
		reads_a_long_plain_file_in_whole_frames,
	};

	recording_fix_random();
	recording_make(&rec);
	return suite_run("container", tests, sizeof(tests) / sizeof(tests[0]));
}
