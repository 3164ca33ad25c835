/* SPDX-License-Identifier: ISC */
#include "ledger_world.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../auditor/verify/judge.h"
#include "../lib/suite.h"
#include "io.h"

/* The recording's first bytes, held against the ledger. */
static struct verdict judged(const void *bytes, size_t len, enum session_state state, int fast)
{
	int fd = memfd_create("session", MFD_CLOEXEC), r;
	struct store_session e = { .name = { .n = WORLD_N, .state = state } };
	struct judge_how how = { .host_pk = rec.host_pk, .fast = fast };
	struct verdict v;
	struct judge j;
	struct expect x;
	struct frame f;
	struct event event;

	memcpy(e.name.id, world_id, ID_SIZE);
	if (evidence_expect(&ev, WORLD_N, &x))
		how.expect = &x;
	ck_assert_int_eq(io_write_all(fd, bytes, len), 0);
	ck_assert_int_eq(judge_open(&j, fd, &e, &how), 0);
	while ((r = judge_next(&j, &f, &event)) > 0)
		;
	ck_assert_int_eq(r, 0);
	v = *judge_verdict(&j);
	judge_close(&j);
	close(fd);
	return v;
}

/* Is this what differs from the ledger? */
static void differs(const struct verdict *v, int64_t chunk, const char *text)
{
	unsigned i;

	ck_assert_str_eq(verdict_word(v->status), "TAMPERED");
	for (i = 0; i < v->findings; i++)
		if (strcmp(v->finding[i].kind, "ledger") == 0)
			break;
	ck_assert_uint_lt(i, v->findings);
	ck_assert_int_eq(v->finding[i].chunk, chunk);
	ck_assert_msg(strstr(v->finding[i].text, text) != NULL, "%s", v->finding[i].text);
}

START_TEST(a_file_that_agrees)
{
	size_t k;

	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	world_read();
	ck_assert_str_eq(verdict_word(judged(rec.bytes, rec.len, SESSION_CLOSED, 0).status),
	    "COMPLETE");
	for (k = 0; k < RECORDING_CHUNKS; k++) {
		size_t len = rec.chunk_end[k] + (k == 2 ? rec.frame_off[1] : 0);

		fixture_end(&led);
		fixture_begin(&led);
		world_open();
		if (len > rec.len)
			len = rec.len;
		world_close(k, k > 0 ? rec.chunk_end[k - 1] : rec.frame_off[2]);
		world_read();
		len = k > 0 ? rec.chunk_end[k - 1] : rec.frame_off[2];
		ck_assert_str_eq(verdict_word(judged(rec.bytes, len, SESSION_CUT, 0).status),
		    k > 0 ? "CUT" : "UNSEALED");
	}
}
END_TEST

START_TEST(a_file_that_was_cut_is_tampered)
{
	struct verdict v;
	size_t k;

	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	world_read();
	for (k = 0; k + 1 < RECORDING_CHUNKS; k++) {
		v = judged(rec.bytes, rec.chunk_end[k], SESSION_CLOSED, 0);
		differs(&v, (int64_t)k + 1, "more chunks");
		v = judged(rec.bytes, rec.chunk_end[k], SESSION_LIVE, 0);
		differs(&v, (int64_t)k + 1, "more chunks");
	}
	v = judged(rec.bytes, 0, SESSION_CLOSED, 0);
	differs(&v, 0, "more chunks");
}
END_TEST

START_TEST(a_tail_that_no_seal_covers_is_in_close)
{
	size_t sealed, len;
	struct verdict v;

	world_make();
	sealed = rec.chunk_end[1];
	len = rec.chunk_end[2] - FRAME_HEADER - SEAL_SIZE;
	world_open();
	world_close(2, len);
	world_read();
	v = judged(rec.bytes, len, SESSION_CUT, 0);
	ck_assert_str_eq(verdict_word(v.status), "CUT");
	v = judged(rec.bytes, sealed, SESSION_CUT, 0);
	differs(&v, 2, "other bytes");
	v = judged(rec.bytes, len - 1, SESSION_CUT, 0);
	differs(&v, 2, "other bytes");
	rec.bytes[len - 1] ^= 1;
	v = judged(rec.bytes, len, SESSION_CUT, 0);
	ck_assert_str_eq(verdict_word(v.status), "TAMPERED");
	rec.bytes[len - 1] ^= 1;
	v = judged(rec.bytes, rec.chunk_end[2], SESSION_CUT, 0);
	differs(&v, 2, "fewer chunks");
}
END_TEST

START_TEST(a_live_file_that_lost_its_end)
{
	struct verdict v;

	world_make();
	world_open();
	world_epoch(3);
	world_read();
	v = judged(rec.bytes, rec.chunk_end[3], SESSION_LIVE, 0);
	ck_assert_str_eq(verdict_word(v.status), "LIVE");
	v = judged(rec.bytes, rec.chunk_end[1], SESSION_LIVE, 0);
	differs(&v, 2, "knows more chunks");
}
END_TEST

/* Of as many chunks, but not those that the table knew. */
START_TEST(a_live_file_that_is_another)
{
	struct verdict v;

	world_make();
	world_open();
	rec.bytes[rec.chunk_end[2] - 1] ^= 1;
	world_epoch(3);
	rec.bytes[rec.chunk_end[2] - 1] ^= 1;
	world_read();
	v = judged(rec.bytes, rec.chunk_end[3], SESSION_LIVE, 0);
	differs(&v, 2, "another chunk");
}
END_TEST

START_TEST(without_signatures_all_is_still_bound)
{
	struct verdict v;
	size_t i;

	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	world_read();
	v = judged(rec.bytes, rec.len, SESSION_CLOSED, 1);
	ck_assert_str_eq(verdict_word(v.status), "COMPLETE");
	for (i = 0; i < rec.len; i++) {
		rec.bytes[i] ^= 0x10;
		v = judged(rec.bytes, rec.len, SESSION_CLOSED, 1);
		rec.bytes[i] ^= 0x10;
		ck_assert_msg(!verdict_good(&v), "byte %zu", i);
	}
}
END_TEST

START_TEST(another_certificate)
{
	struct verdict v;

	world_make();
	world_open();
	world_read();
	ev.session[0].expect.cert[3] ^= 1;
	v = judged(rec.bytes, rec.len, SESSION_CLOSED, 0);
	differs(&v, -1, "another certificate");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_file_that_agrees, a_file_that_was_cut_is_tampered,
		a_tail_that_no_seal_covers_is_in_close, a_live_file_that_lost_its_end,
		a_live_file_that_is_another,
		without_signatures_all_is_still_bound, another_certificate,
	};

	recording_fix_random();
	return suite_run("agree", tests, sizeof tests / sizeof tests[0]);
}
