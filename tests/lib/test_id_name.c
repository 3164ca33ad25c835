/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "err.h"
#include "id_name.h"
#include "suite.h"

#define ID "00112233445566778899aabbccddeeff"

START_TEST(names_come_back)
{
	char out[FIFO_NAME_SIZE], spool[SPOOL_NAME_SIZE];
	uint8_t id[ID_SIZE];

	ck_assert_int_eq(fifo_name_parse(id, ID ".fifo"), 0);
	ck_assert_uint_eq(id[15], 0xff);
	memset(out, 'x', sizeof(out));
	fifo_name_format(out, id);
	ck_assert_str_eq(out, ID ".fifo");
	ck_assert_int_eq(spool_name_parse(id, ID ".spool"), 0);
	ck_assert_uint_eq(id[15], 0xff);
	memset(spool, 'x', sizeof(spool));
	spool_name_format(spool, id);
	ck_assert_str_eq(spool, ID ".spool");
}
END_TEST

START_TEST(other_names_are_refused)
{
	static const char *const bad[] = { "", ".", "..", ".fifo", ID, ID ".fif", ID ".fifox",
		ID "0.fifo", ID ".FIFO", "00112233445566778899AABBCCDDEEFF.fifo",
		"0112233445566778899aabbccddeeff.fifo", "g0112233445566778899aabbccddeeff.fifo" };
	static const char *const bad_spool[] = { "", ".", ".spool", ID, ID ".spoo", ID ".spoolx",
		ID ".fifo", ID "0.spool", "00112233445566778899AABBCCDDEEFF.spool",
		"g0112233445566778899aabbccddeeff.spool", ID ".spool.refused" };
	uint8_t id[ID_SIZE], was[ID_SIZE];
	size_t i;

	memset(was, 7, sizeof(was));
	memcpy(id, was, sizeof(id));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(fifo_name_parse(id, bad[i]) == E_FORMAT, "%s", bad[i]);
	for (i = 0; i < sizeof(bad_spool) / sizeof(bad_spool[0]); i++)
		ck_assert_msg(spool_name_parse(id, bad_spool[i]) == E_FORMAT, "%s", bad_spool[i]);
	ck_assert_mem_eq(id, was, sizeof(id));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { names_come_back, other_names_are_refused };

	return suite_run("id_name", tests, sizeof(tests) / sizeof(tests[0]));
}
