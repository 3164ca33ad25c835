/* SPDX-License-Identifier: ISC */
#include "ledger_file.h"

#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "ledger_fixture.h"
#include "suite.h"

static int file_of(const uint8_t *p, size_t len)
{
	int fd = memfd_create("ledger", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, len), (ssize_t)len);
	return fd;
}

/* Reads to the end or to what is wrong: the last answer; *l is how it was left. */
static int read_on(struct ledger_file *l)
{
	struct entry e;
	int r;

	while ((r = ledger_file_next(l, &e)) == 1)
		ck_assert_uint_eq(e.index, l->tree.size - 1);
	return r;
}

static int read_bytes(struct ledger_file *l, const uint8_t *p, size_t len, const uint8_t *host_pk)
{
	int fd = file_of(p, len), r;

	ledger_file_init(l, fd, host_pk);
	r = read_on(l);
	ledger_file_end(l);
	close(fd);
	return r;
}

static int judge(const struct fixture *f)
{
	struct ledger_file l;

	return read_bytes(&l, f->p, f->len, f->first_pk);
}

START_TEST(reads_a_whole_ledger)
{
	uint8_t root[MERKLE_HASH], expected[MERKLE_HASH], pk[PK_SIZE], sk[SK_SIZE];
	struct ledger_file l;
	struct fixture f;
	int fd;

	fixture_all(&f);
	fd = file_of(f.p, f.len);
	ledger_file_init(&l, fd, f.first_pk);
	ck_assert_int_eq(read_on(&l), 0);
	ck_assert_uint_eq(l.offset, f.len);
	ck_assert_uint_eq(l.tree.size, f.tree.size);
	merkle_root(&l.tree, root);
	merkle_root(&f.tree, expected);
	ck_assert_mem_eq(root, expected, MERKLE_HASH);
	ck_assert_uint_eq(l.epoch, 3);
	ck_assert_uint_eq(l.first_n, 1);
	ck_assert_uint_eq(l.next_n, 3);
	ck_assert_uint_eq(l.records_to, 3 * 128);
	ck_assert_uint_eq(l.key_lost, 10);
	ck_assert_uint_eq(l.live.open, 1);
	ck_assert_ptr_nonnull(ledger_live_find(&l.live, 2));
	ck_assert_uint_eq(l.raw_len, entry_size(ENTRY_EPOCH));
	ck_assert_mem_eq(l.raw, f.p + f.len - l.raw_len, l.raw_len);
	fixture_keys(pk, sk, 0xf0);
	ck_assert_mem_eq(l.host_pk, pk, PK_SIZE);
	fixture_keys(pk, sk, 2);
	ck_assert_mem_eq(l.genesis_pk, pk, PK_SIZE);
	ck_assert_uint_eq(l.boot_id[0], 0); /* of BOOT, not of GENESIS */
	ledger_file_end(&l);
	close(fd);
	ck_assert_int_eq(read_bytes(&l, f.p, f.len, NULL), 0);
	fixture_end(&f);
}
END_TEST

/* An end at a border is one, any other is torn, at the entry that it cuts. */
START_TEST(tells_torn_from_ended)
{
	struct ledger_file l;
	struct fixture f;
	size_t len, border = 0;

	fixture_all(&f);
	for (len = 0; len <= f.len; len++) {
		if (len == border + 2 + get_u16(f.p + border))
			border = len;
		ck_assert_int_eq(read_bytes(&l, f.p, len, f.first_pk), len == border ? 0 : E_SHORT);
		ck_assert_uint_eq(l.offset, border);
	}
	fixture_end(&f);
}
END_TEST

/* The last EPOCH stands for all: not a bit before it can change, nor one of its own.
 * What is not the file's end is not called torn. */
START_TEST(sees_each_changed_bit)
{
	struct ledger_file l;
	struct fixture f;
	size_t bit, last;
	int r;

	fixture_all(&f);
	last = f.len - entry_size(ENTRY_EPOCH) - 2;
	for (bit = 0; bit < 8 * f.len; bit++) {
		f.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		r = read_bytes(&l, f.p, f.len, f.first_pk);
		ck_assert_int_lt(r, 0);
		if (bit / 8 < last || bit / 8 >= last + 2)
			ck_assert_int_ne(r, E_SHORT);
		ck_assert_uint_le(l.offset, last);
		f.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	fixture_end(&f);
}
END_TEST

/* Every entry taken out, doubled, or changed with the next. */
START_TEST(sees_each_moved_entry)
{
	struct ledger_file l;
	struct fixture f;
	uint8_t copy[8192];
	size_t at, size, next;

	fixture_all(&f);
	for (at = 0; at < f.len; at += size) {
		size = 2 + get_u16(f.p + at);
		memcpy(copy, f.p, at);
		memcpy(copy + at, f.p + at + size, f.len - at - size);
		if (at + size < f.len) /* without its last entry it is an earlier ledger */
			ck_assert_int_lt(read_bytes(&l, copy, f.len - size, f.first_pk), 0);
		memcpy(copy + at, f.p + at, size);
		memcpy(copy + at + size, f.p + at, f.len - at);
		ck_assert_int_lt(read_bytes(&l, copy, f.len + size, f.first_pk), 0);
		if (at + size == f.len)
			break;
		next = 2 + get_u16(f.p + at + size);
		memcpy(copy, f.p, f.len);
		memcpy(copy + at, f.p + at + size, next);
		memcpy(copy + at + next, f.p + at, size);
		ck_assert_int_lt(read_bytes(&l, copy, f.len, f.first_pk), 0);
	}
	fixture_end(&f);
}
END_TEST

START_TEST(goes_on_when_the_file_has_grown)
{
	struct ledger_file l;
	struct fixture f;
	size_t half;
	int fd;

	fixture_all(&f);
	half = f.len / 2;
	fd = file_of(f.p, half);
	ledger_file_init(&l, fd, f.first_pk);
	ck_assert_int_eq(read_on(&l), E_SHORT);
	ck_assert_int_eq(read_on(&l), E_SHORT);
	ck_assert_int_eq(write(fd, f.p + half, f.len - half), (ssize_t)(f.len - half));
	ck_assert_int_eq(read_on(&l), 0);
	ck_assert_uint_eq(l.tree.size, f.tree.size);
	ck_assert_int_eq(write(fd, "\1", 1), 1);
	ck_assert_int_eq(read_on(&l), E_SHORT);
	ck_assert_int_eq(write(fd, "\0", 1), 1);
	ck_assert_int_eq(read_on(&l), E_RANGE);
	ck_assert_int_eq(read_on(&l), E_RANGE);
	ck_assert_int_eq(l.error, E_RANGE);
	ledger_file_end(&l);
	close(fd);
	fixture_end(&f);
}
END_TEST

START_TEST(is_of_the_host_that_was_asked_for)
{
	uint8_t pk[PK_SIZE], sk[SK_SIZE];
	struct ledger_file l;
	struct fixture f;

	fixture_all(&f);
	fixture_keys(pk, sk, 9);
	ck_assert_int_eq(read_bytes(&l, f.p, f.len, pk), E_KEY);
	ck_assert_uint_eq(l.tree.size, 0);
	fixture_end(&f);
}
END_TEST

static int judge_and_end(struct fixture *f)
{
	int r = judge(f);

	fixture_end(f);
	return r;
}

START_TEST(numbers_are_gapless)
{
	struct fixture f;

	fixture_begin(&f);
	fixture_open(&f, 58); /* the host is older than its ledger */
	fixture_open(&f, 59);
	ck_assert_int_eq(judge(&f), 0);
	fixture_open(&f, 61);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
	fixture_begin(&f);
	fixture_open(&f, 1);
	fixture_open(&f, 1);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
	fixture_begin(&f);
	fixture_epoch(&f); /* says that 1 is next */
	fixture_open(&f, 2);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
	fixture_begin(&f);
	fixture_open(&f, 1);
	f.next_n = 3;
	fixture_epoch(&f);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
	fixture_begin(&f);
	fixture_open(&f, UINT64_MAX);
	ck_assert_int_eq(judge_and_end(&f), E_RANGE);
}
END_TEST

START_TEST(closes_what_is_open_once)
{
	struct fixture f;
	struct entry e;

	fixture_begin(&f);
	fixture_open(&f, 1);
	fixture_close(&f, 1);
	ck_assert_int_eq(judge(&f), 0);
	fixture_close(&f, 1);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
	fixture_begin(&f);
	fixture_open(&f, 1);
	fixture_close(&f, 2);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
	fixture_begin(&f);
	fixture_open(&f, 1);
	fixture_new(&e, ENTRY_GAP);
	e.u.gap.n = 1; /* but another id */
	e.u.gap.lost = 1;
	e.u.gap.reason = GAP_NO_ROOM;
	fixture_add(&f, &e, NULL);
	ck_assert_int_eq(judge_and_end(&f), E_CHAIN);
}
END_TEST

static int purge(uint64_t n, int close_it)
{
	struct fixture f;
	struct entry e;

	fixture_begin(&f);
	fixture_open(&f, 7);
	if (close_it)
		fixture_close(&f, 7);
	fixture_new(&e, ENTRY_PURGE);
	e.u.purge.n = n;
	e.u.purge.why = PURGE_RETENTION;
	fixture_add(&f, &e, NULL);
	return judge_and_end(&f);
}

START_TEST(purges_what_has_ended)
{
	ck_assert_int_eq(purge(7, 1), 0);
	ck_assert_int_eq(purge(3, 1), 0); /* from before the ledger */
	ck_assert_int_eq(purge(7, 0), E_CHAIN);
	ck_assert_int_eq(purge(8, 1), E_CHAIN);
}
END_TEST

/* A ledger with one EPOCH that is right and one more, changed by how. */
static int second_epoch(void (*how)(struct entry *e), const uint8_t *sk)
{
	struct fixture f;
	struct entry e;

	fixture_begin(&f);
	fixture_epoch(&f);
	fixture_next_epoch(&f, &e);
	how(&e);
	fixture_add(&f, &e, sk != NULL ? sk : f.epoch_sk);
	return judge_and_end(&f);
}

static void not_at_all(struct entry *e)
{
	(void)e;
}

static void epoch_skipped(struct entry *e)
{
	e->u.epoch.epoch++;
}

static void root_changed(struct entry *e)
{
	e->u.epoch.root[31] ^= 1;
}

static void records_left_out(struct entry *e)
{
	e->u.epoch.records_from += 1;
}

START_TEST(epochs_are_a_chain)
{
	uint8_t pk[PK_SIZE], sk[SK_SIZE];

	ck_assert_int_eq(second_epoch(not_at_all, NULL), 0);
	ck_assert_int_eq(second_epoch(epoch_skipped, NULL), E_CHAIN);
	ck_assert_int_eq(second_epoch(root_changed, NULL), E_DIGEST);
	ck_assert_int_eq(second_epoch(records_left_out, NULL), E_CHAIN);
	fixture_keys(pk, sk, 2); /* the key of the epoch before */
	ck_assert_int_eq(second_epoch(not_at_all, sk), E_SIGNATURE);
	fixture_keys(pk, sk, 1); /* the host's */
	ck_assert_int_eq(second_epoch(not_at_all, sk), E_SIGNATURE);
}
END_TEST

/* A RECOVER with a key and an EPOCH signed by it. */
static int recovered(const uint8_t *signer)
{
	struct fixture f;
	struct entry e;

	fixture_begin(&f);
	fixture_epoch(&f);
	fixture_new(&e, ENTRY_RECOVER);
	fixture_keys(e.u.recover.epoch_pk, f.epoch_sk, 0x77);
	fixture_add(&f, &e, signer != NULL ? signer : f.host_sk);
	fixture_epoch(&f);
	return judge_and_end(&f);
}

START_TEST(only_the_host_begins_new_epoch_keys)
{
	uint8_t pk[PK_SIZE], sk[SK_SIZE];

	ck_assert_int_eq(recovered(NULL), 0);
	fixture_keys(pk, sk, 3); /* the epoch's that goes on */
	ck_assert_int_eq(recovered(sk), E_SIGNATURE);
}
END_TEST

/* More than the reader takes at once, with sessions that stay open. */
START_TEST(reads_long_ledgers)
{
	struct ledger_file l;
	struct fixture f;
	uint64_t n;
	int fd;

	fixture_begin(&f);
	for (n = 1; n <= 3000; n++) {
		fixture_open(&f, n);
		if (n > 10 && n % 7 != 0)
			fixture_close(&f, n);
		if (n % 500 == 0)
			fixture_epoch(&f);
	}
	fd = file_of(f.p, f.len);
	ledger_file_init(&l, fd, f.first_pk);
	ck_assert_int_eq(read_on(&l), 0);
	ck_assert_uint_eq(l.tree.size, f.tree.size);
	ck_assert_uint_eq(l.live.open, 10 + 3000 / 7 - 1);
	ck_assert_uint_eq(l.epoch, 6);
	ledger_file_end(&l);
	close(fd);
	fixture_end(&f);
}
END_TEST

START_TEST(says_why_it_cannot_read)
{
	struct ledger_file l;
	struct entry e;

	ledger_file_init(&l, -1, NULL);
	ck_assert_int_eq(ledger_file_next(&l, &e), -9); /* EBADF */
	ledger_file_end(&l);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reads_a_whole_ledger, tells_torn_from_ended, sees_each_changed_bit,
		sees_each_moved_entry, goes_on_when_the_file_has_grown,
		is_of_the_host_that_was_asked_for, numbers_are_gapless, closes_what_is_open_once,
		purges_what_has_ended, epochs_are_a_chain, only_the_host_begins_new_epoch_keys,
		reads_long_ledgers, says_why_it_cannot_read,
	};

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("ledger_file", tests, sizeof(tests) / sizeof(tests[0]));
}
