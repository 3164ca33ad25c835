/* SPDX-License-Identifier: ISC */
/* The ledger as the collector writes it, and what a start makes of what is left. */
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
#define HASHES "store/" LEDGER_DIR "/" LEDGER_HASHES
#define CHECKPOINT "store/" LEDGER_DIR "/" LEDGER_CHECKPOINT

static struct sealer k[4];

struct bytes {
	uint8_t *p;
	size_t len;
};

static struct bytes load(const char *path)
{
	struct bytes b;

	ck_assert_int_eq(io_read_file(AT_FDCWD, path, 1 << 20, &b.p, &b.len), 0);
	return b;
}

static void store_bytes(const char *path, const struct bytes *b, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, b->p, len), 0);
	close(fd);
}

static off_t size_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

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
	b = load("store/" LEDGER_DIR "/" LEDGER_LIVE "/2");
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
	b = load("store/" LEDGER_DIR "/" LEDGER_LIVE "/2");
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

/* Four entries that no checkpoint covers, cut at every byte. */
START_TEST(a_torn_end_is_dropped)
{
	struct session *s;
	struct bytes b, cp;
	struct entry e;
	size_t at, covered, len, from[4], whole;

	host_up();
	cp = load(CHECKPOINT);
	covered = (size_t)size_of(LOG);
	s = session_make(&k[0]);
	from[0] = covered;
	from[1] = (size_t)size_of(LOG);
	session_make(&k[1]);
	from[2] = (size_t)size_of(LOG);
	session_grow(s, &k[0], SEAL_START);
	session_grow(s, &k[0], SEAL_END);
	s->end = END_CLOSED;
	session_finish(s);
	host_crash();
	b = load(LOG);
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
	b = load(LOG);
	for (len = 0; len < b.len; len += 7) {
		store_bytes(LOG, &b, len);
		ck_assert_int_lt(host_try(), 0);
		ck_assert_int_eq(size_of(LOG), (off_t)len);
	}
	for (len = 2; len < b.len; len += 5) {
		b.p[len] ^= 1;
		store_bytes(LOG, &b, b.len);
		ck_assert_int_lt(host_try(), 0);
		now = load(LOG);
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
	good = load(HASHES);
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
		now = load(HASHES);
		ck_assert_uint_eq(now.len, merkle_places(ledger_size(host.ledger)) * MERKLE_HASH);
		ck_assert_mem_eq(now.p, good.p, good.len);
		host_down();
		free(good.p);
		free(now.p);
		good = load(HASHES);
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
	len = (size_t)size_of(LOG);
	s = session_make(&k[0]);
	memcpy(e.u.open.cert, s->begun.head, HASH_SIZE);
	host_crash();
	b = load(LOG);
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
	before = (size_t)size_of(LOG);
	ck_assert_uint_gt(before, 800); /* a session's first bytes are fewer */
	for (i = 0; i < 60; i += 20) {
		limit(before + i);
		r = admit_cert(&host, &cert, -1, &s, &folder);
		limit(RLIM_INFINITY);
		ck_assert_int_eq(r, -EFBIG);
		ck_assert_int_eq(size_of(LOG), (off_t)before);
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
	room = (rlim_t)size_of(LOG);
	limit(room);
	s->end = END_CUT;
	session_finish(s);
	ledger_fail(host.ledger, FAIL_STORE, -ENOSPC, 0, "full");
	r = ledger_epoch_sync(host.ledger);
	limit(RLIM_INFINITY);
	ck_assert_int_eq(r, -EFBIG);
	ck_assert_uint_eq(size_of(LOG), (off_t)room);
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

START_TEST(a_clock_that_was_set)
{
	struct clock_reading r = {.wall_ns = 1000000000000, .boot_ns = 1000, .mono_ns = 900,
		.raw_ns = 800};
	struct clock_course c = {.from = r};

	r.wall_ns += 60000000000;
	r.boot_ns += 60000000000;
	r.mono_ns += 50000000000; /* it was asleep */
	r.raw_ns += 49990000000;  /* and is slewed */
	ck_assert_int_eq(clock_course_step(&c, &r), 0);
	r.wall_ns += 400000000;
	ck_assert_int_eq(clock_course_step(&c, &r), 0);
	r.wall_ns += 200000000; /* a bit at a time */
	ck_assert_int_eq(clock_course_step(&c, &r), 600000000);
	ck_assert_int_eq(clock_course_step(&c, &r), 0);
	r.wall_ns -= 3600000000000;
	ck_assert_int_eq(clock_course_step(&c, &r), -3600000000000);
	/* ten per cent too fast: no slewing */
	r.wall_ns += 60000000000;
	r.boot_ns += 60000000000;
	r.mono_ns += 60000000000;
	r.raw_ns += 54000000000;
	ck_assert_int_eq(clock_course_step(&c, &r), 6000000000);
}
END_TEST

START_TEST(digests_go_on)
{
	struct process_digests d;
	struct process_digest p;
	uint8_t want[HASH_SIZE];

	process_digests_init(&d, 100);
	process_digests_add(&d, "ab", 2);
	ck_assert_int_eq(process_digests_get(&d, &p), 0);
	process_digests_take(&d);
	process_digests_add(&d, "c", 1);
	process_digests_synced(&d, 0);
	ck_assert_int_eq(process_digests_get(&d, &p), 0);
	process_digests_take(&d);
	process_digests_add(&d, "de", 2);
	process_digests_synced(&d, 1);
	process_digests_take(&d); /* the one that is there stays */
	ck_assert_int_eq(process_digests_get(&d, &p), 1);
	hash_of(want, "abc", 3);
	ck_assert_uint_eq(p.from, 100);
	ck_assert_uint_eq(p.to, 103);
	ck_assert_mem_eq(p.hash, want, HASH_SIZE);
	process_digests_vouched(&d);
	ck_assert_int_eq(process_digests_get(&d, &p), 0);
	process_digests_take(&d);
	process_digests_synced(&d, 1);
	ck_assert_int_eq(process_digests_get(&d, &p), 1);
	hash_of(want, "de", 2);
	ck_assert_uint_eq(p.from, 103);
	ck_assert_uint_eq(p.to, 105);
	ck_assert_mem_eq(p.hash, want, HASH_SIZE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {begins_and_goes_on, tells_when_it_is_on_disk,
		sessions_open_and_close, what_is_not_sealed_is_in_the_tail,
		epochs_have_the_table_of_the_living, rows_are_of_what_is_on_disk,
		old_tables_go, a_torn_end_is_dropped, so_is_one_that_is_not_an_entry,
		what_was_signed_is_not_dropped, hashes_are_made_anew,
		a_session_that_was_not_entered, a_file_that_is_gone_is_missed,
		a_file_that_never_was, a_lost_key_begins_a_new_chain,
		another_hosts_ledger_is_refused, a_session_that_cannot_be_entered_is_none,
		what_happened_is_said_later, gaps_are_entered, a_clock_that_was_set,
		digests_go_on};

	return suite_run("ledger", tests, sizeof(tests) / sizeof(tests[0]));
}
