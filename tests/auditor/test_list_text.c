/* SPDX-License-Identifier: ISC */
/* A table of so many rows that threads share the work: all lines, in order, as wide as the
 * widest cell of any. */
#include "sessions/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/suite.h"

#define ROWS 50000
#define WIDE "a-name-that-is-wider-than-all-others"

static struct store_session entry[ROWS];
static struct session_row row[ROWS];
static const struct session_row *shown[ROWS];

static void make_rows(size_t wide)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		entry[i].name.n = i + 1;
		row[i] = (struct session_row){ .entry = &entry[i], .user = i == wide ? WIDE : "u",
			.tty = "", .host = "", .from = "", .cwd = "", .program = "", .args = "",
			.as = "", .finding = "" };
		shown[i] = &row[i];
	}
}

/* What list_text() puts out, as a file to read. */
static FILE *printed(size_t rows, const char *columns)
{
	const struct list_column *column[LIST_COLUMNS];
	const char *wrong;
	unsigned n = list_columns(column, columns, &wrong);
	FILE *f = tmpfile();

	ck_assert_ptr_nonnull(f);
	fflush(stdout);
	ck_assert_int_ge(dup2(fileno(f), STDOUT_FILENO), 0);
	ck_assert_int_eq(list_text(shown, rows, column, n, 0, 0), 0);
	fflush(stdout);
	rewind(f);
	return f;
}

/* The wide one stands at the begin, in the middle and at the end: of each part once. */
START_TEST(has_all_rows_in_order)
{
	static const size_t places[] = { 0, ROWS / 2 + 1, ROWS - 1 };
	char line[256], wanted[256];
	size_t wide = places[_i], i;
	FILE *f;

	make_rows(wide);
	f = printed(ROWS, "n,user,status");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	snprintf(wanted, sizeof wanted, "%5s  %-*s  STATUS\n", "N", (int)strlen(WIDE), "USER");
	ck_assert_str_eq(line, wanted);
	for (i = 0; i < ROWS; i++) {
		ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
		snprintf(wanted, sizeof wanted, "%5zu  %-*s  COMPLETE\n", i + 1, (int)strlen(WIDE),
		    i == wide ? WIDE : "u");
		ck_assert_str_eq(line, wanted);
	}
	ck_assert_ptr_null(fgets(line, sizeof line, f));
	fclose(f);
}
END_TEST

START_TEST(has_heads_without_rows)
{
	char line[256];
	FILE *f = printed(0, "n,user");

	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	ck_assert_str_eq(line, "N  USER\n");
	ck_assert_ptr_null(fgets(line, sizeof line, f));
	fclose(f);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("list_text");

	tcase_add_loop_test(tc, has_all_rows_in_order, 0, 3);
	tcase_add_test(tc, has_heads_without_rows);
	return suite_run_case("list_text", tc);
}
