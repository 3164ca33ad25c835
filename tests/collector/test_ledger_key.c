/* SPDX-License-Identifier: ISC */
/* The host's key is replaced while sessions live, while its process goes, and while the
 * collector does. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../collector/ledger_internal.h"
#include "../../collector/notary.h"
#include "../../collector/notary_keep.h"
#include "../lib/suite.h"
#include "err.h"
#include "io.h"
#include "ledger_fixture.h"

static const uint8_t *newest(void)
{
	return host_chain_newest(&host.keys);
}

/* Who certifies: 0 and it is pk, or why nobody does. */
static int certifies(const uint8_t pk[PK_SIZE])
{
	struct cert c = {.n = UINT32_MAX, .pid = 7, .host = "here"};
	uint8_t p[FRAME_BODY_MAX];
	int len, r;

	memcpy(c.host_id, host.host_id, ID_SIZE);
	len = cert_put_body(p, &c);
	r = notary_cert(host.notary, p, (size_t)len);
	return r != 0 ? r : cert_verify(p, (size_t)len + SIG_SIZE, pk);
}

static int signed_by(const struct session *s, const uint8_t pk[PK_SIZE])
{
	uint8_t p[FRAME_MAX];
	struct frame f;
	ssize_t n = pread(s->in.fd, p, sizeof(p), 0);

	ck_assert_int_gt(frame_parse(p, (size_t)n, &f), 0);
	return cert_verify(f.body, f.len, pk) == 0;
}

static void kill_notary(void)
{
	kill(notary_pid(host.notary), SIGKILL);
	usleep(1100000); /* at most one is started in a second */
}

START_TEST(sessions_live_on)
{
	struct session *one, *two;
	struct sealer k, m;
	uint8_t *keys;
	size_t len;

	host_up();
	one = session_make(&k);
	ck_assert_int_eq(ledger_new_key(host.ledger), 0);
	ck_assert_uint_eq(host.keys.keys, 2);
	ck_assert_int_ne(memcmp(newest(), host.pk, PK_SIZE), 0);
	two = session_make(&m);
	ck_assert(signed_by(one, host.pk) && !signed_by(one, newest()));
	ck_assert(!signed_by(two, host.pk) && signed_by(two, newest()));
	session_grow(one, &k, SEAL_START);
	ck_assert_int_eq(ledger_epoch_now(host.ledger), 0);
	host_settle();
	ck_assert_int_eq(io_read_file(host.store.dir, "ledger/keys", 1000, &keys, &len), 0);
	ck_assert_uint_eq(len, LEDGER_SIZE + entry_size(ENTRY_KEY));
	free(keys);
	unlink("store/ledger/keys");
	host_crash();
	host_up(); /* both have a certificate of ours */
	ck_assert_uint_eq(host.keys.keys, 2);
	ck_assert_int_eq(certifies(newest()), 0);
	ck_assert_uint_eq(ledger_count(ENTRY_OPEN), 2);
	ck_assert_int_eq(access("store/ledger/keys", F_OK), 0);
	host_down();
}
END_TEST

START_TEST(its_process_goes)
{
	uint8_t second[PK_SIZE];

	host_up();
	kill_notary();
	ck_assert_int_eq(ledger_new_key(host.ledger), -EPIPE); /* and another one is started */
	ck_assert_uint_eq(ledger_count(ENTRY_KEY), 0);
	ck_assert_int_eq(certifies(host.pk), 0);
	ck_assert_int_eq(ledger_new_key(host.ledger), 0);
	memcpy(second, newest(), PK_SIZE);
	kill_notary();
	ck_assert_int_eq(notary_keep_again(&host), 0);
	ck_assert_int_eq(certifies(second), 0);
	host_down();
	host_up();
	ck_assert_int_eq(certifies(second), 0);
	host_down();
}
END_TEST

/* KEY, as the collector writes it, without what follows. */
static void write_key(uint8_t pk[PK_SIZE])
{
	struct entry e = {.type = ENTRY_KEY};

	ck_assert_int_eq(ledger_append_signed(host.ledger, &e), 0);
	ck_assert_int_eq(ledger_sync_now(host.ledger), 0);
	memcpy(pk, e.u.key.host_pk, PK_SIZE);
}

START_TEST(a_crash_behind_key)
{
	uint8_t next[PK_SIZE];

	host_up();
	write_key(next);
	ck_assert_int_eq(certifies(host.pk), 0); /* nobody has told its process */
	host_crash();
	host_up();
	ck_assert_mem_eq(newest(), next, PK_SIZE);
	ck_assert_int_eq(certifies(next), 0);
	ck_assert_int_eq(notary_host_key(host.notary, host.pk), E_KEY);
	host_down();
}
END_TEST

START_TEST(a_crash_in_front_of_key)
{
	struct entry e = {.type = ENTRY_KEY};
	uint8_t p[ENTRY_MAX];
	size_t len;

	host_up();
	e.index = ledger_size(host.ledger);
	len = entry_put(p, &e);
	ck_assert_int_eq(notary_entry(host.notary, p, len), 0);
	ck_assert_int_eq(entry_parse(p, len, &e), 0);
	host_crash();
	host_up();
	ck_assert_uint_eq(host.keys.keys, 1);
	ck_assert_int_eq(certifies(host.pk), 0);
	ck_assert_int_eq(notary_host_key(host.notary, e.u.key.host_pk), E_KEY);
	host_down();
}
END_TEST

/* Nobody knows whether KEY is on disk: neither key is wiped before somebody does. */
START_TEST(not_known_which)
{
	uint8_t next[PK_SIZE];

	host_up();
	write_key(next);
	host.key_open = 1;
	kill_notary();
	ck_assert_int_eq(notary_keep_again(&host), 0);
	ck_assert_int_eq(certifies(host.pk), E_KEY);
	ck_assert_int_eq(notary_host_key(host.notary, next), 0);
	host_crash();
	host_up();
	ck_assert_int_eq(certifies(next), 0);
	host_down();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { sessions_live_on, its_process_goes, a_crash_behind_key,
		a_crash_in_front_of_key, not_known_which };

	return suite_run("ledger_key", tests, sizeof(tests) / sizeof(tests[0]));
}
