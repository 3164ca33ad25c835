/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"
#include "keys.h"
#include "scratch.h"
#include "suite.h"

/* made with Python's hashlib and base64: key 00 01 .. 1f */
#define VECTOR "host.example+57576f14+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

START_TEST(known_answer)
{
	struct host_pub k = { .name = "host.example" }, got;
	char line[KEY_LINE_MAX];
	size_t i;

	for (i = 0; i < PK_SIZE; i++)
		k.pk[i] = (uint8_t)i;
	key_pub_format(line, &k);
	ck_assert_str_eq(line, VECTOR);
	ck_assert_int_eq(key_pub_parse(&got, VECTOR "\n"), 0);
	ck_assert_str_eq(got.name, k.name);
	ck_assert_mem_eq(got.pk, k.pk, PK_SIZE);
}
END_TEST

START_TEST(every_change_is_refused)
{
	char line[] = VECTOR;
	struct host_pub k;
	size_t i;
	int b;

	for (i = 0; i < sizeof(line) - 1; i++)
		for (b = 0; b < 8; b++) {
			line[i] = (char)(line[i] ^ 1 << b);
			ck_assert_msg(key_pub_parse(&k, line) == E_KEY, "%s", line);
			line[i] = (char)(line[i] ^ 1 << b);
		}
	ck_assert_int_eq(key_pub_parse(&k, ""), E_KEY);
	ck_assert_int_eq(key_pub_parse(&k, VECTOR "\n\n"), E_KEY);
	ck_assert_int_eq(key_pub_parse(&k, VECTOR " "), E_KEY);
	ck_assert_int_eq(key_pub_parse(&k, VECTOR "="), E_KEY);
}
END_TEST

START_TEST(long_names)
{
	struct host_pub k, got;
	char line[KEY_LINE_MAX + 10];

	memset(&k, 0, sizeof(k));
	memset(k.name, '~', KEY_NAME_MAX);
	key_pub_format(line, &k);
	ck_assert_int_eq(key_pub_parse(&got, line), 0);
	ck_assert_str_eq(got.name, k.name);
	memmove(line + 1, line, strlen(line) + 1);
	ck_assert_int_eq(key_pub_parse(&got, line), E_KEY);
}
END_TEST

/* RFC 8032, 7.1, test 1 */
START_TEST(secret_vector)
{
	static const char file[] = "SHELLAC-KEY-1\nnWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n";
	uint8_t sk[SK_SIZE], pk[PK_SIZE], want[PK_SIZE];

	scratch_enter();
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "k", 0600, file, sizeof(file) - 1), 0);
	ck_assert_int_eq(key_secret_load(sk, pk, "k"), 0);
	hex_get(want, sizeof(want),
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	ck_assert_mem_eq(pk, want, PK_SIZE);
}
END_TEST

START_TEST(secret_comes_back)
{
	uint8_t sk[SK_SIZE], pk[PK_SIZE], sk2[SK_SIZE], pk2[PK_SIZE];
	struct stat st;

	scratch_enter();
	umask(0777);
	ck_assert_int_eq(key_secret_create(sk, pk, "k"), 0);
	ck_assert_int_eq(stat("k", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_nlink, 1);
	ck_assert_int_eq(access("k.new", F_OK), -1);
	ck_assert_int_eq(key_secret_load(sk2, pk2, "k"), 0);
	ck_assert_mem_eq(sk, sk2, SK_SIZE);
	ck_assert_mem_eq(pk, pk2, PK_SIZE);
	ck_assert_int_eq(key_secret_create(sk2, pk2, "k"), -EEXIST);
	ck_assert_int_eq(key_secret_load(sk2, pk2, "k"), 0);
	ck_assert_mem_eq(sk, sk2, SK_SIZE);
	ck_assert_int_eq(key_secret_create(sk2, pk2, "none/k"), -ENOENT);
}
END_TEST

START_TEST(unsafe_secret_is_refused)
{
	static const mode_t bad[] = { 0640, 0620, 0604, 0602, 0610, 0601 };
	uint8_t sk[SK_SIZE], pk[PK_SIZE];
	size_t i;

	scratch_enter();
	ck_assert_int_eq(key_secret_create(sk, pk, "k"), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(chmod("k", bad[i]), 0);
		ck_assert_int_eq(key_secret_load(sk, pk, "k"), E_KEY);
	}
	ck_assert_int_eq(chmod("k", 0400), 0);
	ck_assert_int_eq(key_secret_load(sk, pk, "k"), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chown("k", 65534, 65534), 0);
		ck_assert_int_eq(key_secret_load(sk, pk, "k"), E_KEY);
	}
	ck_assert_int_eq(symlink("k", "link"), 0);
	ck_assert_int_eq(key_secret_load(sk, pk, "link"), -ELOOP);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(key_secret_load(sk, pk, "fifo"), E_KEY);
	ck_assert_int_eq(key_secret_load(sk, pk, "none"), -ENOENT);
}
END_TEST

START_TEST(malformed_secret_is_refused)
{
	uint8_t sk[SK_SIZE], pk[PK_SIZE], *p;
	size_t len, i;

	scratch_enter();
	ck_assert_int_eq(key_secret_create(sk, pk, "k"), 0);
	ck_assert_int_eq(io_read_file(AT_FDCWD, "k", 100, &p, &len), 0);
	for (i = 0; i < len; i++) {
		ck_assert_int_eq(io_replace_file(AT_FDCWD, "cut", 0600, p, i), 0);
		ck_assert_int_eq(key_secret_load(sk, pk, "cut"), E_KEY);
	}
	for (i = 0; i < len; i++) {
		p[i] ^= 0x80;
		ck_assert_int_eq(io_replace_file(AT_FDCWD, "bad", 0600, p, len), 0);
		ck_assert_int_eq(key_secret_load(sk, pk, "bad"), E_KEY);
		p[i] ^= 0x80;
	}
	p[len] = '\n'; /* where io_read_file() put its zero */
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "long", 0600, p, len + 1), 0);
	ck_assert_int_eq(key_secret_load(sk, pk, "long"), E_KEY);
	free(p);
}
END_TEST

START_TEST(pub_load)
{
	struct host_pub k;

	scratch_enter();
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "p", 0644, VECTOR "\n", sizeof(VECTOR)), 0);
	ck_assert_int_eq(key_pub_load(&k, "p"), 0);
	ck_assert_str_eq(k.name, "host.example");
	ck_assert_int_eq(io_replace_file(AT_FDCWD, "z", 0644, VECTOR, sizeof(VECTOR)), 0);
	ck_assert_int_eq(key_pub_load(&k, "z"), E_KEY);
	ck_assert_int_eq(key_pub_load(&k, "none"), -ENOENT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { known_answer, every_change_is_refused, long_names,
		secret_vector, secret_comes_back, unsafe_secret_is_refused,
		malformed_secret_is_refused, pub_load };

	if (sodium_init() < 0)
		return EXIT_FAILURE;
	return suite_run("keys", tests, sizeof(tests) / sizeof(tests[0]));
}
