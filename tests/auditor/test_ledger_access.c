/* SPDX-License-Identifier: ISC */
#include "../../auditor/ledger/ledger_access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "err.h"

static struct store store;
static struct entry entry;
static struct ledger_access text;

static void salted(uint8_t digest[HASH_SIZE], const char *s)
{
	struct hash h;

	hash_begin(&h);
	hash_add(&h, entry.u.access.salt, ENTRY_SALT, s, strlen(s));
	hash_get(&h, digest);
}

static void put(const char *p, size_t len)
{
	int fd = open("ledger/access/14", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, len), (ssize_t)len);
	close(fd);
}

static int reads(const char *p, size_t len)
{
	put(p, len);
	return ledger_access_read(&text, &store, &entry);
}

static void setup(void)
{
	scratch_enter();
	ck_assert_int_eq(mkdir("ledger", 0700), 0);
	ck_assert_int_eq(mkdir("ledger/access", 0700), 0);
	ck_assert_int_eq(store_open(&store, "."), 0);
	entry = (struct entry){ .type = ENTRY_ACCESS, .index = 14 };
	memset(entry.u.access.salt, 7, ENTRY_SALT);
	salted(entry.u.access.who, "1000 ann");
	salted(entry.u.access.what, "replay 3");
	salted(entry.u.access.reason, "\x1b[2J ticket 17");
}

static void teardown(void)
{
	store_close(&store);
}

static const char good[] = "who 1000 ann\nwhat replay 3\nreason \x1b[2J ticket 17\n";

START_TEST(reads_what_the_entry_was_made_of)
{
	ck_assert_int_eq(ledger_access_read(&text, &store, &entry), -ENOENT);
	ck_assert_int_eq(reads(good, sizeof(good) - 1), 0);
	ck_assert_str_eq(text.who, "1000 ann");
	ck_assert_str_eq(text.what, "replay 3");
	ck_assert_str_eq(text.reason, "\x1b[2J ticket 17");
	salted(entry.u.access.reason, "");
	ck_assert_int_eq(reads("who 1000 ann\nwhat replay 3\nreason \n", 35), 0);
	ck_assert_str_eq(text.reason, "");
}
END_TEST

START_TEST(sees_each_changed_byte)
{
	char changed[sizeof(good)];
	size_t i;

	for (i = 0; i < sizeof(good) - 1; i++) {
		memcpy(changed, good, sizeof(good));
		changed[i] ^= 1;
		ck_assert_int_lt(reads(changed, sizeof(good) - 1), 0);
		changed[i] = '\0';
		ck_assert_int_lt(reads(changed, sizeof(good) - 1), 0);
		ck_assert_int_lt(reads(good, i), 0);
	}
	ck_assert_int_eq(reads(good, sizeof(good)), E_FORMAT); /* a zero more */
}
END_TEST

START_TEST(a_longer_file_is_none)
{
	static char much[LEDGER_ACCESS_FILE_MAX];

	memset(much, '\n', sizeof(much));
	ck_assert_int_eq(reads(much, sizeof(much)), E_RANGE);
	ck_assert_int_eq(reads(much, sizeof(much) - 1), E_FORMAT);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ledger_access");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, reads_what_the_entry_was_made_of);
	tcase_add_test(tc, sees_each_changed_byte);
	tcase_add_test(tc, a_longer_file_is_none);
	return suite_run_case("ledger_access", tc);
}
