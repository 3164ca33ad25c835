/* SPDX-License-Identifier: ISC */
#include "../../auditor/verify/judge.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../lib/recording.h"
#include "../lib/suite.h"
#include "io.h"

static struct recording rec;
static struct verdict verdict;

static void name_of(struct store_session *e, enum session_state state)
{
	memset(e, 0, sizeof *e);
	e->name.n = 7;
	e->name.state = state;
	memcpy(e->name.id, rec.bytes + FRAME_HEADER + 16, ID_SIZE);
}

static int memory_file(const uint8_t *p, size_t len)
{
	int fd = memfd_create("session", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, p, len), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static unsigned gaps;

static const struct finding *last_finding(void)
{
	return &verdict.finding[verdict.findings - 1];
}

static void judge_fd(int fd, const struct store_session *e, const uint8_t *pk)
{
	const struct judge_how how = { .host_pk = pk };
	struct judge j;
	struct frame f;
	struct event ev;
	int r;

	ck_assert_int_eq(judge_open(&j, fd, e, &how), 0);
	while ((r = judge_next(&j, &f, &ev)) > 0)
		;
	ck_assert_int_eq(r, 0);
	verdict = *judge_verdict(&j);
	judge_close(&j);
	close(fd);
	/* the sample has a GAP, which is always found, last */
	for (gaps = 0; verdict.findings > 0 && strcmp(last_finding()->kind, "gap") == 0; gaps++)
		verdict.findings--;
}

static void judge_bytes(const uint8_t *p, size_t len, enum session_state state)
{
	struct store_session e;

	name_of(&e, state);
	judge_fd(memory_file(p, len), &e, rec.host_pk);
}

/* The session's first len bytes, without their payload. */
static void judge_purged(size_t len, enum session_state state)
{
	int in = memory_file(rec.bytes, len), out = memory_file(NULL, 0);
	struct purge_count count;
	struct store_session e;

	ck_assert_int_eq(container_purge(in, out, 5, &count), 0);
	close(in);
	name_of(&e, state);
	judge_fd(out, &e, rec.host_pk);
}

START_TEST(purged_is_never_complete)
{
	judge_purged(rec.len, SESSION_CLOSED);
	ck_assert_str_eq(verdict_word(verdict.status), "PURGED");
	ck_assert_int_eq(verdict.level, 0);
	ck_assert_int_eq(verdict_good(&verdict), 0);
	ck_assert_uint_eq(verdict.findings, 0);
	ck_assert_uint_eq(gaps, 1);
	ck_assert_uint_eq(verdict.was.length, rec.len);
	ck_assert_int_eq(verdict.was.wall_ns, 5);
	judge_purged(rec.chunk_end[2], SESSION_CUT);
	ck_assert_str_eq(verdict_word(verdict.status), "PURGED");
	ck_assert_uint_eq(verdict.findings, 1);
	ck_assert_str_eq(verdict.finding[0].kind, "cut");
	judge_purged(rec.chunk_end[2], SESSION_LIVE);
	ck_assert_str_eq(verdict_word(verdict.status), "TAMPERED");
	rec.host_pk[0] ^= 1;
	judge_purged(rec.len, SESSION_CLOSED);
	rec.host_pk[0] ^= 1;
	ck_assert_str_eq(verdict_word(verdict.status), "UNCERTIFIED");
}
END_TEST

START_TEST(gaps_are_found)
{
	judge_bytes(rec.bytes, rec.len, SESSION_CLOSED);
	ck_assert_uint_eq(gaps, 1);
	verdict.findings++;
	ck_assert_int_eq(last_finding()->chunk, 3);
	ck_assert_uint_eq(last_finding()->offset, rec.chunk_end[3] - FRAME_HEADER - SEAL_SIZE);
	ck_assert_ptr_nonnull(strstr(last_finding()->text, "12345 bytes"));
	judge_bytes(rec.bytes, rec.chunk_end[2], SESSION_CLOSED);
	ck_assert_uint_eq(gaps, 0);
}
END_TEST

static int has(const char *kind)
{
	unsigned i;

	for (i = 0; i < verdict.findings; i++)
		if (strcmp(verdict.finding[i].kind, kind) == 0)
			return 1;
	return 0;
}

static void is(enum verdict_status status, int level)
{
	ck_assert_str_eq(verdict_word(verdict.status), verdict_word(status));
	ck_assert_int_eq(verdict.level, level);
	ck_assert_int_eq(verdict_good(&verdict), verdict.findings == 0);
}

START_TEST(complete)
{
	judge_bytes(rec.bytes, rec.len, SESSION_CLOSED);
	is(STATUS_COMPLETE, 0);
	ck_assert_uint_eq(verdict.shown_frames, rec.frames);
	ck_assert_uint_eq(verdict.rows, 50);
	ck_assert_uint_eq(verdict.cols, 132);
	judge_bytes(rec.bytes, rec.len, SESSION_LIVE);
	is(STATUS_COMPLETE, 0);
}
END_TEST

START_TEST(live)
{
	judge_bytes(rec.bytes, rec.chunk_end[2], SESSION_LIVE);
	is(STATUS_LIVE, 0);
	judge_bytes(rec.bytes, rec.frame_off[8], SESSION_LIVE);
	is(STATUS_LIVE, 0);
	judge_bytes(rec.bytes, 0, SESSION_LIVE);
	is(STATUS_LIVE, LEVEL_NONE);
}
END_TEST

START_TEST(cut_behind_a_seal)
{
	size_t i;

	for (i = 0; i + 1 < RECORDING_CHUNKS; i++) {
		judge_bytes(rec.bytes, rec.chunk_end[i], i % 2 ? SESSION_CUT : SESSION_CLOSED);
		is(STATUS_CUT, 0);
		ck_assert_uint_eq(verdict.findings, 1);
		ck_assert_str_eq(verdict.finding[0].kind, "cut");
		ck_assert_int_eq(verdict.finding[0].chunk, (int64_t)i + 1);
		ck_assert_uint_eq(verdict.finding[0].offset, rec.chunk_end[i]);
	}
}
END_TEST

START_TEST(cut_with_an_unsealed_tail)
{
	size_t frame = 10; /* in chunk 1 */

	judge_bytes(rec.bytes, rec.frame_off[frame], SESSION_CUT);
	is(STATUS_CUT, 0);
	ck_assert(has("cut") && has("unsealed"));
	ck_assert_int_eq(verdict.finding[1].chunk, 1);
	ck_assert_uint_eq(verdict.finding[1].offset, rec.frame_off[frame]);
	ck_assert_uint_eq(verdict.shown_frames, frame);
	judge_bytes(rec.bytes, rec.frame_off[3], SESSION_CUT);
	is(STATUS_UNSEALED, 0);
}
END_TEST

START_TEST(every_truncation_is_found)
{
	size_t len, chunk = 0, frame = 0;

	for (len = 0; len < rec.len; len++) {
		while (chunk < RECORDING_CHUNKS && rec.chunk_end[chunk] <= len)
			chunk++;
		while (rec.frame_off[frame + 1] <= len)
			frame++;
		judge_bytes(rec.bytes, len, SESSION_CLOSED);
		ck_assert(!verdict_good(&verdict));
		ck_assert_uint_ge(verdict.findings, 1);
		if (len > 0 && rec.frame_off[frame] == len)
			ck_assert_int_le(verdict.status, STATUS_UNSEALED);
		else
			is(STATUS_TORN, LEVEL_NONE);
		if (len > 0 && rec.frame_off[frame] != len)
			ck_assert_int_eq(verdict.finding[0].chunk, (int64_t)chunk);
	}
}
END_TEST

START_TEST(every_changed_byte_is_found)
{
	static uint8_t copy[RECORDING_MAX];
	size_t i;

	for (i = 0; i < rec.len; i++) {
		memcpy(copy, rec.bytes, rec.len);
		copy[i] ^= 0x10;
		judge_bytes(copy, rec.len, SESSION_CLOSED);
		ck_assert(!verdict_good(&verdict));
		/* END's frame type changed into an event's is a cut session */
		if (i == rec.frame_off[rec.frames - 1] + 1)
			ck_assert(has("unsealed"));
		else
			ck_assert_int_ge(verdict.status, STATUS_UNCERTIFIED);
		ck_assert_int_le(verdict.finding[0].chunk, recording_chunk_at(&rec, i));
	}
}
END_TEST

START_TEST(nothing_of_a_bad_chunk_is_shown)
{
	static uint8_t copy[RECORDING_MAX];

	memcpy(copy, rec.bytes, rec.len);
	copy[rec.chunk_end[1] - 1] ^= 1;
	judge_bytes(copy, rec.len, SESSION_CLOSED);
	is(STATUS_TAMPERED, LEVEL_NONE);
	ck_assert_str_eq(verdict.finding[0].kind, "signature");
	ck_assert_int_eq(verdict.finding[0].chunk, 1);
	ck_assert_uint_eq(rec.frame_off[verdict.shown_frames], rec.chunk_end[0]);
}
END_TEST

START_TEST(wrong_key)
{
	struct store_session e;
	uint8_t pk[PK_SIZE];

	name_of(&e, SESSION_CLOSED);
	memcpy(pk, rec.host_pk, sizeof pk);
	pk[3] ^= 1;
	judge_fd(memory_file(rec.bytes, rec.len), &e, pk);
	is(STATUS_UNCERTIFIED, LEVEL_NONE);
	ck_assert(has("certificate"));
	judge_fd(memory_file(rec.bytes, rec.len), &e, NULL);
	is(STATUS_UNCERTIFIED, LEVEL_NONE);
}
END_TEST

START_TEST(wrong_name)
{
	struct store_session e;

	name_of(&e, SESSION_CLOSED);
	e.name.n = 8;
	judge_fd(memory_file(rec.bytes, rec.len), &e, rec.host_pk);
	is(STATUS_TAMPERED, LEVEL_NONE);
	ck_assert(has("name"));
	name_of(&e, SESSION_CLOSED);
	e.name.id[15] ^= 1;
	judge_fd(memory_file(rec.bytes, rec.len), &e, rec.host_pk);
	is(STATUS_TAMPERED, LEVEL_NONE);
	name_of(&e, SESSION_CLOSED);
	strcpy(e.day, "2026/09/22");
	judge_fd(memory_file(rec.bytes, rec.len), &e, rec.host_pk);
	is(STATUS_TAMPERED, LEVEL_NONE);
	strcpy(e.day, "2026/09/21");
	judge_fd(memory_file(rec.bytes, rec.len), &e, rec.host_pk);
	is(STATUS_COMPLETE, 0);
	name_of(&e, SESSION_CUT);
	judge_fd(memory_file(rec.bytes, rec.len), &e, rec.host_pk);
	is(STATUS_TAMPERED, LEVEL_NONE);
}
END_TEST

START_TEST(packed)
{
	int plain = memory_file(rec.bytes, rec.len), fd = memory_file(rec.bytes, 0);
	struct store_session e;

	name_of(&e, SESSION_CLOSED);
	ck_assert_int_eq(container_pack(plain, fd), 0);
	close(plain);
	judge_fd(fd, &e, rec.host_pk);
	is(STATUS_COMPLETE, 0);
}
END_TEST

/* The HIDDEN event is the fourth frame of chunk 1. */
START_TEST(much_hidden_typing_is_found)
{
	const struct finding *f = &verdict.finding[0];
	uint64_t at;

	recording_make_hidden(&rec, HIDDEN_RUN_BYTES + 1);
	at = rec.frame_off[10];
	judge_bytes(rec.bytes, rec.len, SESSION_CLOSED);
	ck_assert_int_eq(verdict.status, STATUS_COMPLETE);
	ck_assert_int_eq(verdict.level, 0);
	ck_assert_uint_eq(verdict.findings, 1);
	ck_assert_str_eq(f->kind, "hidden");
	ck_assert_int_eq(f->chunk, 1);
	ck_assert_uint_eq(f->offset, at);
	judge_bytes(rec.bytes, rec.chunk_end[1], SESSION_CLOSED);
	ck_assert_str_eq(f[0].kind, "cut");
	ck_assert_str_eq(f[1].kind, "hidden");
	judge_bytes(rec.bytes, rec.frame_off[11], SESSION_CLOSED);
	ck_assert_int_eq(has("unsealed") && has("hidden"), 1);
	rec.bytes[rec.chunk_end[1] - 1] ^= 1;
	judge_bytes(rec.bytes, rec.len, SESSION_CLOSED);
	ck_assert_int_eq(has("signature"), 1);
	ck_assert_int_eq(has("hidden"), 0);
	recording_make_hidden(&rec, HIDDEN_RUN_BYTES);
	judge_bytes(rec.bytes, rec.len, SESSION_CLOSED);
	is(STATUS_COMPLETE, 0);
	recording_make(&rec);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		complete, live, cut_behind_a_seal, cut_with_an_unsealed_tail,
		every_truncation_is_found, every_changed_byte_is_found,
		nothing_of_a_bad_chunk_is_shown, wrong_key, wrong_name, packed,
		gaps_are_found, purged_is_never_complete, much_hidden_typing_is_found,
	};

	recording_fix_random();
	recording_make(&rec);
	return suite_run("judge", tests, sizeof tests / sizeof tests[0]);
}
