/* SPDX-License-Identifier: ISC */
/* Stands in for libFuzzer: feeds every file named, or in a folder named, to the
 * fuzz target, and after it each of its truncations and 200 copies with one byte
 * changed.  The same on every run.  With -m RUNS[,FIRST] it feeds them mutated so many
 * times instead, mutate.h. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io.h"
#include "mutate.h"

#define MUTATIONS 200
#define FILE_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* A copy of exactly this size, so that a sanitizer sees the first byte beyond. */
static void feed(const uint8_t *p, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, p, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void feed_all(uint8_t *p, size_t len)
{
	uint32_t state = 0x5eed5eedU;
	size_t i, at;
	uint8_t was;

	feed(p, len);
	for (i = 0; i < len; i++)
		feed(p, i);
	for (i = 0; i < MUTATIONS && len > 0; i++) {
		at = next_random(&state) % len;
		was = p[at];
		p[at] = (uint8_t)next_random(&state);
		feed(p, len);
		p[at] = was;
	}
}

static struct mutate_seeds seeds;
static int collects;

static int replay_file(const char *path)
{
	uint8_t *p;
	size_t len;
	int r;

	r = io_read_file(AT_FDCWD, path, FILE_MAX, &p, &len);
	if (r < 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return 1;
	}
	if (collects && mutate_add(&seeds, p, len) == 0)
		return 0;
	if (!collects)
		feed_all(p, len);
	free(p);
	return collects;
}

static int replay_folder(const char *path)
{
	struct dirent **names;
	char file[PATH_MAX];
	int i, n, bad = 0;

	n = scandir(path, &names, NULL, alphasort);
	if (n < 0) {
		perror(path);
		return 1;
	}
	for (i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			bad |= replay_file(file);
		free(names[i]);
	}
	free(names);
	return bad;
}

int main(int argc, char **argv)
{
	struct stat st;
	int i = 1, bad = 0;

	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		collects = 1;
		i = 3;
	}
	for (; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			bad |= replay_folder(argv[i]);
		else
			bad |= replay_file(argv[i]);
	}
	if (collects && !bad)
		bad = mutate_run(&seeds, argv[2], feed);
	mutate_release(&seeds);
	return bad;
}
