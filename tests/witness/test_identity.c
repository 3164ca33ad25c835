/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../witness/identity.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "err.h"

static struct identity made, read_back;

START_TEST(comes_back)
{
	struct stat st;

	scratch_enter();
	ck_assert_int_eq(identity_make(&made, "key", "witness.test/w"), 0);
	ck_assert_int_eq(stat("key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(identity_load(&read_back, "key"), 0);
	ck_assert_int_eq(memcmp(&made, &read_back, sizeof(made)), 0);
	ck_assert_int_eq(made.key.alg, NOTE_COSIGNATURE);
	ck_assert_int_eq(identity_make(&made, "key", "witness.test/w"), -EEXIST);
	ck_assert_int_eq(identity_load(&read_back, "none"), -ENOENT);
}
END_TEST

START_TEST(refused)
{
	scratch_enter();
	ck_assert_int_eq(identity_make(&made, "key", "a name"), E_FORMAT);
	ck_assert_int_eq(identity_make(&made, "none/key", "name"), -ENOENT);
	ck_assert_int_eq(identity_make(&made, "a", "name"), 0);
	ck_assert_int_eq(identity_make(&made, "b", "name"), 0);
	ck_assert_int_eq(rename("a.pub", "b.pub"), 0); /* halves of two keys */
	ck_assert_int_eq(identity_load(&read_back, "b"), E_KEY);
	ck_assert_int_eq(identity_make(&made, "c", "name"), 0);
	ck_assert_int_eq(chmod("c", 0640), 0);
	ck_assert_int_eq(identity_load(&read_back, "c"), E_KEY);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {comes_back, refused};

	return suite_run("identity", tests, 2);
}
