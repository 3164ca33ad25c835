/* SPDX-License-Identifier: ISC */
#include "session_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "judge.h"
#include "recording.h"
#include "segment.h"
#include "suite.h"

static struct recording rec;
static uint8_t changed[2 * RECORDING_MAX], packed[2 * RECORDING_MAX];
static size_t packed_len;

/* What reading a file to its end gave. */
struct outcome {
	int r; /* 0 at a sound end, else the code of open or next */
	size_t frames, events;
	struct finding finding;
	struct chain chain;
	int packed;
};

static struct outcome outcome;

/* Events are seen by their type alone, which their frame says too. */
static void count_frame(const struct frame *f, const struct event *e)
{
	ck_assert_uint_eq(f->number, outcome.frames);
	outcome.frames++;
	if (f->type < FRAME_BEGIN)
		return;
	ck_assert_uint_eq(e->type, f->type);
	outcome.events++;
}

static void read_file(int fd)
{
	struct session_file s;
	struct frame f;
	struct event e;
	int r;

	memset(&outcome, 0, sizeof(outcome));
	r = session_file_open(&s, fd);
	while (r >= 0 && (r = session_file_next(&s, rec.host_pk, &f, &e)) > 0)
		count_frame(&f, &e);
	outcome.r = r;
	outcome.finding = s.finding;
	outcome.chain = s.chain;
	if (s.container != NULL) {
		outcome.packed = container_packed(s.container);
		/* the end stays the end */
		ck_assert_int_eq(session_file_next(&s, rec.host_pk, &f, &e), r);
		ck_assert_mem_eq(&s.finding, &outcome.finding, sizeof(s.finding));
	}
	session_file_release(&s);
	close(fd);
}

static void read_bytes(const uint8_t *p, size_t len)
{
	read_file(judge_file(p, len));
}

static void read_packed(const uint8_t *p, size_t len)
{
	long n = judge_pack(packed, sizeof(packed), p, len);

	ck_assert_int_gt(n, 0);
	packed_len = (size_t)n;
	read_bytes(packed, packed_len);
}

/* Where segment k of what was packed begins; for the number of segments its end. */
static uint64_t segment_off(uint32_t k)
{
	uint32_t segments = get_u32(packed + 16), i;
	const uint8_t *table = packed + packed_len - CONTAINER_TRAILER -
	    (size_t)segments * CONTAINER_ENTRY;
	uint64_t off = CONTAINER_HEADER;

	for (i = 0; i < k; i++)
		off += get_u32(table + (size_t)i * CONTAINER_ENTRY);
	return off;
}

static void sound(size_t frames)
{
	ck_assert_int_eq(outcome.r, 0);
	ck_assert_int_eq(outcome.finding.code, 0);
	ck_assert_uint_eq(outcome.frames, frames);
}

static void found(int code, const char *kind, int64_t chunk, uint64_t offset)
{
	ck_assert_int_eq(outcome.r, code);
	ck_assert_int_eq(outcome.finding.code, code);
	ck_assert_str_eq(outcome.finding.kind, kind);
	ck_assert_int_eq(outcome.finding.chunk, chunk);
	ck_assert_uint_eq(outcome.finding.offset, offset);
	ck_assert_uint_gt(strlen(outcome.finding.text), 0);
}


START_TEST(a_whole_session)
{
	read_bytes(rec.bytes, rec.len);
	sound(rec.frames);
	ck_assert_int_eq(outcome.packed, 0);
	ck_assert_uint_eq(outcome.events, rec.frames - RECORDING_CHUNKS - 1);
	ck_assert_int_eq(outcome.chain.ended, 1);
	ck_assert_int_eq(outcome.chain.certified, 1);
	read_packed(rec.bytes, rec.len);
	sound(rec.frames);
	ck_assert_int_eq(outcome.packed, 1);
	ck_assert_uint_eq(outcome.events, rec.frames - RECORDING_CHUNKS - 1);
	ck_assert_int_eq(outcome.chain.ended, 1);
	ck_assert_int_eq(outcome.chain.certified, 1);
}
END_TEST

START_TEST(an_empty_file)
{
	read_bytes(NULL, 0);
	sound(0);
	ck_assert_int_eq(outcome.chain.have_cert, 0);
	ck_assert_int_eq(outcome.chain.ended, 0);
}
END_TEST

START_TEST(torn_in_any_part_of_a_frame)
{
	static const size_t frame = 9; /* in chunk 1 */
	size_t from = rec.frame_off[frame], len;

	for (len = from + 1; len < rec.frame_off[frame + 1]; len++) {
		read_bytes(rec.bytes, len);
		found(E_SHORT, "torn", 1, from);
		ck_assert_str_eq(outcome.finding.text, "the file ends inside a frame");
		ck_assert_uint_eq(outcome.frames, frame);
	}
	read_bytes(rec.bytes, 5);
	found(E_SHORT, "torn", 0, 0);
}
END_TEST

START_TEST(unsealed_is_for_the_caller_to_say)
{
	static const size_t frames = 10;

	read_bytes(rec.bytes, rec.frame_off[frames]);
	sound(frames);
	ck_assert_uint_gt(outcome.chain.payload_frames, 0);
	ck_assert_uint_eq(outcome.chain.sealed_offset, rec.chunk_end[0]);
	read_packed(rec.bytes, rec.frame_off[frames]);
	sound(frames);
	ck_assert_uint_gt(outcome.chain.payload_frames, 0);
	ck_assert_uint_eq(outcome.chain.chunk, 1);
}
END_TEST

START_TEST(behind_end)
{
	size_t len = rec.len;

	memcpy(changed, rec.bytes, len);
	changed[len] = 'x';
	read_bytes(changed, len + 1);
	found(E_END, "format", RECORDING_CHUNKS, len);
	changed[len] = FRAME_MAGIC; /* not torn: nothing may be there */
	read_bytes(changed, len + 1);
	found(E_END, "format", RECORDING_CHUNKS, len);
	frame_put_header(changed + len, FRAME_OUTPUT, 2, rec.frames);
	memcpy(changed + len + FRAME_HEADER, "\0x", 2);
	len += FRAME_HEADER + 2;
	read_bytes(changed, len);
	found(E_END, "format", RECORDING_CHUNKS, rec.len);
	ck_assert_uint_eq(outcome.frames, rec.frames);
	read_packed(changed, len);
	found(E_END, "format", RECORDING_CHUNKS, segment_off(RECORDING_CHUNKS));
	ck_assert_uint_eq(outcome.frames, rec.frames);
}
END_TEST

START_TEST(without_a_certificate)
{
	size_t cert = rec.frame_off[1];

	read_bytes(rec.bytes + cert, rec.len - cert);
	found(E_CHAIN, "chain", 0, 0);
	memcpy(changed, rec.bytes + cert, rec.len - cert);
	put_u64(changed + 4, 0); /* BEGIN as frame 0 */
	read_bytes(changed, rec.len - cert);
	found(E_FORMAT, "format", 0, 0);
	read_packed(changed, rec.len - cert);
	found(E_FORMAT, "format", 0, CONTAINER_HEADER);
	ck_assert_int_eq(outcome.chain.have_cert, 0);
}
END_TEST

/* One bit in the text of an OUTPUT, in the signature and in the number of a SEAL,
 * all in chunk 1. */
START_TEST(what_was_changed)
{
	static const size_t output = 9, seal = 14;
	static const struct {
		size_t frame, in_frame;
		int code;
		const char *kind;
		size_t at; /* frame that is found */
	} cases[] = {
		{ output, FRAME_HEADER + 1, E_DIGEST, "digest", seal },
		{ seal, FRAME_HEADER + SEAL_SIZE - 1, E_SIGNATURE, "signature", seal },
		{ seal, FRAME_HEADER + 24, E_CHAIN, "chain", seal },
		{ output, 4, E_CHAIN, "chain", output },
		{ seal, FRAME_HEADER, E_FORMAT, "format", seal },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(changed, rec.bytes, rec.len);
		changed[rec.frame_off[cases[i].frame] + cases[i].in_frame] ^= 2;
		read_bytes(changed, rec.len);
		found(cases[i].code, cases[i].kind, 1, rec.frame_off[cases[i].at]);
		ck_assert_uint_eq(outcome.frames, cases[i].at);
		read_packed(changed, rec.len);
		found(cases[i].code, cases[i].kind, 1, segment_off(1));
		ck_assert_uint_eq(outcome.frames, cases[i].at);
	}
}
END_TEST

START_TEST(a_length_that_no_frame_has)
{
	memcpy(changed, rec.bytes, rec.len);
	put_u16(changed + rec.frame_off[9] + 2, 0);
	read_bytes(changed, rec.len);
	found(E_RANGE, "format", 1, rec.frame_off[9]);
}
END_TEST

START_TEST(a_container_that_is_none)
{
	read_bytes((const uint8_t *)"S", 1);
	found(E_SHORT, "container", -1, 0);
	ck_assert_str_eq(outcome.finding.text, "the file ends too early");
	read_packed(rec.bytes, rec.len);
	packed[segment_off(2)] ^= 1;
	read_bytes(packed, packed_len);
	found(E_DIGEST, "container", 2, segment_off(2));
	ck_assert_str_eq(outcome.finding.text, "the bytes are not those that their digest is of");
	ck_assert_uint_eq(outcome.chain.chunk, 2); /* those before it are read */
	packed[segment_off(2)] ^= 1;
	packed[packed_len - 1] ^= 1; /* the table's digest: nothing is believed */
	read_bytes(packed, packed_len);
	ck_assert_int_eq(outcome.r, E_DIGEST);
	ck_assert_str_eq(outcome.finding.kind, "container");
	ck_assert_int_eq(outcome.finding.chunk, -1);
	ck_assert_uint_eq(outcome.frames, 0);
	packed[packed_len - 1] ^= 1;
	read_bytes(packed, (size_t)segment_off(3) + 5);
	found(E_SHORT, "container", 3, segment_off(3));
}
END_TEST

START_TEST(a_file_that_cannot_be_read)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	read_file(fd);
	found(-EISDIR, "io", -1, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_whole_session, an_empty_file, torn_in_any_part_of_a_frame,
		unsealed_is_for_the_caller_to_say, behind_end, without_a_certificate,
		what_was_changed, a_length_that_no_frame_has, a_container_that_is_none,
		a_file_that_cannot_be_read,
	};

	recording_fix_random();
	recording_make(&rec);
	return suite_run("session_file", tests, sizeof(tests) / sizeof(tests[0]));
}
