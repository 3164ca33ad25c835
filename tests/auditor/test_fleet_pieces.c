/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../auditor/store/fleet_pieces.h"
#include "../../auditor/store/temp_file.h"
#include "../lib/suite.h"

#define NAME "12-000102030405060708090a0b0c0d0e0f.shlc"

START_TEST(sessions_have_number_and_day)
{
	static const char *const suffix[] = { "", ".live", ".cut" };
	char path[128];
	struct fleet_place p;
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "session/2026/11/22/" NAME "%s", suffix[i]);
		fleet_place(&p, path);
		ck_assert_int_eq(p.kind, PIECE_SESSION);
		ck_assert_uint_eq(p.n, 12);
		ck_assert_str_eq(p.day, "2026-11-22");
		ck_assert_ptr_eq(p.path, path);
	}
}
END_TEST

START_TEST(others_are_what_their_path_says)
{
	static const char *const files[] = { "host.pub", "", "session", "session/", "process/",
		"session/2026/11/22/", "session/2026/11/2/" NAME, "session/2026-11-22/" NAME,
		"session/2026/11/22x" NAME, "session/20a6/11/22/" NAME, "session/2026/11/22/x" NAME,
		"session/2026/11/22/12.shlc", "process/1.shlp", "process/00000000.shlp",
		"process/kernel-00000001.acct", "ledger/log/", "ledger/keys", "../ledger/log" };
	struct fleet_place p;
	size_t i;

	for (i = 0; i < sizeof files / sizeof files[0]; i++) {
		fleet_place(&p, files[i]);
		ck_assert_msg(p.kind == PIECE_FILE, "%s", files[i]);
	}
	fleet_place(&p, "ledger/log");
	ck_assert_int_eq(p.kind, PIECE_LEDGER);
	ck_assert_uint_eq(p.n, 0);
	fleet_place(&p, "process/00000307.shlp");
	ck_assert_int_eq(p.kind, PIECE_PROCESS);
	ck_assert_uint_eq(p.n, 307);
}
END_TEST

START_TEST(a_temporary_file_has_no_name)
{
	char got[8] = "";
	struct stat st;
	int fd, again;

	ck_assert_int_eq(setenv("TMPDIR", "/nowhere", 1), 0); /* then another one */
	fd = temp_file();
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "evidence", 8), 8);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_nlink, 0);
	ck_assert_uint_eq(st.st_mode & 077, 0);
	again = temp_file_again(fd);
	ck_assert_int_ge(again, 0);
	ck_assert_int_eq(read(again, got, 8), 8);
	ck_assert_mem_eq(got, "evidence", 8);
	ck_assert_int_lt(write(again, "x", 1), 0);
	close(fd);
	close(again);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		sessions_have_number_and_day, others_are_what_their_path_says,
		a_temporary_file_has_no_name,
	};

	return suite_run("fleet_pieces", tests, sizeof tests / sizeof tests[0]);
}
