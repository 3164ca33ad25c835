/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../../pusher/tree.h"
#include "../lib/log_fixture.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "err.h"

static struct log_fixture f;
static struct tree t;
static int log_fd, hashes_fd;

static void add_leaf(uint8_t byte)
{
	const uint8_t entry[3] = {1, 0, byte};

	ck_assert_int_eq(write(log_fd, entry, sizeof(entry)), sizeof(entry));
}

static void setup(void)
{
	unsigned i;

	scratch_enter();
	log_fixture_init(&f, "log.test/one", 1, FIXTURE_LEAVES);
	log_fd = open("log", O_RDWR | O_CREAT, 0600);
	hashes_fd = open("hashes", O_RDWR | O_CREAT, 0600);
	ck_assert(log_fd >= 0 && hashes_fd >= 0);
	for (i = 0; i < FIXTURE_LEAVES; i++)
		add_leaf((uint8_t)i);
	ck_assert_int_eq(write(hashes_fd, f.hashes, sizeof(f.hashes)), sizeof(f.hashes));
	tree_init(&t, log_fd, hashes_fd);
}

static void check(uint64_t old, uint64_t size)
{
	uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH];
	int n = tree_proof(&t, old, size, f.root[size], proof);

	ck_assert_int_ge(n, 0);
	ck_assert_int_eq(merkle_check_consistency(old, f.root[old], size, f.root[size], proof,
	    (size_t)n), 0);
}

START_TEST(from_hashes)
{
	check(1, 1);
	check(3, 200);
	check(128, 129);
	ck_assert_int_eq(t.built, -1);
}
END_TEST

START_TEST(short_hashes)
{
	ck_assert_int_eq(ftruncate(hashes_fd, 100 * MERKLE_HASH + 5), 0);
	check(3, 20);
	ck_assert_int_eq(t.built, -1);
	check(3, 199);
	ck_assert_int_ge(t.built, 0);
	check(7, 200); /* grown by one */
	tree_release(&t);
}
END_TEST

/* Wherever it is that one of them is wrong. */
START_TEST(wrong_hashes)
{
	static const uint8_t zero[MERKLE_HASH];
	unsigned i;

	for (i = 0; i < 400; i += 7) {
		ck_assert_int_eq(pwrite(hashes_fd, zero, sizeof(zero), i * MERKLE_HASH), sizeof(zero));
		check(60 + i / 7, 200);
	}
	tree_release(&t);
}
END_TEST

START_TEST(other_log)
{
	uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH], root[MERKLE_HASH] = {1};

	ck_assert_int_eq(tree_proof(&t, 3, 200, root, proof), E_DIGEST);
	ck_assert_int_eq(tree_proof(&t, 3, 300, root, proof), E_DIGEST);
	tree_release(&t);
}
END_TEST

/* An entry that was half there is read when it is whole. */
START_TEST(grows)
{
	uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH];

	ck_assert_int_eq(ftruncate(hashes_fd, 0), 0);
	ck_assert_int_eq(ftruncate(log_fd, 301), 0);
	ck_assert_int_eq(tree_proof(&t, 3, 200, f.root[200], proof), E_DIGEST);
	check(3, 100);
	ck_assert_int_eq(lseek(log_fd, 300, SEEK_SET), 300);
	add_leaf(100);
	check(100, 101);
	tree_release(&t);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {from_hashes, short_hashes, wrong_hashes, other_log, grows};
	TCase *tc = tcase_create("tree");
	size_t i;

	tcase_add_checked_fixture(tc, setup, NULL);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case("tree", tc);
}
