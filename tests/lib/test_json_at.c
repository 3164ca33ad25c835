/* SPDX-License-Identifier: ISC */
#include "json_at.h"

#include "suite.h"

static json_t *object;

static json_int_t at(const char *path)
{
	const json_t *v = json_at(object, path);

	return v != NULL ? json_integer_value(v) : -1;
}

START_TEST(paths)
{
	object = json_loads("{\"a\":{\"b\":{\"c\":1},\"b.d\":2,\"n\":null},\"a.e\":3,\"a.b.c.x\":4,"
	    "\"f\":5,\"a.n.y\":6,\"\":{\"z\":7}}", 0, NULL);
	ck_assert_int_eq(at("f"), 5);
	ck_assert_int_eq(at("a.b.c"), 1);
	ck_assert(json_is_object(json_at(object, "a.b")));
	ck_assert(json_is_null(json_at(object, "a.n")));
	/* names with dots */
	ck_assert_int_eq(at("a.b.d"), 2);
	ck_assert_int_eq(at("a.e"), 3);
	ck_assert_int_eq(at("a.b.c.x"), 4);
	ck_assert_int_eq(at("a.n.y"), 6);
	ck_assert_int_eq(at(".z"), 7);
	/* none */
	ck_assert_int_eq(at("a.b.e"), -1);
	ck_assert_int_eq(at("b"), -1);
	ck_assert_int_eq(at("f.g"), -1);
	ck_assert_int_eq(at("f."), -1);
	ck_assert_int_eq(at("ab.c"), -1);
	json_decref(object);
	ck_assert_ptr_null(json_at(NULL, "a.b"));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {paths};

	return suite_run("json_at", tests, sizeof(tests) / sizeof(tests[0]));
}
