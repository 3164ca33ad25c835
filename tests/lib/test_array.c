/* SPDX-License-Identifier: ISC */
#include "array.h"

#include <errno.h>
#include <stdint.h>

#include "sanitized.h"
#include "suite.h"

START_TEST(grows_and_keeps)
{
	uint32_t *list = NULL;
	size_t room = 0, i, moved = 0, before = 0;

	for (i = 0; i < 1000; i++) {
		ck_assert_int_eq(array_room(&list, i, &room, sizeof(*list)), 0);
		ck_assert_uint_gt(room, i);
		moved += room != before;
		before = room;
		list[i] = (uint32_t)i;
	}
	ck_assert_uint_le(moved, 6);
	for (i = 0; i < 1000; i++)
		ck_assert_uint_eq(list[i], i);
	free(list);
}
END_TEST

#ifndef SANITIZED /* whose allocations end the program instead of failing */
START_TEST(failure_changes_nothing)
{
	char *list = NULL, *kept;
	size_t room = 0;

	ck_assert_int_eq(array_room(&list, 0, &room, SIZE_MAX / 32), -ENOMEM);
	ck_assert_ptr_null(list);
	ck_assert_uint_eq(room, 0);
	ck_assert_int_eq(array_room(&list, 0, &room, 1), 0);
	kept = list;
	ck_assert_int_eq(array_room(&list, room, &room, SIZE_MAX / 64), -ENOMEM);
	ck_assert_ptr_eq(list, kept);
	free(list);
}
END_TEST
#endif

START_TEST(first_by_number)
{
	const struct {
		char c;
		struct {
			uint8_t id[3];
			uint64_t n;
		} name;
	} list[] = {{'a', {{0}, 2}}, {'b', {{0}, 2}}, {'c', {{0}, 5}}, {'d', {{0}, UINT64_MAX}}};
	const uint64_t plain[] = {1, 3, 3, 3, 9};
	uint64_t n;
	size_t i, count;

	ck_assert_uint_eq(ARRAY_FIRST(list, 4, name.n, 0), 0);
	ck_assert_uint_eq(ARRAY_FIRST(list, 4, name.n, 2), 0);
	ck_assert_uint_eq(ARRAY_FIRST(list, 4, name.n, 3), 2);
	ck_assert_uint_eq(ARRAY_FIRST(list, 4, name.n, 5), 2);
	ck_assert_uint_eq(ARRAY_FIRST(list, 4, name.n, 6), 3);
	ck_assert_uint_eq(ARRAY_FIRST(list, 4, name.n, UINT64_MAX), 3);
	ck_assert_uint_eq(ARRAY_FIRST(list, 3, name.n, UINT64_MAX), 3);
	for (count = 0; count <= 5; count++)
		for (n = 0; n < 12; n++) {
			for (i = 0; i < count && plain[i] < n; i++)
				;
			ck_assert_uint_eq(array_first(plain, count, sizeof(plain[0]), 0, n), i);
		}
	ck_assert_uint_eq(array_first(NULL, 0, 16, 8, 1), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		grows_and_keeps,
		first_by_number,
#ifndef SANITIZED
		failure_changes_nothing,
#endif
	};

	return suite_run("array", tests, sizeof(tests) / sizeof(tests[0]));
}
