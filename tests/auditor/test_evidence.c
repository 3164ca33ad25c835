/* SPDX-License-Identifier: ISC */
#include "ledger_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../lib/suite.h"

static void is(enum ledger_status status, unsigned findings)
{
	ck_assert_str_eq(ledger_status_word(ev.status), ledger_status_word(status));
	ck_assert_uint_eq(ev.findings, findings);
}

START_TEST(levels_of_a_closed_session)
{
	world_make();
	world_read();
	ck_assert_int_eq(world_level(), -1);
	world_open();
	world_read();
	ck_assert_int_eq(world_level(), 0);
	world_checkpoint("ledger/checkpoint", &led);
	world_close(RECORDING_CHUNKS, rec.len);
	world_read();
	ck_assert_int_eq(world_level(), 0);
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	ck_assert_int_eq(world_level(), 1);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	ck_assert_int_eq(world_level(), 2);
	is(LEDGER_RIGHT, 0);
	ck_assert_ptr_nonnull(evidence_until(&ev));
	ck_assert_uint_eq(evidence_until(&ev)->index, led.tree.size - 1);
}
END_TEST

START_TEST(levels_of_a_live_session)
{
	struct expect x;

	world_make();
	world_open();
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	ck_assert_int_eq(world_level(), 1);
	world_epoch(3);
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	ck_assert_int_eq(world_level(), 2);
	ck_assert_int_eq(evidence_expect(&ev, WORLD_N, &x), 1);
	ck_assert_uint_eq(x.row_chunks, 3);
	is(LEDGER_RIGHT, 0);
	ck_assert_int_eq(unlink("ledger/live/1"), 0); /* pruned: says less, and is no finding */
	world_read();
	ck_assert_int_eq(world_level(), 1);
	is(LEDGER_RIGHT, 0);
}
END_TEST

START_TEST(a_table_that_was_changed_is_found)
{
	uint8_t p[LIVE_ROW] = { 0 };

	world_make();
	world_open();
	world_epoch(3);
	world_checkpoint("ledger/checkpoint", &led);
	world_put("ledger/live/1", p, sizeof p);
	world_read();
	ck_assert_int_eq(world_level(), 1);
	is(LEDGER_RIGHT, 1);
	ck_assert_str_eq(ev.finding[0].kind, "table");
}
END_TEST

START_TEST(a_ledger_that_was_cut)
{
	size_t len;

	world_make();
	world_open();
	len = led.len;
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	led.len = len;
	world_read();
	is(LEDGER_ROLLBACK, 1);
	ck_assert_str_eq(ev.finding[0].kind, "rollback");
	led.len = len - 1;
	world_read();
	is(LEDGER_ROLLBACK, 2);
	ck_assert_int_eq(unlink("ledger/checkpoint"), 0);
	world_read();
	is(LEDGER_TORN, 1);
	ck_assert_uint_eq(ev.sessions, 0);
	ck_assert_uint_eq(ev.signed_leaves, 0);
}
END_TEST

/* The same state twice, and then two futures. */
START_TEST(two_ledgers)
{
	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_checkpoint("seen", &led);
	fixture_end(&led);
	fixture_begin(&led);
	world_open();
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	is(LEDGER_RIGHT, 0);
	seen = "seen";
	world_read();
	is(LEDGER_ROLLBACK, 1);
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	is(LEDGER_FORK, 1);
	ck_assert_str_eq(ev.finding[0].kind, "fork");
	ck_assert_uint_eq(ev.signed_leaves, 0);
	ck_assert_int_eq(world_level(), 0);
}
END_TEST

START_TEST(an_older_checkpoint_is_fine)
{
	world_make();
	world_open();
	world_checkpoint("seen", &led);
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	seen = "seen";
	world_read();
	is(LEDGER_RIGHT, 0);
}
END_TEST

START_TEST(each_part_that_is_gone)
{
	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_read();
	is(LEDGER_MISSING, 1);
	ck_assert_str_eq(ev.finding[0].kind, "checkpoint");
	world_checkpoint("ledger/checkpoint", &led);
	seen = "ledger/checkpoint";
	world_read();
	is(LEDGER_RIGHT, 0);
	ck_assert_int_eq(unlink("ledger/log"), 0);
	evidence_release(&ev);
	world_read_as(led.host_pk, NULL);
	is(LEDGER_ROLLBACK, 2);
}
END_TEST

/* As from a store that never had one; a kept checkpoint or a key tells otherwise. */
START_TEST(no_ledger_at_all)
{
	world_make();
	world_open();
	world_checkpoint("seen", &led);
	ck_assert_int_eq(rename("ledger", "gone"), 0);
	world_read_as(led.host_pk, NULL);
	is(LEDGER_NONE, 0);
	world_read_as(led.host_pk, "seen");
	is(LEDGER_ROLLBACK, 1);
	world_put("epoch.key", "", 0);
	world_read_as(led.host_pk, NULL);
	is(LEDGER_MISSING, 1);
}
END_TEST

START_TEST(another_hosts_ledger)
{
	uint8_t pk[PK_SIZE], sk[SK_SIZE];

	world_make();
	world_open();
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	world_put("ledger/log", led.p, led.len);
	fixture_keys(pk, sk, 77);
	world_read_as(pk, NULL);
	is(LEDGER_TAMPERED, 2);
	ck_assert_uint_eq(ev.sessions, 0);
	ck_assert_uint_eq(ev.signed_leaves, 0);
}
END_TEST

START_TEST(every_changed_byte_is_found)
{
	size_t i, len;

	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	for (i = 0; i < led.len; i++) {
		led.p[i] ^= 1;
		world_read();
		led.p[i] ^= 1;
		ck_assert_msg(ev.status != LEDGER_RIGHT && ev.findings > 0, "byte %zu", i);
		ck_assert_int_lt(world_level(), 1);
	}
	len = led.len;
	for (i = 0; i < len; i++) {
		led.len = i;
		world_put("ledger/log", led.p, led.len);
		world_read_as(led.host_pk, NULL);
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

	world_make();
	world_open();
	fixture_epoch(&led);
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_new(&e, ENTRY_RECOVER);
	led.epoch++;
	fixture_keys(e.u.recover.epoch_pk, led.epoch_sk, 99);
	led.epoch--;
	fixture_add(&led, &e, led.host_sk);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	is(LEDGER_RIGHT, 1);
	ck_assert_str_eq(ev.finding[0].kind, "epoch");
	ck_assert_int_eq(world_level(), 1);
}
END_TEST

START_TEST(a_host_with_a_new_key)
{
	uint8_t old[PK_SIZE], other[PK_SIZE], sk[SK_SIZE];
	struct expect x;
	int i;

	world_make();
	memcpy(old, led.host_pk, PK_SIZE);
	world_open();
	fixture_key(&led, 0x55);
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	world_checkpoint("ledger/checkpoint", &led);
	world_put("ledger/log", led.p, led.len);
	for (i = 0; i < 2; i++) { /* who knows the first key knows the newest, and back */
		world_read_as(i == 0 ? old : led.host_pk, NULL);
		is(LEDGER_RIGHT, 0);
		ck_assert_int_eq(world_level(), 2);
		ck_assert_int_eq(evidence_expect(&ev, WORLD_N, &x), 1);
		ck_assert_mem_eq(evidence_host_pk(&ev, &x, led.host_pk), old, PK_SIZE);
	}
	fixture_keys(other, sk, 0x56);
	world_read_as(other, NULL);
	is(LEDGER_TAMPERED, 2);
	ck_assert_int_eq(world_level(), -1);
}
END_TEST

START_TEST(a_checkpoint_that_the_host_did_not_sign)
{
	struct fixture forged;

	world_make();
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	fixture_epoch(&led);
	forged = led;
	fixture_keys(forged.host_pk, forged.host_sk, 0x77);
	memcpy(forged.host_pk, led.host_pk, PK_SIZE); /* its name, another's signature */
	world_checkpoint("ledger/checkpoint", &forged);
	world_read();
	is(LEDGER_TAMPERED, 1);
	ck_assert_str_eq(ev.finding[0].kind, "checkpoint");
	ck_assert_uint_eq(ev.signed_leaves, 0);
	ck_assert_int_eq(world_level(), 0);
}
END_TEST

/* Whoever can write the log can append to it. */
START_TEST(a_purge_counts_under_a_checkpoint)
{
	struct session_name name = { .n = WORLD_N };
	struct entry e;

	world_make();
	memcpy(name.id, world_id, ID_SIZE);
	world_open();
	world_close(RECORDING_CHUNKS, rec.len);
	world_checkpoint("ledger/checkpoint", &led);
	fixture_new(&e, ENTRY_PURGE)->u.purge.n = WORLD_N;
	memcpy(e.u.purge.id, world_id, ID_SIZE);
	e.u.purge.why = PURGE_RETENTION;
	fixture_add(&led, &e, NULL);
	world_read();
	is(LEDGER_RIGHT, 0);
	ck_assert_ptr_null(evidence_purged(&ev, &name));
	world_checkpoint("ledger/checkpoint", &led);
	world_read();
	ck_assert_ptr_nonnull(evidence_purged(&ev, &name));
}
END_TEST

START_TEST(hours_without_an_epoch)
{
	uint64_t offset = 5;
	struct entry e;

	world_make();
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
		a_table_that_was_changed_is_found, a_ledger_that_was_cut, two_ledgers,
		an_older_checkpoint_is_fine, each_part_that_is_gone, no_ledger_at_all,
		another_hosts_ledger, every_changed_byte_is_found,
		a_broken_chain_of_epoch_keys_is_worth_less, a_host_with_a_new_key,
		a_checkpoint_that_the_host_did_not_sign, a_purge_counts_under_a_checkpoint,
		hours_without_an_epoch,
	};

	recording_fix_random();
	return suite_run("evidence", tests, sizeof tests / sizeof tests[0]);
}
