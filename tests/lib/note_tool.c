/* SPDX-License-Identifier: ISC */
/* lib/note.h for a script:
 *
 *	note_tool sign SEEDFILE ALG NAME TIME <TEXT	the verifier key and a signature line
 *	note_tool verify VKEY <NOTE			0 and the time, or the error's text
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "note.h"

static char text[NOTE_MAX];

static int sign(char **argv, size_t len)
{
	uint8_t *seed, sk[SK_SIZE], pk[PK_SIZE];
	char vkey[NOTE_VKEY_MAX], line[NOTE_LINE_MAX];
	struct note_key k;
	size_t n;

	if (io_read_file(AT_FDCWD, argv[0], 100, &seed, &n) != 0 || n != crypto_sign_SEEDBYTES)
		return 2;
	crypto_sign_seed_keypair(pk, sk, seed);
	free(seed);
	if (note_key_make(&k, argv[2], (uint8_t)strtoul(argv[1], NULL, 10), pk) != 0 ||
	    note_sign(line, text, len, &k, sk, strtoull(argv[3], NULL, 10)) < 0)
		return 2;
	note_key_format(vkey, &k);
	printf("%s\n%s", vkey, line);
	return 0;
}

static int verify(const char *vkey, size_t len)
{
	struct note_key k;
	uint64_t time_s = 0;
	struct note n;
	int r;

	if ((r = note_key_parse(&k, vkey)) != 0 || (r = note_parse(&n, text, len)) != 0 ||
	    (r = note_verify(&n, &k, &time_s)) != 0) {
		printf("%s\n", err_text(r));
		return 1;
	}
	printf("%llu\n", (unsigned long long)time_s);
	return 0;
}

int main(int argc, char **argv)
{
	ssize_t len = io_read_all(STDIN_FILENO, text, sizeof(text));

	if (sodium_init() < 0 || len < 0)
		return 2;
	if (argc == 6 && strcmp(argv[1], "sign") == 0)
		return sign(argv + 2, (size_t)len);
	if (argc == 3 && strcmp(argv[1], "verify") == 0)
		return verify(argv[2], (size_t)len);
	return 2;
}
