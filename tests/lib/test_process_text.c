/* SPDX-License-Identifier: ISC */
#include "process_text.h"

#include <string.h>

#include "err.h"
#include "suite.h"

static struct process_text t;

static struct process_record exec_of(uint32_t text_len, uint8_t have)
{
	struct process_record r = { .kind = PROCESS_EXEC, .session = 7 };

	process_exec_put(r.body, &(struct process_exec){ .pid = 5, .text_len = text_len, .have = have });
	return r;
}

/* Takes the text as the slots behind e; what the last one said. */
static int take(const struct process_record *e, const char *text, size_t len)
{
	struct process_record r = *e;
	int got = process_text_take(&t, e);

	r.kind = PROCESS_TEXT;
	for (size_t at = 0; at < len; at += PROCESS_BODY) {
		size_t some = len - at < PROCESS_BODY ? len - at : PROCESS_BODY;

		ck_assert_int_eq(got, 0);
		ck_assert(process_text_waits(&t));
		memset(r.body, 0, PROCESS_BODY);
		memcpy(r.body, text + at, some);
		got = process_text_take(&t, &r);
	}
	return got;
}

START_TEST(parts)
{
	static const char text[] = "/bin/cat\0/home/a\0cat\0-n\0";
	struct process_record e = exec_of(sizeof(text) - 1, EXEC_EXE | EXEC_CWD | EXEC_ARGS);
	size_t len;

	ck_assert_int_eq(take(&e, text, sizeof(text) - 1), 1);
	ck_assert_str_eq(process_text_path(&t, EXEC_EXE), "/bin/cat");
	ck_assert_str_eq(process_text_path(&t, EXEC_CWD), "/home/a");
	ck_assert_mem_eq(process_text_args(&t, &len), "cat\0-n", 7);
	ck_assert_uint_eq(len, 7);
	ck_assert(t.exec.pid == 5 && t.record.session == 7);
}
END_TEST

/* What is not known is empty. */
START_TEST(parts_left_out)
{
	static const char text[] = "\0/home/a\0cat\0";
	struct process_record e = exec_of(sizeof(text) - 1, EXEC_CWD | EXEC_ARGS);
	size_t len = 1;

	ck_assert_int_eq(take(&e, text, sizeof(text) - 1), 1);
	ck_assert_ptr_null(process_text_path(&t, EXEC_EXE));
	ck_assert_str_eq(process_text_path(&t, EXEC_CWD), "/home/a");
	ck_assert_str_eq(process_text_args(&t, &len), "cat");
	ck_assert_uint_eq(len, 4);
	e = exec_of(0, EXEC_EXE | EXEC_ARGS);
	ck_assert_int_eq(process_text_take(&t, &e), 1);
	ck_assert_str_eq(process_text_path(&t, EXEC_EXE), "");
	ck_assert_ptr_nonnull(process_text_args(&t, &len));
	ck_assert_uint_eq(len, 0);
	e = exec_of(0, 0);
	ck_assert_int_eq(process_text_take(&t, &e), 1);
	ck_assert_ptr_null(process_text_args(&t, &len));
}
END_TEST

START_TEST(any_length)
{
	char text[EXEC_TEXT_MAX];
	struct process_record e = exec_of((uint32_t)_i, EXEC_EXE);

	memset(text, 'x', sizeof(text));
	ck_assert_int_eq(take(&e, text, (size_t)_i), 1);
	ck_assert_uint_eq(t.want, (size_t)_i);
	ck_assert_uint_eq(strlen(process_text_path(&t, EXEC_EXE)), (size_t)_i);
	ck_assert_uint_eq(process_text_slots((uint32_t)_i), ((size_t)_i + 63) / 64);
}
END_TEST

START_TEST(longest)
{
	char text[EXEC_TEXT_MAX];
	struct process_record e = exec_of(sizeof(text), EXEC_EXE);

	memset(text, 'x', sizeof(text));
	ck_assert_int_eq(take(&e, text, sizeof(text)), 1);
	ck_assert_uint_eq(process_text_slots(sizeof(text)), 64);
	ck_assert_uint_eq(strlen(process_text_path(&t, EXEC_EXE)), sizeof(text));
}
END_TEST

START_TEST(inputs)
{
	static char text[INPUT_TEXT_MAX];
	struct process_record r = { .kind = PROCESS_INPUT };

	memset(text, '{', sizeof(text));
	process_input_put(r.body, &(struct process_input){ .text_len = sizeof(text), .source = "fw" });
	ck_assert_int_eq(take(&r, text, sizeof(text)), 1);
	ck_assert(t.record.kind == PROCESS_INPUT && t.want == sizeof(text));
	ck_assert_str_eq(t.input.source, "fw");
	ck_assert_mem_eq(t.text, text, sizeof(text));
	ck_assert_int_eq(t.text[t.want], 0);
	r.body[16] = 0; /* from nobody */
	ck_assert_int_eq(process_text_take(&t, &r), E_FORMAT);
}
END_TEST

START_TEST(what_does_not_belong)
{
	struct process_record e = exec_of(10, EXEC_EXE), r = e;

	process_text_init(&t);
	r.kind = PROCESS_TEXT;
	memset(r.body, 0, PROCESS_BODY);
	ck_assert_int_eq(process_text_take(&t, &r), E_FORMAT); /* no EXEC */
	process_text_take(&t, &e);
	r.body[10] = 1; /* behind the text */
	ck_assert_int_eq(process_text_take(&t, &r), E_FORMAT);
	r.body[10] = 0;
	process_text_take(&t, &e);
	r.session = 8; /* somebody else's */
	ck_assert_int_eq(process_text_take(&t, &r), E_FORMAT);
	r.session = 7;
	process_text_take(&t, &e);
	ck_assert_int_eq(process_text_take(&t, &r), 1);
	ck_assert_int_eq(process_text_take(&t, &r), E_FORMAT); /* one too many */
	process_text_take(&t, &e);
	ck_assert_int_eq(process_text_take(&t, &(struct process_record){ .kind = PROCESS_ACCT }), 0);
	ck_assert(!process_text_waits(&t));
}
END_TEST

int main(void)
{
	TCase *c = tcase_create("process_text");

	tcase_add_test(c, parts);
	tcase_add_test(c, parts_left_out);
	tcase_add_loop_test(c, any_length, 0, 200);
	tcase_add_test(c, longest);
	tcase_add_test(c, inputs);
	tcase_add_test(c, what_does_not_belong);
	return suite_run_case("process_text", c);
}
