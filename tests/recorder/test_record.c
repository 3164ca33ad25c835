/* SPDX-License-Identifier: ISC */
#include "../../recorder/record.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "cert.h"
#include "chain.h"

#define STREAM_MAX (8 << 20)
#define MS UINT64_C(1000000)

static struct record r;
static int out[2];
static uint8_t *stream;
static size_t stream_len;
static uint64_t now;

/* What a reader finds in the stream, checked as it goes. */
static struct found {
	uint8_t *shown;
	size_t shown_len, typed_len;
	uint64_t time, frozen, hidden, chunks;
	unsigned windows, signals;
	int end;
	char meta[64];
} found;

static void begin(void)
{
	static uint8_t sk[SK_SIZE], pk[PK_SIZE];
	uint8_t body[FRAME_BODY_MAX];
	struct cert c = { .n = 1 };
	int len;

	ck_assert_int_eq(pipe2(out, O_NONBLOCK), 0);
	ck_assert_int_gt(fcntl(out[1], F_SETPIPE_SZ, 4096), 0);
	now = 5000 * MS;
	ck_assert_int_eq(record_init(&r, now), 0);
	r.fifo = out[1];
	r.window = (struct window){ 24, 80, 0, 0 };
	crypto_sign_keypair(pk, sk);
	memcpy(c.id, r.sealer.id, ID_SIZE);
	memcpy(c.pk, r.sealer.pk, PK_SIZE);
	len = cert_put(body, &c, sk);
	ck_assert_int_gt(len, 0);
	record_cert(&r, body, (size_t)len);
	record_meta(&r, now, META_ARGV, (const uint8_t *)"sh", 3, 1);
	record_seal(&r, now, SEAL_START, 0, 0, 0);
	stream = malloc(STREAM_MAX);
	ck_assert_ptr_nonnull(stream);
	stream_len = 0;
}

/* Takes at most n bytes out of the pipe. */
static void take(size_t n)
{
	ssize_t got;

	while (n > 0 && (got = read(out[0], stream + stream_len, n)) > 0) {
		stream_len += (size_t)got;
		n -= (size_t)got;
	}
	ck_assert_uint_lt(stream_len, STREAM_MAX);
}

static void drain(void)
{
	int res;

	do {
		res = record_flush(&r);
		ck_assert_int_ge(res, 0);
		take(100000);
	} while (res == 1 || record_pending(&r));
	take(100000);
}

static void note(const struct event *e, uint8_t type)
{
	found.time += e->dt;
	if (type == FRAME_OUTPUT) {
		memcpy(found.shown + found.shown_len, e->data, e->len);
		found.shown_len += e->len;
	}
	found.typed_len += type == FRAME_INPUT ? e->len : 0;
	found.hidden += type == FRAME_HIDDEN ? e->value : 0;
	found.frozen += type == FRAME_MARK ? e->value : 0;
	found.windows += type == FRAME_WINDOW;
	found.signals += type == FRAME_SIGNAL;
	if (type == FRAME_META && e->kind == META_CUT)
		memcpy(found.meta, e->data, e->len);
}

static void finish(void)
{
	struct chain c;
	struct frame f;
	struct event e;
	size_t off;
	int size;

	record_seal(&r, now, SEAL_END, SEAL_F_PROMPT, 3 << 8, END_EXIT);
	drain();
	memset(&found, 0, sizeof(found));
	found.shown = malloc(STREAM_MAX);
	ck_assert_ptr_nonnull(found.shown);
	chain_init(&c);
	for (off = 0; off < stream_len; off += (size_t)size) {
		size = frame_parse(stream + off, stream_len - off, &f);
		ck_assert_int_gt(size, 0);
		memset(&e, 0, sizeof(e));
		ck_assert_int_eq(chain_frame(&c, &f, stream + off, NULL, &e), 0);
		if (f.type >= FRAME_BEGIN)
			note(&e, f.type);
	}
	found.chunks = c.chunk;
	found.end = c.ended && c.last.status == 3 << 8;
	record_release(&r);
	free(stream);
	close(out[0]);
	close(out[1]);
}

static void done(void)
{
	ck_assert_int_eq(found.end, 1);
	free(found.shown);
}

START_TEST(output_of_any_size_through_a_small_pipe)
{
	static const size_t sizes[] = { 1, 511, 512, 513, 4065, 4066, 4067, 65535, 65536, 7 };
	uint8_t *data = malloc(RECORD_OUTPUT_MAX), *all = malloc(STREAM_MAX);
	size_t i, len = 0;
	int res;

	ck_assert(data != NULL && all != NULL);
	begin();
	for (i = 0; i < 60; i++) {
		size_t n = sizes[i % (sizeof(sizes) / sizeof(*sizes))];

		randombytes_buf(data, n);
		memcpy(all + len, data, n);
		len += n;
		now += MS;
		res = record_output(&r, now, data, n);
		ck_assert_int_ge(res, 0);
		record_pay(&r);
		memset(data, 0, n); /* it was written or copied, and hashed */
		if (i % 3 == 0)
			take(1000);
		else
			drain();
	}
	finish();
	ck_assert_uint_eq(found.shown_len, len);
	ck_assert_mem_eq(found.shown, all, len);
	ck_assert_uint_eq(found.time, 60 * MS);
	ck_assert_uint_gt(found.chunks, len / CHUNK_PAYLOAD_MAX);
	free(data);
	free(all);
	done();
}
END_TEST

START_TEST(every_kind_of_event)
{
	const struct window w = { 50, 132, 0, 0 };
	uint8_t paste[9000] = { 'x' };

	begin();
	now += 10 * MS;
	record_input(&r, now, 4 * MS, paste, sizeof(paste));
	record_hidden(&r, now, 0, 17);
	record_window(&r, now, &w);
	record_signal(&r, now, 15);
	record_mark(&r, now, MARK_FROZEN, 12345);
	ck_assert_int_eq(record_is_open(&r), 1);
	record_seal(&r, now, SEAL_DATA, 0, 0, 0);
	ck_assert_int_eq(record_is_open(&r), 0);
	record_seal(&r, now, SEAL_HEARTBEAT, 0, 0, 0);
	finish();
	ck_assert_uint_eq(found.typed_len, sizeof(paste));
	ck_assert_uint_eq(found.hidden, 17);
	ck_assert_uint_eq(found.windows, 1);
	ck_assert_uint_eq(found.signals, 1);
	ck_assert_uint_eq(found.frozen, 12345);
	ck_assert_uint_eq(found.chunks, 4);
	done();
}
END_TEST

START_TEST(a_clock_that_stands_still_or_steps_back)
{
	begin();
	now += 10 * MS;
	record_hidden(&r, now, 0, 1);
	record_hidden(&r, now - 5 * MS, 0, 1);
	record_hidden(&r, now + MS, 0, 1);
	finish();
	ck_assert_uint_eq(found.time, 11 * MS);
	done();
}
END_TEST

START_TEST(long_facts_are_cut_and_say_so)
{
	uint8_t big[EVENT_DATA_MAX + 24] = { 0 };

	begin();
	record_meta(&r, now, META_ARGV, big, sizeof(big), 1);
	finish();
	ck_assert_str_eq(found.meta, "24");
	done();
	begin();
	record_meta(&r, now, META_SURVIVORS, big, sizeof(big) / 12 * 12, 12);
	finish();
	ck_assert_str_eq(found.meta, "2");
	done();
}
END_TEST

START_TEST(keys_are_wiped)
{
	size_t i;

	begin();
	finish();
	for (i = 0; i < SK_SIZE; i++)
		ck_assert_uint_eq(r.sealer.sk[i], 0);
	done();
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("record");

	tcase_add_test(t, output_of_any_size_through_a_small_pipe);
	tcase_add_test(t, every_kind_of_event);
	tcase_add_test(t, a_clock_that_stands_still_or_steps_back);
	tcase_add_test(t, long_facts_are_cut_and_say_so);
	tcase_add_test(t, keys_are_wiped);
	return suite_run_case("record", t);
}
