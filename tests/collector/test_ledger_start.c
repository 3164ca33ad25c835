/* SPDX-License-Identifier: ISC */
/* What a start makes of the ledger that is left. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/admit.h"
#include "../lib/suite.h"
#include "bytes.h"
#include "io.h"
#include "ledger_fixture.h"

#define LOG "store/" LEDGER_DIR "/" LEDGER_LOG
#define HASHES "store/" LEDGER_DIR "/" LEDGER_HASHES
#define CHECKPOINT "store/" LEDGER_DIR "/" LEDGER_CHECKPOINT

static struct sealer k[4];

static void store_bytes(const char *path, const struct bytes *b, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, b->p, len), 0);
	close(fd);
}

/* Four entries that no checkpoint covers, cut at every byte. */
START_TEST(a_torn_end_is_dropped)
{
	struct session *s;
	struct bytes b, cp;
	struct entry e;
	size_t at, covered, len, from[4], whole;

	host_up();
	cp = file_bytes(CHECKPOINT);
	covered = (size_t)file_size(LOG);
	s = session_make(&k[0]);
	from[0] = covered;
	from[1] = (size_t)file_size(LOG);
	session_make(&k[1]);
	from[2] = (size_t)file_size(LOG);
	session_grow(s, &k[0], SEAL_START);
	session_grow(s, &k[0], SEAL_END);
	s->end = END_CLOSED;
	session_finish(s);
	host_crash();
	b = file_bytes(LOG);
	from[3] = b.len;
	for (len = covered; len <= b.len; len++) {
		store_bytes(LOG, &b, len);
		store_bytes(CHECKPOINT, &cp, cp.len);
		host_up();
		for (whole = 0; whole < 3 && from[whole + 1] <= len; whole++)
			;
		at = from[whole];
		e = ledger_last(ENTRY_RECOVER);
		ck_assert_uint_eq(e.u.recover.torn, len - at);
		ck_assert_uint_eq(e.u.recover.clean, 0);
		ck_assert_uint_eq(e.u.recover.opened, whole >= 2 ? 0 : 2 - whole);
		ck_assert_uint_eq(e.u.recover.closed, whole >= 3 ? 0 : 1);
		ck_assert_uint_eq(ledger_count(ENTRY_OPEN), 2);
		ck_assert_uint_eq(ledger_count(ENTRY_CLOSE), 1);
		e = ledger_last(ENTRY_CLOSE);
		ck_assert_uint_eq(e.u.close.n, 1);
		ck_assert_uint_eq(e.u.close.chunks, 2);
		ck_assert_mem_eq(e.u.close.head, k[0].prev, HASH_SIZE);
		ck_assert_uint_eq(e.flags, whole >= 3 ? 0 : ENTRY_F_RECOVERED);
		host_crash();
	}
	free(b.p);
	free(cp.p);
}
END_TEST

/* A power cut may leave zeros, or anything, where an entry was to be. */
START_TEST(so_is_one_that_is_not_an_entry)
{
	static const uint8_t junk[] = {0, 0, 0, 0, 0, 0, 'S', 'H', 'L', 'E', 1, 3, 0xff};
	struct entry e;
	int fd;

	host_up();
	host_down();
	fd = open(LOG, O_WRONLY | O_APPEND);
	ck_assert_int_eq(io_write_all(fd, junk, sizeof(junk)), 0);
	close(fd);
	host_up();
	e = ledger_last(ENTRY_RECOVER);
	ck_assert_uint_eq(e.u.recover.torn, sizeof(junk));
	ck_assert_uint_eq(e.u.recover.clean, 1);
	host_down();
}
END_TEST

/* What the host has signed must be there: nothing is begun over it. */
START_TEST(what_was_signed_is_not_dropped)
{
	struct bytes b, now;
	size_t len;

	host_up();
	host_down();
	b = file_bytes(LOG);
	for (len = 0; len < b.len; len += 7) {
		store_bytes(LOG, &b, len);
		ck_assert_int_lt(host_try(), 0);
		ck_assert_int_eq(file_size(LOG), (off_t)len);
	}
	for (len = 2; len < b.len; len += 5) {
		b.p[len] ^= 1;
		store_bytes(LOG, &b, b.len);
		ck_assert_int_lt(host_try(), 0);
		now = file_bytes(LOG);
		ck_assert_uint_eq(now.len, b.len);
		ck_assert_mem_eq(now.p, b.p, b.len);
		free(now.p);
		b.p[len] ^= 1;
	}
	store_bytes(LOG, &b, b.len);
	host_up();
	host_down();
	free(b.p);
}
END_TEST

START_TEST(hashes_are_made_anew)
{
	struct bytes good, now;
	size_t i;

	host_up();
	session_make(&k[0]);
	host_down();
	good = file_bytes(HASHES);
	for (i = 0; i < 4; i++) {
		if (i == 0)
			unlink(HASHES);
		else if (i == 1)
			ck_assert_int_eq(truncate(HASHES, (off_t)good.len - 33), 0);
		else if (i == 2)
			ck_assert_int_eq(truncate(HASHES, (off_t)good.len + 70), 0);
		else
			good.p[good.len - 40] ^= 1, store_bytes(HASHES, &good, good.len),
			    good.p[good.len - 40] ^= 1;
		host_up();
		now = file_bytes(HASHES);
		ck_assert_uint_eq(now.len, merkle_places(ledger_size(host.ledger)) * MERKLE_HASH);
		ck_assert_mem_eq(now.p, good.p, good.len);
		host_down();
		free(good.p);
		free(now.p);
		good = file_bytes(HASHES);
	}
	free(good.p);
}
END_TEST

/* Its file and its number were made, and then no more. */
START_TEST(a_session_that_was_not_entered)
{
	struct bytes b;
	struct session *s;
	struct entry e;
	size_t len;

	host_up();
	len = (size_t)file_size(LOG);
	s = session_make(&k[0]);
	memcpy(e.u.open.cert, s->begun.head, HASH_SIZE);
	host_crash();
	b = file_bytes(LOG);
	store_bytes(LOG, &b, len);
	host_up();
	ck_assert_mem_eq(ledger_last(ENTRY_OPEN).u.open.cert, e.u.open.cert, HASH_SIZE);
	e = ledger_last(ENTRY_OPEN);
	ck_assert_uint_eq(e.flags, ENTRY_F_RECOVERED);
	ck_assert_mem_eq(e.u.open.id, k[0].id, ID_SIZE);
	ck_assert_uint_eq(ledger_count(ENTRY_CLOSE), 0);
	ck_assert_int_ne(ledger_is_open(host.ledger, 1), 0);
	session_make(&k[1]);
	ck_assert_uint_eq(ledger_last(ENTRY_OPEN).u.open.n, 2);
	host_down();
	free(b.p);
}
END_TEST

/* The file of a session whose certificate may have gone out is not written off. */
START_TEST(a_file_that_is_gone_is_missed)
{
	static const char find[] = "find store/session -name '*.live' -delete";

	host_up();
	session_make(&k[0]);
	host_settle();
	host_crash();
	ck_assert_int_eq(system(find), 0);
	host_up();
	ck_assert_uint_eq(ledger_count(ENTRY_CLOSE), 0);
	ck_assert_int_ne(ledger_is_open(host.ledger, 1), 0);
	host_down();
}
END_TEST

/* But one that a power cut took before anything of it was on disk. */
START_TEST(a_file_that_never_was)
{
	static const char find[] = "find store/session -name '*.live' -delete";
	static const struct ledger_past past = {.power_cut = 1, .settled = 2};
	struct entry e;

	host_up();
	session_make(&k[0]);
	ck_assert_int_eq(ledger_epoch_now(host.ledger), 0);
	host_settle();
	session_make(&k[1]);
	host_settle();
	while (!LIST_EMPTY(&host.registry.sessions))
		session_free(LIST_FIRST(&host.registry.sessions));
	ck_assert_int_eq(system(find), 0);
	ck_assert_int_eq(ledger_recover(host.ledger, &past), 0);
	ck_assert_uint_eq(ledger_count(ENTRY_CLOSE), 1);
	e = ledger_last(ENTRY_CLOSE);
	ck_assert_uint_eq(e.u.close.n, 2);
	ck_assert_mem_eq(e.u.close.id, k[1].id, ID_SIZE);
	ck_assert_uint_eq(e.u.close.end, ENTRY_END_CUT);
	ck_assert_uint_eq(e.u.close.size, 0);
	ck_assert_uint_eq(e.flags, ENTRY_F_RECOVERED);
	host_down();
}
END_TEST

START_TEST(a_lost_key_begins_a_new_chain)
{
	struct entry e;

	host_up();
	host_down();
	ck_assert_int_eq(unlink("store/epoch.key"), 0);
	host_up();
	e = ledger_last(ENTRY_RECOVER);
	ck_assert_uint_eq(e.u.recover.clean, 1);
	ck_assert_int_eq(all_zero(e.u.recover.epoch_pk, PK_SIZE), 0);
	ck_assert_uint_eq(ledger_last(ENTRY_EPOCH).u.epoch.epoch, 3);
	host_down();
}
END_TEST

START_TEST(another_hosts_ledger_is_refused)
{
	host_up();
	host_down();
	ck_assert_int_eq(unlink("host.key"), 0);
	ck_assert_int_eq(unlink("store/epoch.key"), 0);
	ck_assert_int_lt(host_try(), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_torn_end_is_dropped, so_is_one_that_is_not_an_entry,
		what_was_signed_is_not_dropped, hashes_are_made_anew,
		a_session_that_was_not_entered, a_file_that_is_gone_is_missed,
		a_file_that_never_was, a_lost_key_begins_a_new_chain,
		another_hosts_ledger_is_refused};

	return suite_run("ledger_start", tests, sizeof(tests) / sizeof(tests[0]));
}
