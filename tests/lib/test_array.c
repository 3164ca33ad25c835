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

int main(void)
{
	const TTest *const tests[] = {
		grows_and_keeps,
#ifndef SANITIZED
		failure_changes_nothing,
#endif
	};

	return suite_run("array", tests, sizeof(tests) / sizeof(tests[0]));
}
