/* SPDX-License-Identifier: ISC */
/* The keys of epochs: one after the other, whatever a crash leaves, and in no file that
 * others can write. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../collector/notary.h"
#include "../../collector/notary_keys.h"
#include "../lib/suite.h"
#include "err.h"
#include "io.h"
#include "notary_fixture.h"

#define EPOCH_FILE_LEN 185
#define PLACE_AT(i) (21 + 82 * (i))

static void read_keys(char text[EPOCH_FILE_LEN + 1])
{
	uint8_t *p;
	size_t len;

	ck_assert_int_eq(io_read_file(store, "epoch.key", 4096, &p, &len), 0);
	ck_assert_uint_eq(len, EPOCH_FILE_LEN);
	memcpy(text, p, len + 1);
	free(p);
}

/* The seed of the key that signs the next: in the first place, the second, the first. */
static void take_seed(char seed[65], int i)
{
	char text[EPOCH_FILE_LEN + 1];

	read_keys(text);
	memcpy(seed, text + PLACE_AT(i % 2) + 17, 64);
	seed[64] = '\0';
	ck_assert_uint_eq(strspn(seed, "0123456789abcdef"), 64);
}

static int on_disk(const char *seed)
{
	char text[EPOCH_FILE_LEN + 1];

	read_keys(text);
	return strstr(text, seed) != NULL;
}

START_TEST(epochs_follow_each_other)
{
	uint8_t before[PK_SIZE], none[PK_SIZE] = {0};
	struct entry e, got;
	struct stat st;
	char seed[65];
	int i;

	notary_up();
	ck_assert_int_eq(notary_epoch_key(n, none), E_KEY);
	e = an_entry(ENTRY_GENESIS, 0);
	ck_assert_int_eq(sign_entry(&e, &got, host_pk), 0);
	ck_assert_mem_eq(got.u.genesis.host_pk, host_pk, PK_SIZE);
	memcpy(epoch_pk, got.u.genesis.epoch_pk, PK_SIZE);
	for (i = 0; i < 4; i++) {
		if (i == 2)
			notary_again();
		ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
		take_seed(seed, i);
		memcpy(before, epoch_pk, PK_SIZE);
		ck_assert_int_eq(asked_for(ENTRY_EPOCH, (uint64_t)i + 1), 0);
		ck_assert_mem_ne(before, epoch_pk, PK_SIZE);
		ck_assert_int_eq(on_disk(seed), 1);
		ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
		ck_assert_int_eq(on_disk(seed), 0);
		ck_assert_int_eq(notary_epoch_key(n, before), E_KEY);
	}
	ck_assert_int_eq(stat("epoch.key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	notary_end(n);
}
END_TEST

/* Whoever dies between EPOCH and the disk: the ledger ends before it, or with it. */
START_TEST(a_crash_loses_no_key)
{
	uint8_t before[PK_SIZE];

	notary_up();
	ck_assert_int_eq(added(ENTRY_GENESIS, 0), 0);
	notary_again();
	ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
	memcpy(before, epoch_pk, PK_SIZE);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 1), 0);
	notary_again();
	ck_assert_int_eq(notary_epoch_key(n, before), 0);
	memcpy(epoch_pk, before, PK_SIZE);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 1), 0);
	notary_again();
	ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
	ck_assert_int_eq(notary_epoch_key(n, before), E_KEY);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 2), 0);
	notary_end(n);
}
END_TEST

/* Before who relies on what it signed hears of it. */
START_TEST(a_checkpoint_wipes_first)
{
	uint8_t root[MERKLE_HASH] = {0};
	char note[NOTE_MAX], seed[65];

	notary_up();
	ck_assert_int_eq(added(ENTRY_GENESIS, 0), 0);
	ck_assert_int_eq(notary_epoch_key(n, epoch_pk), 0);
	take_seed(seed, 0);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 5), 0);
	/* a key signs one EPOCH */
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 5), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 6), E_REFUSED);
	ck_assert_int_gt(notary_checkpoint(n, 5, root, note), 0);
	ck_assert_int_eq(on_disk(seed), 1);
	ck_assert_int_gt(notary_checkpoint(n, 6, root, note), 0);
	ck_assert_int_eq(on_disk(seed), 0);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 6), 0);
	notary_end(n);
}
END_TEST

START_TEST(a_key_is_wiped_at_once)
{
	char before[EPOCH_FILE_LEN + 1], after[EPOCH_FILE_LEN + 1];
	const struct epoch_key *used, *next;
	struct notary_keys k = {.fd = -1};
	uint8_t sk[SK_SIZE];

	notary_up();
	notary_end(n);
	ck_assert_int_eq(notary_epoch_keys(&k, store), 0);
	ck_assert_ptr_null(notary_key_used(&k));
	ck_assert_int_eq(notary_key_next(&k, &next), 0);
	ck_assert_int_eq(notary_key_advance(&k), 0);
	used = notary_key_used(&k);
	ck_assert_ptr_eq(used, next);
	memcpy(sk, used->sk, SK_SIZE);
	read_keys(before);
	ck_assert_int_eq(before[PLACE_AT(0)], '0');
	ck_assert_int_eq(notary_key_next(&k, &next), 0);
	ck_assert_int_eq(notary_key_advance(&k), 0);
	read_keys(after);
	ck_assert_uint_eq(strspn(after + PLACE_AT(0), "-"), 81);
	ck_assert_int_eq(after[PLACE_AT(1)], '0');
	ck_assert_mem_ne(used->sk, sk, SK_SIZE);
	ck_assert_ptr_eq(notary_key_used(&k), next);
	/* a disk that takes nothing: the key stays, and so does what it says of itself */
	close(k.fd);
	k.fd = open("epoch.key", O_RDONLY);
	ck_assert_int_eq(notary_key_advance(&k), -EBADF);
	ck_assert_ptr_eq(notary_key_used(&k), next);
	close(k.fd);
}
END_TEST

/* -- files -- */

static int start_fails(void)
{
	int r = notary_start(&n, store, "host.key", host_pk);

	ck_assert_int_ne(r, 0);
	return r;
}

START_TEST(unsafe_files_are_refused)
{
	notary_up();
	ck_assert_int_eq(asked_for(ENTRY_GENESIS, 0), 0);
	notary_end(n);
	ck_assert_int_eq(chmod("host.key", 0640), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	ck_assert_int_eq(chmod("host.key", 0600), 0);
	ck_assert_int_eq(chmod("epoch.key", 0604), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	ck_assert_int_eq(chmod("epoch.key", 0600), 0);
	notary_up();
	notary_end(n);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown("epoch.key", 65534, 65534), 0);
		ck_assert_int_eq(start_fails(), E_KEY);
		ck_assert_int_eq(chown("epoch.key", 0, 0), 0);
	}
	ck_assert_int_eq(rename("epoch.key", "real"), 0);
	ck_assert_int_eq(symlink("real", "epoch.key"), 0);
	ck_assert_int_eq(start_fails(), -ELOOP);
	unlink("epoch.key");
	ck_assert_int_eq(mkfifo("epoch.key", 0600), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	unlink("epoch.key");
	ck_assert_int_eq(rename("real", "epoch.key"), 0);
	ck_assert_int_eq(truncate("epoch.key", EPOCH_FILE_LEN - 1), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
	unlink("epoch.key");
	ck_assert_int_eq(truncate("host.key", 10), 0);
	ck_assert_int_eq(start_fails(), E_KEY);
}
END_TEST

/* The key of which all of the seed's bytes are that. */
static void key_of(uint8_t pk[PK_SIZE], int byte)
{
	uint8_t seed[32], sk[SK_SIZE];

	memset(seed, byte, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
}

/* Makes epoch.key of these two places; has the key process that one? */
static int has_key(const char *a, const char *b, int byte)
{
	char text[EPOCH_FILE_LEN + 1];
	uint8_t pk[PK_SIZE];
	int r;

	snprintf(text, sizeof(text), "SHELLAC-EPOCH-KEYS-1\n%s\n%s\n", a, b);
	ck_assert_uint_eq(strlen(text), EPOCH_FILE_LEN);
	ck_assert_int_eq(io_replace_file(store, "epoch.key", 0600, text, EPOCH_FILE_LEN), 0);
	notary_again();
	key_of(pk, byte);
	r = notary_epoch_key(n, pk);
	ck_assert(r == 0 || r == E_KEY);
	return r == 0;
}

/* Which of both signs, without being told? */
static int signs_with(const char *a, const char *b)
{
	has_key(a, b, 0);
	key_of(epoch_pk, 0x11);
	return asked_for(ENTRY_EPOCH, 1) == 0;
}

START_TEST(whatever_a_crash_left)
{
	char one[82], two[82], none[82], half[82];

	memset(one, '1', 81);
	memset(two, '2', 81);
	memset(none, '-', 81);
	one[81] = two[81] = none[81] = half[81] = '\0';
	memcpy(one, "00000000000000ff ", 17);
	memcpy(two, "0000000000000100 ", 17);
	notary_up();
	ck_assert_int_eq(has_key(one, two, 0x11), 1);
	ck_assert_int_eq(has_key(one, two, 0x22), 1);
	ck_assert_int_eq(has_key(one, two, 0x33), 0);
	ck_assert_int_eq(signs_with(one, two), 1);
	ck_assert_int_eq(signs_with(two, one), 1);
	ck_assert_int_eq(has_key(none, two, 0x22), 1);
	ck_assert_int_eq(has_key(two, none, 0x22), 1);
	ck_assert_int_eq(has_key(none, two, 0x11), 0);
	ck_assert_int_eq(has_key(one, none, 0x11), 1);
	ck_assert_int_eq(has_key(none, none, 0x2d), 0);
	memcpy(half, none, 82);
	memcpy(half, one, 50);
	ck_assert_int_eq(has_key(half, two, 0x11), 0);
	ck_assert_int_eq(has_key(half, two, 0x22), 1);
	memcpy(half, one, 82);
	memcpy(half, none, 50);
	ck_assert_int_eq(has_key(two, half, 0x11), 0);
	ck_assert_int_eq(has_key(two, half, 0x22), 1);
	key_of(epoch_pk, 0x22);
	ck_assert_int_eq(added(ENTRY_EPOCH, 3), 0);
	ck_assert_int_eq(added(ENTRY_EPOCH, 4), 0);
	notary_end(n);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { epochs_follow_each_other, a_crash_loses_no_key,
		a_checkpoint_wipes_first, a_key_is_wiped_at_once, unsafe_files_are_refused,
		whatever_a_crash_left };

	return suite_run("notary_keys", tests, sizeof(tests) / sizeof(tests[0]));
}
