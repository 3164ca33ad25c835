/* SPDX-License-Identifier: ISC */
#include "../../plugins/forward/pieces.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "bytes.h"
#include "frame.h"

/* A stream: chunks of one OUTPUT of `size` bytes, whose SEALs have no more than the form. */
static size_t put_chunk(uint8_t *p, uint64_t *frame, size_t size, uint64_t chunk)
{
	struct seal s = {.kind = chunk == 0 ? SEAL_START : SEAL_DATA, .chunk = chunk,
		.payload_len = (uint32_t)(size + FRAME_HEADER), .payload_frames = 1};
	size_t n = FRAME_HEADER + size;

	frame_put_header(p, FRAME_OUTPUT, (uint16_t)size, (*frame)++);
	memset(p + FRAME_HEADER, 'x', size);
	s.frame = *frame;
	frame_put_header(p + n, FRAME_SEAL, SEAL_SIZE, (*frame)++);
	memset(s.next_pk, 1, sizeof(s.next_pk));
	seal_put(p + n + FRAME_HEADER, &s);
	memset(p + n + FRAME_HEADER + SEAL_SIGNED, 7, SEAL_SIZE - SEAL_SIGNED);
	return n + FRAME_HEADER + SEAL_SIZE;
}

static int file_of(const uint8_t *p, size_t len)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, p, len, 0), (ssize_t)len);
	return fd;
}

/* All pieces from seq on, put together again; how many. */
static unsigned collect(int fd, int final, uint64_t seq, uint64_t off, uint8_t *out, size_t *len,
    unsigned *sealed)
{
	struct pieces p;
	struct piece one;
	unsigned count = 0;

	*len = *sealed = 0;
	ck_assert_int_eq(pieces_open(&p, fd, final, seq, off), 0);
	while (pieces_next(&p, &one) == 1) {
		ck_assert_uint_eq(one.seq, seq + count);
		ck_assert_uint_eq(one.off, off + *len);
		ck_assert_uint_le(one.len, PIECE_MAX);
		memcpy(out + *len, one.p, one.len);
		*len += one.len;
		*sealed += (unsigned)one.sealed;
		count++;
	}
	pieces_release(&p);
	return count;
}

static uint8_t stream[1 << 20], got[1 << 20];

static size_t make_stream(unsigned chunks)
{
	uint64_t frame = 1, i;
	size_t len = 0;

	for (i = 0; i < chunks; i++)
		len += put_chunk(stream + len, &frame, 100 + i * 7 % 3900, i);
	return len;
}

START_TEST(one_piece_a_seal)
{
	size_t len = make_stream(300), n;
	int fd = file_of(stream, len);
	unsigned sealed;

	ck_assert_uint_eq(collect(fd, 0, 0, 0, got, &n, &sealed), 300);
	ck_assert_uint_eq(sealed, 300);
	ck_assert_uint_eq(n, len);
	ck_assert_int_eq(memcmp(got, stream, len), 0);
	close(fd);
}
END_TEST

START_TEST(the_rest_waits_for_the_end)
{
	size_t whole = make_stream(3), n;
	int fd = file_of(stream, whole + 20); /* 20 bytes of a frame */
	unsigned sealed;

	ck_assert_uint_eq(collect(fd, 0, 0, 0, got, &n, &sealed), 3);
	ck_assert_uint_eq(n, whole);
	ck_assert_uint_eq(collect(fd, 1, 0, 0, got, &n, &sealed), 4);
	ck_assert_uint_eq(n, whole + 20);
	ck_assert_uint_eq(sealed, 3);
	close(fd);
}
END_TEST

START_TEST(it_goes_on_where_it_was)
{
	size_t len = make_stream(10), n;
	uint64_t frame = 1, off = 0, i;
	int fd = file_of(stream, len);
	unsigned sealed;

	for (i = 0; i < 4; i++)
		off += put_chunk(got, &frame, 100 + i * 7 % 3900, i);
	ck_assert_uint_eq(collect(fd, 1, 4, off, got, &n, &sealed), 6);
	ck_assert_int_eq(memcmp(got, stream + off, n), 0);
	ck_assert_uint_eq(off + n, len);
	close(fd);
}
END_TEST

START_TEST(what_is_malformed_comes_as_it_is)
{
	size_t whole = make_stream(2), n, len = whole + 300000;
	unsigned sealed;
	int fd;

	memset(stream + whole, 'z', 300000);
	fd = file_of(stream, len);
	ck_assert_uint_eq(collect(fd, 0, 0, 0, got, &n, &sealed), 2);
	ck_assert_uint_eq(collect(fd, 1, 0, 0, got, &n, &sealed), 5);
	ck_assert_uint_eq(n, len);
	ck_assert_int_eq(memcmp(got, stream, len), 0);
	ck_assert_uint_eq(sealed, 2);
	close(fd);
}
END_TEST

START_TEST(containers_have_the_same_pieces)
{
	size_t len = make_stream(50), n;
	int fd = file_of(stream, len), packed = memfd_create("packed", MFD_CLOEXEC);
	unsigned sealed;

	ck_assert_int_eq(container_pack(fd, packed), 0);
	ck_assert_uint_eq(collect(packed, 1, 0, 0, got, &n, &sealed), 50);
	ck_assert_uint_eq(n, len);
	ck_assert_int_eq(memcmp(got, stream, len), 0);
	close(fd);
	close(packed);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {one_piece_a_seal, the_rest_waits_for_the_end,
		it_goes_on_where_it_was, what_is_malformed_comes_as_it_is,
		containers_have_the_same_pieces};

	if (sodium_init() < 0)
		return 1;
	return suite_run("pieces", tests, sizeof(tests) / sizeof(tests[0]));
}
