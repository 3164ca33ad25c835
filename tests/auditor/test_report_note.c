/* SPDX-License-Identifier: ISC */
#include "report/report_note.h"

#include <string.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "bytes.h"
#include "err.h"
#include "io.h"

static struct report_note some(void)
{
	struct report_note n = { .entries = 123, .size = 4567 };

	memset(n.host_id, 0x12, sizeof n.host_id);
	memset(n.root, 0xfe, sizeof n.root);
	memset(n.sha256, 0xab, sizeof n.sha256);
	memset(n.blake2b, 0xcd, sizeof n.blake2b);
	return n;
}

START_TEST(is_read_as_it_was_written)
{
	struct report_note n = some(), r;
	char text[NOTE_MAX];
	int len = report_note_format(text, &n);

	memset(&r, 0, sizeof r);
	ck_assert_int_eq(report_note_parse(&r, text, (size_t)len), 0);
	ck_assert_int_eq(memcmp(&r, &n, sizeof r), 0);
}
END_TEST

START_TEST(has_one_spelling)
{
	struct report_note n = some(), r;
	char text[NOTE_MAX], bad[NOTE_MAX];
	int len = report_note_format(text, &n), i;

	for (i = 0; i < len; i++)
		ck_assert_int_eq(report_note_parse(&r, text, (size_t)i), E_FORMAT);
	text[len] = '\n';
	ck_assert_int_eq(report_note_parse(&r, text, (size_t)len + 1), E_FORMAT);
	text[len] = '\0';
	for (i = 0; i < len; i++) {
		memcpy(bad, text, (size_t)len);
		bad[i] = (char)(bad[i] ^ 0x80);
		ck_assert_int_eq(report_note_parse(&r, bad, (size_t)len), E_FORMAT);
	}
	for (i = 0; i < len; i++) { /* upper case, another space */
		memcpy(bad, text, (size_t)len);
		bad[i] = (char)(bad[i] ^ 0x20);
		if (report_note_parse(&r, bad, (size_t)len) == 0) {
			char again[NOTE_MAX];

			ck_assert_int_eq(report_note_format(again, &r), len);
			ck_assert_int_eq(memcmp(again, bad, (size_t)len), 0);
		}
	}
}
END_TEST

START_TEST(digests_are_of_the_whole_file)
{
	char path[] = "/tmp/shellac-report.XXXXXX", hex[2 * REPORT_SHA256 + 1];
	int fd = mkstemp(path);
	struct report_note n = { .size = 99 };

	ck_assert_int_ge(fd, 0);
	unlink(path);
	ck_assert_int_eq(io_write_all(fd, "abc", 3), 0);
	ck_assert_int_eq(report_note_digest(&n, fd), 0);
	ck_assert_uint_eq(n.size, 3);
	hex_put(hex, n.sha256, REPORT_SHA256);
	ck_assert_str_eq(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hex_put(hex, n.blake2b, HASH_SIZE);
	ck_assert_str_eq(hex,
	    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	close(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { is_read_as_it_was_written, has_one_spelling,
		digests_are_of_the_whole_file };

	return suite_run("report_note", tests, sizeof tests / sizeof tests[0]);
}
