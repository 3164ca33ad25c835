/* SPDX-License-Identifier: ISC */
#include "../../auditor/evidence.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../../auditor/judge.h"
#include "../lib/ledger_fixture.h"
#include "../lib/recording.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "bytes.h"
#include "err.h"
#include "io.h"

#define N 7 /* of the recording */

static struct recording rec;
static struct fixture led;
static struct evidence ev;
static struct store store;
static uint8_t id[ID_SIZE];
static const char *seen;

static void put(const char *name, const void *p, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, p, len), 0);
	close(fd);
}

/* What the host signs of this ledger, under this name. */
static void put_checkpoint(const char *name, const struct fixture *f)
{
	struct checkpoint c = { .size = f->tree.size };
	char text[CHECKPOINT_TEXT_MAX + NOTE_LINE_MAX + 1];
	struct note_key key;
	int len;

	checkpoint_origin(c.origin, f->host_pk);
	merkle_root(&f->tree, c.root);
	len = checkpoint_format(text, &c);
	ck_assert_int_eq(note_key_make(&key, c.origin, NOTE_ED25519, f->host_pk), 0);
	text[len] = '\n';
	len += 1 + note_sign(text + len + 1, text, (size_t)len, &key, f->host_sk, 0);
	put(name, text, (size_t)len);
}

static void add_open(void)
{
	struct entry e;

	fixture_new(&e, ENTRY_OPEN)->u.open.n = N;
	memcpy(e.u.open.id, id, ID_SIZE);
	hash_of(e.u.open.cert, rec.bytes + FRAME_HEADER, rec.frame_off[1] - FRAME_HEADER);
	fixture_add(&led, &e, NULL);
	led.next_n = N + 1;
}

/* CLOSE of the first chunks of the recording and of the frames behind them up to len. */
static void close_of(struct entry *e, uint64_t chunks, size_t len)
{
	size_t sealed = chunks > 0 ? rec.chunk_end[chunks - 1] : 0;

	fixture_new(e, ENTRY_CLOSE)->u.close.n = N;
	memcpy(e->u.close.id, id, ID_SIZE);
	e->u.close.end = chunks == RECORDING_CHUNKS ? ENTRY_END_WHOLE : ENTRY_END_CUT;
	e->u.close.chunks = chunks;
	e->u.close.sealed = sealed;
	e->u.close.size = len;
	if (chunks > 0)
		hash_of(e->u.close.head, rec.bytes + sealed - SEAL_SIZE, SEAL_SIZE);
	else
		hash_of(e->u.close.head, rec.bytes + FRAME_HEADER, rec.frame_off[1] - FRAME_HEADER);
	hash_of(e->u.close.tail, rec.bytes + sealed, len - sealed);
}

static void add_close(uint64_t chunks, size_t len)
{
	struct entry e;

	close_of(&e, chunks, len);
	fixture_add(&led, &e, NULL);
}

/* An EPOCH whose table has the recording's first chunks. */
static void add_epoch_with_row(uint64_t chunks)
{
	struct live_row row = { .n = N, .chunks = chunks };
	uint8_t p[LIVE_ROW], leaf[MERKLE_HASH];
	struct merkle t;
	struct entry e;

	memcpy(row.id, id, ID_SIZE);
	hash_of(row.head, rec.bytes + rec.chunk_end[chunks - 1] - SEAL_SIZE, SEAL_SIZE);
	live_row_put(p, &row);
	put("ledger/live/1", p, sizeof p);
	merkle_init(&t);
	merkle_leaf(leaf, p, sizeof p);
	merkle_add(&t, leaf, NULL);
	fixture_next_epoch(&led, &e)->u.epoch.live = 1;
	merkle_root(&t, e.u.epoch.live_root);
	fixture_add(&led, &e, led.epoch_sk);
}

static void world(void)
{
	scratch_enter();
	ck_assert_int_eq(mkdir("ledger", 0700), 0);
	ck_assert_int_eq(mkdir("ledger/live", 0700), 0);
	ck_assert_int_eq(store_open(&store, "."), 0);
	recording_make(&rec);
	memcpy(id, rec.bytes + FRAME_HEADER + 16, ID_SIZE);
	fixture_begin(&led);
	seen = NULL;
}

static void read_as(const uint8_t *host_pk, const char *kept)
{
	const struct evidence_ask ask = { .host_pk = host_pk, .seen = kept };

	evidence_release(&ev);
	ck_assert_int_eq(evidence_read(&ev, &store, &ask), 0);
}

static void read_ledger(void)
{
	put("ledger/log", led.p, led.len);
	read_as(led.host_pk, seen);
}

static void is(enum ledger_status status, unsigned findings)
{
	ck_assert_str_eq(ledger_status_word(ev.status), ledger_status_word(status));
	ck_assert_uint_eq(ev.findings, findings);
}

static int level(void)
{
	const char *why;
	struct expect x;

	return evidence_expect(&ev, N, &x) ? evidence_level(&ev, &x, &why) : -1;
}

/* The recording's first bytes, held against the ledger. */
static struct verdict judged(const void *bytes, size_t len, enum session_state state, int fast)
{
	int fd = memfd_create("session", MFD_CLOEXEC), r;
	struct store_session e = { .name = { .n = N, .state = state } };
	struct judge_how how = { .host_pk = rec.host_pk, .fast = fast };
	struct verdict v;
	struct judge j;
	struct expect x;
	struct frame f;
	struct event event;

	memcpy(e.name.id, id, ID_SIZE);
	if (evidence_expect(&ev, N, &x))
		how.expect = &x;
	ck_assert_int_eq(io_write_all(fd, bytes, len), 0);
	ck_assert_int_eq(judge_open_how(&j, fd, &e, &how), 0);
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

START_TEST(levels_of_a_closed_session)
{
	world();
	read_ledger();
	ck_assert_int_eq(level(), -1);
	add_open();
	read_ledger();
	ck_assert_int_eq(level(), 0);
	put_checkpoint("ledger/checkpoint", &led);
	add_close(RECORDING_CHUNKS, rec.len);
	read_ledger();
	ck_assert_int_eq(level(), 0);
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	ck_assert_int_eq(level(), 1);
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	ck_assert_int_eq(level(), 2);
	is(LEDGER_RIGHT, 0);
	ck_assert_ptr_nonnull(evidence_until(&ev));
	ck_assert_uint_eq(evidence_until(&ev)->index, led.tree.size - 1);
}
END_TEST

START_TEST(levels_of_a_live_session)
{
	struct expect x;

	world();
	add_open();
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	ck_assert_int_eq(level(), 1);
	add_epoch_with_row(3);
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	ck_assert_int_eq(level(), 2);
	ck_assert_int_eq(evidence_expect(&ev, N, &x), 1);
	ck_assert_uint_eq(x.row_chunks, 3);
	is(LEDGER_RIGHT, 0);
	ck_assert_int_eq(unlink("ledger/live/1"), 0); /* pruned: says less, and is no finding */
	read_ledger();
	ck_assert_int_eq(level(), 1);
	is(LEDGER_RIGHT, 0);
}
END_TEST

START_TEST(a_table_that_was_changed_is_found)
{
	uint8_t p[LIVE_ROW] = { 0 };

	world();
	add_open();
	add_epoch_with_row(3);
	put_checkpoint("ledger/checkpoint", &led);
	put("ledger/live/1", p, sizeof p);
	read_ledger();
	ck_assert_int_eq(level(), 1);
	is(LEDGER_RIGHT, 1);
	ck_assert_str_eq(ev.finding[0].kind, "table");
}
END_TEST

START_TEST(a_file_that_agrees)
{
	size_t k;

	world();
	add_open();
	add_close(RECORDING_CHUNKS, rec.len);
	read_ledger();
	ck_assert_str_eq(verdict_word(judged(rec.bytes, rec.len, SESSION_CLOSED, 0).status),
	    "COMPLETE");
	for (k = 0; k < RECORDING_CHUNKS; k++) {
		size_t len = rec.chunk_end[k] + (k == 2 ? rec.frame_off[1] : 0);

		fixture_end(&led);
		fixture_begin(&led);
		add_open();
		if (len > rec.len)
			len = rec.len;
		add_close(k, k > 0 ? rec.chunk_end[k - 1] : rec.frame_off[2]);
		read_ledger();
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

	world();
	add_open();
	add_close(RECORDING_CHUNKS, rec.len);
	read_ledger();
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

	world();
	sealed = rec.chunk_end[1];
	len = rec.chunk_end[2] - FRAME_HEADER - SEAL_SIZE;
	add_open();
	add_close(2, len);
	read_ledger();
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

	world();
	add_open();
	add_epoch_with_row(3);
	read_ledger();
	v = judged(rec.bytes, rec.chunk_end[3], SESSION_LIVE, 0);
	ck_assert_str_eq(verdict_word(v.status), "LIVE");
	v = judged(rec.bytes, rec.chunk_end[1], SESSION_LIVE, 0);
	differs(&v, 2, "knows more chunks");
}
END_TEST

START_TEST(without_signatures_all_is_still_bound)
{
	struct verdict v;
	size_t i;

	world();
	add_open();
	add_close(RECORDING_CHUNKS, rec.len);
	read_ledger();
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

	world();
	add_open();
	read_ledger();
	ev.session[0].expect.cert[3] ^= 1;
	v = judged(rec.bytes, rec.len, SESSION_CLOSED, 0);
	differs(&v, -1, "another certificate");
}
END_TEST

START_TEST(a_ledger_that_was_cut)
{
	size_t len;

	world();
	add_open();
	len = led.len;
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	led.len = len;
	read_ledger();
	is(LEDGER_ROLLBACK, 1);
	ck_assert_str_eq(ev.finding[0].kind, "rollback");
	led.len = len - 1;
	read_ledger();
	is(LEDGER_ROLLBACK, 2);
	ck_assert_int_eq(unlink("ledger/checkpoint"), 0);
	read_ledger();
	is(LEDGER_TORN, 1);
	ck_assert_uint_eq(ev.sessions, 0);
	ck_assert_uint_eq(ev.signed_leaves, 0);
}
END_TEST

/* The same state twice, and then two futures. */
START_TEST(two_ledgers)
{
	world();
	add_open();
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	put_checkpoint("seen", &led);
	fixture_end(&led);
	fixture_begin(&led);
	add_open();
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	is(LEDGER_RIGHT, 0);
	seen = "seen";
	read_ledger();
	is(LEDGER_ROLLBACK, 1);
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	is(LEDGER_FORK, 1);
	ck_assert_str_eq(ev.finding[0].kind, "fork");
	ck_assert_uint_eq(ev.signed_leaves, 0);
	ck_assert_int_eq(level(), 0);
}
END_TEST

START_TEST(an_older_checkpoint_is_fine)
{
	world();
	add_open();
	put_checkpoint("seen", &led);
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	seen = "seen";
	read_ledger();
	is(LEDGER_RIGHT, 0);
}
END_TEST

START_TEST(each_part_that_is_gone)
{
	world();
	add_open();
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	read_ledger();
	is(LEDGER_MISSING, 1);
	ck_assert_str_eq(ev.finding[0].kind, "checkpoint");
	put_checkpoint("ledger/checkpoint", &led);
	seen = "ledger/checkpoint";
	read_ledger();
	is(LEDGER_RIGHT, 0);
	ck_assert_int_eq(unlink("ledger/log"), 0);
	evidence_release(&ev);
	read_as(led.host_pk, NULL);
	is(LEDGER_ROLLBACK, 2);
}
END_TEST

/* As from a store that never had one; a kept checkpoint or a key tells otherwise. */
START_TEST(no_ledger_at_all)
{
	world();
	add_open();
	put_checkpoint("seen", &led);
	ck_assert_int_eq(rename("ledger", "gone"), 0);
	read_as(led.host_pk, NULL);
	is(LEDGER_NONE, 0);
	read_as(led.host_pk, "seen");
	is(LEDGER_ROLLBACK, 1);
	put("epoch.key", "", 0);
	read_as(led.host_pk, NULL);
	is(LEDGER_MISSING, 1);
}
END_TEST

START_TEST(another_hosts_ledger)
{
	uint8_t pk[PK_SIZE], sk[SK_SIZE];

	world();
	add_open();
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	put("ledger/log", led.p, led.len);
	fixture_keys(pk, sk, 77);
	read_as(pk, NULL);
	is(LEDGER_TAMPERED, 2);
	ck_assert_uint_eq(ev.sessions, 0);
	ck_assert_uint_eq(ev.signed_leaves, 0);
}
END_TEST

START_TEST(every_changed_byte_is_found)
{
	size_t i, len;

	world();
	add_open();
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	for (i = 0; i < led.len; i++) {
		led.p[i] ^= 1;
		read_ledger();
		led.p[i] ^= 1;
		ck_assert_msg(ev.status != LEDGER_RIGHT && ev.findings > 0, "byte %zu", i);
		ck_assert_int_lt(level(), 1);
	}
	len = led.len;
	for (i = 0; i < len; i++) {
		led.len = i;
		put("ledger/log", led.p, led.len);
		read_as(led.host_pk, NULL);
		ck_assert_str_eq(ledger_status_word(ev.status), "ROLLBACK");
		evidence_release(&ev);
		i += 37; /* a torn ledger is looked at for a while */
	}
}
END_TEST

/* With the host's key a thief can begin a new chain of epoch keys. */
START_TEST(a_broken_chain_of_epoch_keys_is_worth_less)
{
	struct entry e;

	world();
	add_open();
	fixture_epoch(&led);
	add_close(RECORDING_CHUNKS, rec.len);
	fixture_new(&e, ENTRY_RECOVER);
	led.epoch++;
	fixture_keys(e.u.recover.epoch_pk, led.epoch_sk, 99);
	led.epoch--;
	fixture_add(&led, &e, led.host_sk);
	fixture_epoch(&led);
	put_checkpoint("ledger/checkpoint", &led);
	read_ledger();
	is(LEDGER_RIGHT, 1);
	ck_assert_str_eq(ev.finding[0].kind, "epoch");
	ck_assert_int_eq(level(), 1);
}
END_TEST

START_TEST(hours_without_an_epoch)
{
	uint64_t offset = 5;
	struct entry e;

	world();
	memset(&ev, 0, sizeof ev);
	fixture_new(&e, ENTRY_BOOT)->boot_ns = 1000;
	ck_assert_int_eq(evidence_take(&ev, &e, offset), 0);
	fixture_new(&e, ENTRY_EPOCH)->boot_ns = 1000 + 119000000000;
	ck_assert_int_eq(evidence_take(&ev, &e, offset), 0);
	ck_assert_uint_eq(ev.findings, 0);
	e.boot_ns += 121000000000;
	ck_assert_int_eq(evidence_take(&ev, &e, offset), 0);
	ck_assert_uint_eq(ev.findings, 1);
	ck_assert_str_eq(ev.finding[0].kind, "epoch");
	ck_assert_int_eq(ev.remark[0], 1);
	e.boot_ns += 1121000000000;
	fixture_new(&e, ENTRY_BOOT)->boot_ns = 1121000000000;
	ck_assert_int_eq(evidence_take(&ev, &e, offset), 0);
	ck_assert_uint_eq(ev.findings, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		levels_of_a_closed_session, levels_of_a_live_session,
		a_table_that_was_changed_is_found, a_file_that_agrees,
		a_file_that_was_cut_is_tampered, a_tail_that_no_seal_covers_is_in_close,
		a_live_file_that_lost_its_end, without_signatures_all_is_still_bound,
		another_certificate, a_ledger_that_was_cut, two_ledgers,
		an_older_checkpoint_is_fine, each_part_that_is_gone, no_ledger_at_all,
		another_hosts_ledger, every_changed_byte_is_found,
		a_broken_chain_of_epoch_keys_is_worth_less, hours_without_an_epoch,
	};

	recording_fix_random();
	return suite_run("evidence", tests, sizeof tests / sizeof tests[0]);
}
