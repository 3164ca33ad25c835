/* SPDX-License-Identifier: ISC */
/* The ledger as the collector writes it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/admit.h"
#include "../../collector/session_ledger.h"
#include "../lib/suite.h"
#include "bytes.h"
#include "io.h"
#include "ledger_fixture.h"

#define LOG "store/" LEDGER_DIR "/" LEDGER_LOG

static struct sealer k[4];

static void expect_types(const uint8_t *want, size_t n)
{
	size_t count, i;
	struct entry *e = ledger_read(&count);

	ck_assert_uint_eq(count, n);
	for (i = 0; i < n; i++)
		ck_assert_uint_eq(e[i].type, want[i]);
	free(e);
}

START_TEST(begins_and_goes_on)
{
	static const uint8_t want[] = {ENTRY_GENESIS, ENTRY_BOOT, ENTRY_CONFIG, ENTRY_EPOCH,
		ENTRY_EPOCH, ENTRY_BOOT, ENTRY_CONFIG, ENTRY_EPOCH};
	struct ledger_checkpoint cp;
	struct entry e;

	host_up();
	expect_types(want, 4);
	host_down();
	host_up();
	expect_types(want, 8);
	ck_assert_uint_eq(ledger_size(host.ledger), 8);
	e = ledger_last(ENTRY_EPOCH);
	ck_assert_uint_eq(e.u.epoch.epoch, 3);
	ck_assert_uint_eq(e.u.epoch.next_n, 1);
	ck_assert_int_eq(ledger_checkpoint_load(host.ledger, &cp), 0);
	ck_assert_int_eq(ledger_checkpoint_check(host.ledger, &cp), 0);
	ck_assert_uint_eq(cp.at.size, 8);
	merkle_root(&host.ledger->tree, e.u.epoch.root);
	ck_assert_mem_eq(cp.at.root, e.u.epoch.root, MERKLE_HASH);
	free(cp.text);
	host_down();
}
END_TEST

static int told, told_error;

static void tell(void *arg, int error)
{
	(void)arg;
	told++;
	told_error = error;
}

START_TEST(tells_when_it_is_on_disk)
{
	struct entry e = {.type = ENTRY_FAIL, .u.fail.what = FAIL_STORE};

	host_up();
	ck_assert_int_eq(ledger_add(host.ledger, &e, tell, &told), 0);
	ck_assert_int_eq(told, 0);
	host_settle();
	ck_assert_int_eq(told, 1);
	ck_assert_int_eq(told_error, 0);
	ck_assert_int_eq(ledger_add(host.ledger, &e, tell, &told), 0);
	ledger_forget(host.ledger, &told);
	host_settle();
	ck_assert_int_eq(told, 1);
	host_down();
}
END_TEST

/* The whole of a session in the ledger. */
START_TEST(sessions_open_and_close)
{
	struct session *s;
	struct entry e;
	struct seal last;
	uint8_t head[HASH_SIZE];

	host_up();
	s = session_make(&k[0]);
	e = ledger_last(ENTRY_OPEN);
	ck_assert_uint_eq(e.u.open.n, 1);
	ck_assert_mem_eq(e.u.open.id, k[0].id, ID_SIZE);
	ck_assert_mem_eq(e.u.open.cert, s->begun.head, HASH_SIZE);
	ck_assert_mem_eq(e.u.open.cert, k[0].prev, HASH_SIZE);
	host_settle();
	ck_assert_int_eq(s->ledger_busy, 0);
	session_grow(s, &k[0], SEAL_START);
	session_grow(s, &k[0], SEAL_END);
	last = s->in.chain.last;
	memcpy(head, s->in.chain.prev, HASH_SIZE);
	s->end = END_CLOSED;
	session_finish(s);
	e = ledger_last(ENTRY_CLOSE);
	ck_assert_uint_eq(e.u.close.end, ENTRY_END_WHOLE);
	ck_assert_uint_eq(e.u.close.chunks, 2);
	ck_assert_uint_eq(last.chunk, 1);
	ck_assert_mem_eq(e.u.close.head, head, HASH_SIZE);
	ck_assert_uint_eq(e.u.close.sealed, e.u.close.size);
	host_down();
}
END_TEST

START_TEST(what_is_not_sealed_is_in_the_tail)
{
	uint8_t want[HASH_SIZE], tail[200];
	struct session *s;
	struct entry e;
	size_t len;

	host_up();
	s = session_make(&k[0]);
	host_settle();
	session_grow(s, &k[0], SEAL_START);
	session_grow(s, &k[0], 0);
	len = (size_t)(s->in.chain.offset - s->in.chain.sealed_offset);
	ck_assert_uint_le(len, sizeof(tail));
	ck_assert_int_eq(pread(s->in.fd, tail, len, (off_t)s->in.chain.sealed_offset), (int)len);
	hash_of(want, tail, len);
	s->end = END_CUT;
	session_finish(s);
	e = ledger_last(ENTRY_CLOSE);
	ck_assert_uint_eq(e.u.close.end, ENTRY_END_CUT);
	ck_assert_uint_eq(e.u.close.size - e.u.close.sealed, len);
	ck_assert_mem_eq(e.u.close.tail, want, HASH_SIZE);
	host_down();
}
END_TEST

START_TEST(epochs_have_the_table_of_the_living)
{
	struct live_row row;
	struct merkle t;
	uint8_t leaf[MERKLE_HASH], root[MERKLE_HASH];
	struct session *s;
	struct bytes b;
	struct entry e;

	host_up();
	s = session_make(&k[0]);
	session_make(&k[1]);
	session_grow(s, &k[0], SEAL_START);
	ck_assert_int_eq(ledger_epoch_now(host.ledger), 0);
	host_settle();
	e = ledger_last(ENTRY_EPOCH);
	ck_assert_uint_eq(e.u.epoch.epoch, 2);
	ck_assert_uint_eq(e.u.epoch.live, 2);
	ck_assert_uint_eq(e.u.epoch.next_n, 3);
	b = file_bytes("store/" LEDGER_DIR "/" LEDGER_LIVE "/2");
	ck_assert_uint_eq(b.len, 2 * LIVE_ROW);
	live_row_get(&row, b.p);
	ck_assert_uint_eq(row.n, 1);
	ck_assert_uint_eq(row.chunks, 1);
	ck_assert_mem_eq(row.head, k[0].prev, HASH_SIZE);
	live_row_get(&row, b.p + LIVE_ROW);
	ck_assert_uint_eq(row.n, 2);
	ck_assert_uint_eq(row.chunks, 0);
	ck_assert_mem_eq(row.head, k[1].prev, HASH_SIZE);
	merkle_init(&t);
	merkle_leaf(leaf, b.p, LIVE_ROW);
	merkle_add(&t, leaf, NULL);
	merkle_leaf(leaf, b.p + LIVE_ROW, LIVE_ROW);
	merkle_add(&t, leaf, NULL);
	merkle_root(&t, root);
	ck_assert_mem_eq(e.u.epoch.live_root, root, MERKLE_HASH);
	free(b.p);
	host_down();
}
END_TEST

/* A row is of what is on disk, which may be less than what was stored. */
START_TEST(rows_are_of_what_is_on_disk)
{
	struct session *s;
	struct live_row row;
	struct vouched was;
	struct bytes b;

	host_up();
	s = session_make(&k[0]);
	session_grow(s, &k[0], SEAL_START);
	was = s->vouched;
	session_grow(s, &k[0], SEAL_DATA);
	s->vouched = was;
	ck_assert_int_eq(ledger_epoch_now(host.ledger), 0);
	host_settle();
	b = file_bytes("store/" LEDGER_DIR "/" LEDGER_LIVE "/2");
	live_row_get(&row, b.p);
	ck_assert_uint_eq(row.chunks, 1);
	ck_assert_mem_eq(row.head, was.head, HASH_SIZE);
	free(b.p);
	host_down();
}
END_TEST

static int has_table(unsigned epoch)
{
	char path[80];

	snprintf(path, sizeof(path), "store/" LEDGER_DIR "/" LEDGER_LIVE "/%u", epoch);
	return access(path, F_OK) == 0;
}

/* All but the newest go, and those which say how far a session was that was cut. */
START_TEST(old_tables_go)
{
	struct session *s;
	unsigned i;

	host_up();
	session_make(&k[0]);
	s = session_make(&k[1]);
	for (i = 2; i <= 80; i++) {
		if (i == 50) {
			s->end = END_CUT;
			session_finish(s);
		}
		ck_assert_int_eq(ledger_epoch_now(host.ledger), 0);
		host_settle();
		ck_assert_int_ne(has_table(i), 0);
	}
	ck_assert_int_ne(has_table(49), 0);
	ck_assert_int_eq(has_table(48), 0);
	ck_assert_int_eq(has_table(50), 0);
	ck_assert_int_eq(has_table(64), 0);
	ck_assert_int_ne(has_table(65), 0);
	host_down();
}
END_TEST

/* No file grows beyond it, check(3)'s own neither: nothing is asserted meanwhile. */
static void limit(rlim_t size)
{
	const struct rlimit r = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &r) != 0)
		abort();
}

/* No room for the entry, or for its beginning only: the session never was. */
START_TEST(a_session_that_cannot_be_entered_is_none)
{
	struct cert cert = {.pid = 1, .start_ticks = 1, .wall_ns = 1};
	struct session *s;
	size_t i, before;
	int folder, r;

	host_up();
	ck_assert_int_eq(ledger_epoch_sync(host.ledger), 0);
	before = (size_t)file_size(LOG);
	ck_assert_uint_gt(before, 800); /* a session's first bytes are fewer */
	for (i = 0; i < 60; i += 20) {
		limit(before + i);
		r = admit_cert(&host, &cert, -1, &s, &folder);
		limit(RLIM_INFINITY);
		ck_assert_int_eq(r, -EFBIG);
		ck_assert_int_eq(file_size(LOG), (off_t)before);
		ck_assert_uint_eq(host.store.number, 0);
	}
	ck_assert_int_eq(system("test -z \"$(find store/session -type f)\""), 0);
	session_make(&k[0]);
	ck_assert_uint_eq(ledger_last(ENTRY_OPEN).u.open.n, 1);
	host_down();
	host_up();
	ck_assert_uint_eq(host.store.number, 1);
	host_down();
}
END_TEST

/* What has happened is said when there is room again, and before what comes then. */
START_TEST(what_happened_is_said_later)
{
	struct session *s;
	struct entry e;
	rlim_t room;
	size_t n;
	int r;

	host_up();
	s = session_make(&k[0]);
	host_settle();
	room = (rlim_t)file_size(LOG);
	limit(room);
	s->end = END_CUT;
	session_finish(s);
	ledger_fail(host.ledger, FAIL_STORE, -ENOSPC, 0, "full");
	r = ledger_epoch_sync(host.ledger);
	limit(RLIM_INFINITY);
	ck_assert_int_eq(r, -EFBIG);
	ck_assert_uint_eq(file_size(LOG), (off_t)room);
	session_make(&k[1]);
	ck_assert_uint_eq(ledger_count(ENTRY_CLOSE), 1);
	n = (size_t)ledger_size(host.ledger);
	e = ledger_last(ENTRY_CLOSE);
	ck_assert_uint_eq(e.index, n - 3);
	e = ledger_last(ENTRY_FAIL);
	ck_assert_uint_eq(e.index, n - 2);
	ck_assert_int_eq(e.u.fail.error, -ENOSPC);
	ck_assert_str_eq(e.u.fail.text, "full");
	ledger_fail(host.ledger, FAIL_STORE, 0, 0, "");
	ledger_fail(host.ledger, FAIL_STORE, 0, 0, "");
	ck_assert_uint_eq(ledger_count(ENTRY_FAIL), 2);
	host_down();
}
END_TEST

START_TEST(gaps_are_entered)
{
	struct intake_result r = {.lost = 7, .gap_chunk = 3, .gap_reason = GAP_NO_ROOM};
	struct session *s;
	struct entry e;

	host_up();
	s = session_make(&k[0]);
	session_ledger_gap(s, &r);
	e = ledger_last(ENTRY_GAP);
	ck_assert_uint_eq(e.u.gap.n, 1);
	ck_assert_uint_eq(e.u.gap.chunk, 3);
	ck_assert_uint_eq(e.u.gap.lost, 7);
	host_down();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {begins_and_goes_on, tells_when_it_is_on_disk,
		sessions_open_and_close, what_is_not_sealed_is_in_the_tail,
		epochs_have_the_table_of_the_living, rows_are_of_what_is_on_disk,
		old_tables_go, a_session_that_cannot_be_entered_is_none,
		what_happened_is_said_later, gaps_are_entered};

	return suite_run("ledger", tests, sizeof(tests) / sizeof(tests[0]));
}
