/* SPDX-License-Identifier: ISC */
#include "ledger_entry.h"

#include <sodium.h>
#include <string.h>

#include "bytes.h"
#include "err.h"
#include "suite.h"

#define TYPES 16

static uint8_t pk[PK_SIZE], sk[SK_SIZE], other_pk[PK_SIZE], other_sk[SK_SIZE];

/* As shellac-format(5) has them, header included. */
static const size_t sizes[TYPES + 1] = {
	0, 176, 48, 88, 145, 296, 76, 112, 148, 96, 44, 68, 144, 140, 108, 192, 156,
};

/* All bytes of the body different from zero, as far as they may be anything. */
static void sample(struct entry *e, uint8_t type)
{
	memset(e, 0, sizeof(*e));
	memset(&e->u, 0x5a + type, sizeof(e->u));
	e->type = type;
	e->index = type == ENTRY_GENESIS ? 0 : 0x1122334455667788;
	e->wall_ns = -2;
	e->boot_ns = UINT64_MAX - 1;
	switch (type) {
	case ENTRY_CLOSE:
		e->u.close.end = ENTRY_END_CUT;
		e->u.close.size = e->u.close.sealed + 7;
		break;
	case ENTRY_EPOCH:
		e->u.epoch.size = e->index;
		e->u.epoch.clock_offset_ns = INT64_MIN;
		break;
	case ENTRY_GAP:
		e->u.gap.reason = GAP_NO_ROOM;
		break;
	case ENTRY_FAIL:
		e->u.fail.what = FAIL_SYNC;
		e->u.fail.error = -5;
		memset(e->u.fail.text, '~', ENTRY_TEXT_MAX);
		break;
	case ENTRY_RECOVER:
		e->u.recover.clean = 1;
		break;
	case ENTRY_CONFIG:
		e->u.config.what = CONFIG_PLUGIN;
		break;
	case ENTRY_ACTION:
		e->u.action.done = ACTION_REFUSED;
		break;
	case ENTRY_PURGE:
		e->u.purge.why = PURGE_APPROVAL;
		break;
	default:
		break;
	}
}

static size_t written(uint8_t *p, const struct entry *e)
{
	size_t len = entry_put(p, e);

	ck_assert_uint_eq(len, sizes[e->type]);
	return len;
}

static int reading(const struct entry *e)
{
	uint8_t p[ENTRY_MAX];
	struct entry again;

	return entry_parse(p, written(p, e), &again);
}

START_TEST(reads_what_was_written)
{
	uint8_t p[ENTRY_MAX], q[ENTRY_MAX];
	struct entry e, again;
	size_t len;
	uint8_t type;

	for (type = 1; type <= TYPES; type++) {
		ck_assert_uint_eq(entry_size(type), sizes[type]);
		sample(&e, type);
		len = written(p, &e);
		ck_assert_int_eq(entry_parse(p, len, &again), 0);
		ck_assert_uint_eq(again.type, type);
		ck_assert_uint_eq(again.index, e.index);
		ck_assert_int_eq(again.wall_ns, -2);
		ck_assert_uint_eq(again.boot_ns, UINT64_MAX - 1);
		written(q, &again);
		ck_assert_mem_eq(p, q, len);
	}
	ck_assert_uint_eq(entry_size(0), 0);
	ck_assert_uint_eq(entry_size(TYPES + 1), 0);
	ck_assert_uint_eq(entry_size(255), 0);
	ck_assert_str_eq(entry_word(ENTRY_UNRECORDED), "UNRECORDED");
	ck_assert_str_eq(entry_word(0), "?");
	ck_assert_str_eq(entry_word(TYPES + 1), "?");
}
END_TEST

/* Byte for byte, against the page. */
START_TEST(has_the_layout_of_the_page)
{
	uint8_t p[ENTRY_MAX];
	struct entry e = { .type = ENTRY_CLOSE, .flags = ENTRY_F_RECOVERED, .index = 0x0102,
		.wall_ns = 0x0304, .boot_ns = 0x0506 };

	e.u.close.n = 0x0708;
	memset(e.u.close.id, 0xaa, ID_SIZE);
	e.u.close.end = ENTRY_END_CUT;
	e.u.close.chunks = 0x090a;
	memset(e.u.close.head, 0xbb, HASH_SIZE);
	e.u.close.sealed = 0x0b0c;
	e.u.close.size = 0x0d0e;
	memset(e.u.close.tail, 0xcc, HASH_SIZE);
	written(p, &e);
	ck_assert_mem_eq(p, "SHLE\x01\x04\x04\x00\x02\x01\0\0\0\0\0\0\x04\x03\0\0\0\0\0\0"
	    "\x06\x05\0\0\0\0\0\0\x08\x07\0\0\0\0\0\0", 40);
	ck_assert_mem_eq(p + 40, e.u.close.id, ID_SIZE);
	ck_assert_mem_eq(p + 56, "\x02\x0a\x09\0\0\0\0\0\0", 9);
	ck_assert_mem_eq(p + 65, e.u.close.head, HASH_SIZE);
	ck_assert_mem_eq(p + 97, "\x0c\x0b\0\0\0\0\0\0\x0e\x0d\0\0\0\0\0\0", 16);
	ck_assert_mem_eq(p + 113, e.u.close.tail, HASH_SIZE);
}
END_TEST

START_TEST(refuses_every_other_length)
{
	uint8_t p[ENTRY_MAX] = { 0 };
	struct entry e, again;
	size_t len, i;
	uint8_t type;

	for (type = 1; type <= TYPES; type++) {
		sample(&e, type);
		len = written(p, &e);
		for (i = 0; i < len; i++)
			ck_assert_int_eq(entry_parse(p, i, &again), E_SHORT);
		ck_assert_int_eq(entry_parse(p, len + 1, &again), E_RANGE);
	}
}
END_TEST

/* Its beginning, of whatever length, is told from that of another. */
START_TEST(knows_a_beginning)
{
	uint8_t p[ENTRY_MAX];
	struct entry e;
	size_t len, i;

	sample(&e, ENTRY_OPEN);
	len = written(p, &e);
	for (i = 0; i <= len; i++)
		ck_assert_int_eq(entry_check_start(p, i, len), 0);
	ck_assert_int_eq(entry_check_start(p, 0, ENTRY_HEADER - 1), E_RANGE);
	ck_assert_int_eq(entry_check_start(p, 0, ENTRY_MAX + 1), E_RANGE);
	ck_assert_int_eq(entry_check_start(p, 5, len + 1), 0);
	ck_assert_int_eq(entry_check_start(p, 6, len + 1), E_RANGE);
	for (i = 0; i < 6; i++) {
		p[i] ^= 0x80;
		ck_assert_int_eq(entry_check_start(p, i, len), 0);
		ck_assert_int_eq(entry_check_start(p, i + 1, len), E_FORMAT);
		p[i] ^= 0x80;
	}
}
END_TEST

/* Each bit of the header is looked at, or given back. */
START_TEST(checks_every_byte_of_the_header)
{
	uint8_t p[ENTRY_MAX], q[ENTRY_MAX];
	struct entry e, again;
	size_t len;
	unsigned bit;
	int r;

	sample(&e, ENTRY_BOOT);
	len = written(p, &e);
	for (bit = 0; bit < ENTRY_HEADER * 8; bit++) {
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = entry_parse(p, len, &again);
		if (bit / 8 < 8)
			ck_assert_int_lt(r, 0);
		else
			ck_assert_int_eq(r, 0);
		if (r == 0) {
			written(q, &again);
			ck_assert_mem_eq(p, q, len);
		}
		p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}
END_TEST

START_TEST(takes_the_flags_of_each_type_only)
{
	struct entry e;
	unsigned bit;
	uint8_t type;

	for (type = 1; type <= TYPES; type++)
		for (bit = 0; bit < 16; bit++) {
			sample(&e, type);
			e.flags = (uint16_t)(1 << bit);
			ck_assert_int_eq(reading(&e),
			    (type == ENTRY_OPEN && (bit == 0 || bit == 2)) ||
			    (type == ENTRY_CLOSE && bit == 2) ? 0 : E_FORMAT);
		}
	sample(&e, ENTRY_OPEN);
	e.flags = ENTRY_F_UNCERTIFIED | ENTRY_F_LATE;
	ck_assert_int_eq(reading(&e), 0);
}
END_TEST

/* reading() after one field of a good entry has another value */
#define REFUSES(entry_type, field, value) do { \
	struct entry e_; \
	sample(&e_, entry_type); \
	ck_assert_int_eq(reading(&e_), 0); \
	e_.field = (value); \
	ck_assert_int_eq(reading(&e_), E_FORMAT); \
} while (0)

START_TEST(refuses_values_out_of_their_limits)
{
	REFUSES(ENTRY_GENESIS, index, 1);
	REFUSES(ENTRY_BOOT, index, 0);
	REFUSES(ENTRY_OPEN, u.open.n, 0);
	REFUSES(ENTRY_CLOSE, u.close.n, 0);
	REFUSES(ENTRY_CLOSE, u.close.end, 0);
	REFUSES(ENTRY_CLOSE, u.close.end, 3);
	REFUSES(ENTRY_CLOSE, u.close.end, ENTRY_END_WHOLE);
	REFUSES(ENTRY_CLOSE, u.close.chunks, 0);
	REFUSES(ENTRY_CLOSE, u.close.sealed, 0);
	REFUSES(ENTRY_CLOSE, u.close.size, 3);
	REFUSES(ENTRY_EPOCH, u.epoch.epoch, 0);
	REFUSES(ENTRY_EPOCH, u.epoch.next_n, 0);
	REFUSES(ENTRY_EPOCH, u.epoch.size, e_.index + 1);
	REFUSES(ENTRY_EPOCH, u.epoch.records_to, 1);
	REFUSES(ENTRY_GAP, u.gap.n, 0);
	REFUSES(ENTRY_GAP, u.gap.lost, 0);
	REFUSES(ENTRY_GAP, u.gap.reason, 2);
	REFUSES(ENTRY_FAIL, u.fail.what, 0);
	REFUSES(ENTRY_FAIL, u.fail.what, FAIL_EVENTS + 1);
	REFUSES(ENTRY_FAIL, u.fail.text[0], '\x1b');
	REFUSES(ENTRY_FAIL, u.fail.text[5], '\0');
	REFUSES(ENTRY_FAIL, u.fail.text[63], '\x7f');
	REFUSES(ENTRY_RECOVER, u.recover.clean, 2);
	REFUSES(ENTRY_CONFIG, u.config.what, 0);
	REFUSES(ENTRY_CONFIG, u.config.what, CONFIG_PLUGIN + 1);
	REFUSES(ENTRY_PURGE, u.purge.n, 0);
	REFUSES(ENTRY_PURGE, u.purge.why, 0);
	REFUSES(ENTRY_PURGE, u.purge.why, 3);
	REFUSES(ENTRY_ACTION, u.action.done, 0);
	REFUSES(ENTRY_ACTION, u.action.done, 3);
}
END_TEST

START_TEST(takes_values_at_their_limits)
{
	struct entry e;

	sample(&e, ENTRY_CLOSE);
	e.u.close.end = ENTRY_END_WHOLE;
	e.u.close.size = e.u.close.sealed;
	ck_assert_int_eq(reading(&e), 0);
	sample(&e, ENTRY_CLOSE);
	e.u.close.chunks = e.u.close.sealed = e.u.close.size = 0;
	ck_assert_int_eq(reading(&e), 0);
	e.u.close.end = ENTRY_END_WHOLE;
	ck_assert_int_eq(reading(&e), E_FORMAT);
	sample(&e, ENTRY_FAIL);
	memset(e.u.fail.text, 0, ENTRY_TEXT_MAX);
	e.u.fail.n = 0;
	ck_assert_int_eq(reading(&e), 0);
	sample(&e, ENTRY_RECOVER);
	memset(e.u.recover.epoch_pk, 0, PK_SIZE);
	ck_assert_int_eq(reading(&e), E_FORMAT);
	memset(e.u.recover.sig, 0, SIG_SIZE);
	ck_assert_int_eq(reading(&e), 0);
}
END_TEST

static void check_signature(uint8_t type)
{
	uint8_t p[ENTRY_MAX];
	struct entry e;
	size_t len, i;

	sample(&e, type);
	memcpy(e.u.key.host_pk, other_pk, PK_SIZE);
	len = entry_put(p, &e);
	ck_assert_int_eq(entry_verify(p, len, pk), E_SIGNATURE);
	entry_sign(p, len, sk);
	if (type == ENTRY_KEY) {
		ck_assert_int_eq(entry_verify(p, len, pk), E_SIGNATURE);
		entry_sign(p, len, other_sk);
	}
	ck_assert_int_eq(entry_verify(p, len, pk), 0);
	ck_assert_int_eq(entry_verify(p, len, other_pk), E_SIGNATURE);
	ck_assert_int_eq(entry_verify(p, len - 1, pk), E_SIGNATURE);
	for (i = 0; i < len; i++) {
		p[i] ^= 1;
		ck_assert_int_eq(entry_verify(p, len, pk), E_SIGNATURE);
		p[i] ^= 1;
	}
}

START_TEST(signatures_cover_all_before_them)
{
	check_signature(ENTRY_GENESIS);
	check_signature(ENTRY_EPOCH);
	check_signature(ENTRY_RECOVER);
	check_signature(ENTRY_KEY);
}
END_TEST

START_TEST(others_have_no_signature)
{
	uint8_t p[ENTRY_MAX], q[ENTRY_MAX];
	struct entry e;
	size_t len;

	sample(&e, ENTRY_PURGE);
	len = written(p, &e);
	memcpy(q, p, len);
	entry_sign(p, len, sk);
	ck_assert_mem_eq(p, q, len);
	ck_assert_int_eq(entry_verify(p, len, pk), E_SIGNATURE);
	ck_assert_int_eq(entry_verify(p, 5, pk), E_SIGNATURE);
}
END_TEST

/* What is signed is the text with its zero and the entry: nothing else verifies it. */
START_TEST(signs_the_text_and_the_entry)
{
	uint8_t text[18 + ENTRY_MAX] = "shellac ledger v1", p[ENTRY_MAX];
	struct entry e;
	size_t len;

	sample(&e, ENTRY_EPOCH);
	len = written(p, &e);
	entry_sign(p, len, sk);
	memcpy(text + 18, p, len - SIG_SIZE);
	ck_assert_int_eq(crypto_sign_verify_detached(p + len - SIG_SIZE, text,
	    18 + len - SIG_SIZE, pk), 0);
}
END_TEST

START_TEST(rows_of_live_sessions)
{
	struct live_row r = { .n = 0x0102, .chunks = 0x0304 }, again;
	uint8_t p[LIVE_ROW], q[LIVE_ROW];

	memset(r.id, 0xaa, ID_SIZE);
	memset(r.head, 0xbb, HASH_SIZE);
	live_row_put(p, &r);
	ck_assert_mem_eq(p, "\x02\x01\0\0\0\0\0\0\xaa", 9);
	ck_assert_mem_eq(p + 23, "\xaa\x04\x03\0\0\0\0\0\0\xbb", 10);
	ck_assert_uint_eq(p[63], 0xbb);
	live_row_get(&again, p);
	live_row_put(q, &again);
	ck_assert_mem_eq(p, q, LIVE_ROW);
	ck_assert_uint_eq(again.chunks, 0x0304);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reads_what_was_written, has_the_layout_of_the_page, refuses_every_other_length, knows_a_beginning,
		checks_every_byte_of_the_header, takes_the_flags_of_each_type_only,
		refuses_values_out_of_their_limits, takes_values_at_their_limits,
		signatures_cover_all_before_them, others_have_no_signature,
		signs_the_text_and_the_entry, rows_of_live_sessions,
	};

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	crypto_sign_keypair(pk, sk);
	crypto_sign_keypair(other_pk, other_sk);
	return suite_run("ledger_entry", tests, sizeof(tests) / sizeof(tests[0]));
}
