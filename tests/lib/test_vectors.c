/* SPDX-License-Identifier: ISC */
/* The known-answer vectors: vectors/README.  With an argument it prints what
 * session.txt or negative.txt should be instead. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "frame.h"
#include "judge.h"
#include "recording.h"
#include "suite.h"

static struct recording rec;
static uint8_t packed[RECORDING_MAX];
static size_t packed_len;

static FILE *vectors(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/lib/vectors/%s", top != NULL ? top : ".", name);
	f = fopen(path, "r");
	if (f == NULL) {
		perror(path);
		abort();
	}
	return f;
}

/* Next line with something in it, without its line feed. */
static int next_line(FILE *f, char **line, size_t *room)
{
	while (getline(line, room, f) > 0) {
		(*line)[strcspn(*line, "\n")] = '\0';
		if (**line != '\0' && **line != '#')
			return 1;
	}
	return 0;
}

static size_t from_hex(uint8_t *out, size_t room, const char *hex)
{
	size_t len = strlen(hex) / 2;

	if (len > room || hex_get(out, len, hex) != 0)
		abort();
	return len;
}

static void read_packed(void)
{
	FILE *f = vectors("session.txt");
	char *line = NULL;
	size_t room = 0;

	while (next_line(f, &line, &room))
		if (strncmp(line, "packed ", 7) == 0)
			packed_len = from_hex(packed, sizeof(packed), line + 7);
	free(line);
	fclose(f);
}

static void put_hex(FILE *f, const char *name, const uint8_t *p, size_t len)
{
	char hex[2 * RECORDING_MAX + 1];

	hex_put(hex, p, len);
	fprintf(f, "%s %s\n", name, hex);
}

/* All of session.txt but its container. */
static void put_session(FILE *f)
{
	char name[32];
	size_t i, off;

	put_hex(f, "host_seed", rec.host_seed, sizeof(rec.host_seed));
	put_hex(f, "host_pk", rec.host_pk, sizeof(rec.host_pk));
	put_hex(f, "cert", rec.bytes + FRAME_HEADER, rec.frame_off[1] - FRAME_HEADER);
	for (i = 0; i < rec.frames; i++) {
		snprintf(name, sizeof(name), "frame %zu", i);
		off = rec.frame_off[i];
		put_hex(f, name, rec.bytes + off, rec.frame_off[i + 1] - off);
	}
	put_hex(f, "stream", rec.bytes, rec.len);
}

START_TEST(writes_the_same_session)
{
	FILE *f = vectors("session.txt"), *mine;
	char *line = NULL, *text, *p;
	size_t room = 0, len;

	mine = open_memstream(&text, &len);
	put_session(mine);
	fclose(mine);
	for (p = strtok(text, "\n"); p != NULL; p = strtok(NULL, "\n")) {
		ck_assert_int_eq(next_line(f, &line, &room), 1);
		ck_assert_str_eq(line, p);
	}
	free(text);
	free(line);
	fclose(f);
}
END_TEST

START_TEST(unpacks_to_the_same_session)
{
	uint8_t again[RECORDING_MAX];
	const uint8_t *p;
	struct container *c;
	uint64_t off, where;
	size_t len, got = 0;
	int fd = judge_file(packed, packed_len), r;

	ck_assert_int_eq(container_open(&c, fd, &where), 0);
	while ((r = container_next(c, &p, &len, &off, &where)) > 0) {
		memcpy(again + got, p, len);
		got += len;
	}
	ck_assert_int_eq(r, 0);
	ck_assert_uint_eq(got, rec.len);
	ck_assert_mem_eq(again, rec.bytes, got);
	container_free(c);
	close(fd);
}
END_TEST

struct changed {
	uint8_t bytes[2 * RECORDING_MAX];
	size_t len;
};

static size_t chunk_start(size_t k)
{
	return k == 0 ? rec.frame_off[1] : rec.chunk_end[k - 1];
}

/* Order of the chunks after a change of chunk k. */
static void arrange(struct changed *c, const char *what, size_t k)
{
	size_t order[RECORDING_CHUNKS + 1], n = 0, i, at;

	for (i = 0; i < RECORDING_CHUNKS; i++) {
		if (i != k || strcmp(what, "dropchunk") != 0)
			order[n++] = i;
		if (i == k && strcmp(what, "dupchunk") == 0)
			order[n++] = i;
	}
	if (strcmp(what, "swapchunk") == 0) {
		order[k] = k + 1;
		order[k + 1] = k;
	}
	c->len = rec.frame_off[1];
	for (i = 0; i < n; i++) {
		at = chunk_start(order[i]);
		memcpy(c->bytes + c->len, rec.bytes + at, rec.chunk_end[order[i]] - at);
		c->len += rec.chunk_end[order[i]] - at;
	}
}

static void change(struct changed *c, const char *base, const char *what, size_t a, const char *b)
{
	int plain = strcmp(base, "stream") == 0;

	c->len = plain ? rec.len : packed_len;
	memcpy(c->bytes, plain ? rec.bytes : packed, c->len);
	if (strcmp(what, "flip") == 0)
		c->bytes[a] ^= (uint8_t)(1 << atoi(b));
	else if (strcmp(what, "cut") == 0)
		c->len = a;
	else if (strcmp(what, "append") == 0)
		c->len += from_hex(c->bytes + c->len, 1024, b);
	else if (strcmp(what, "put") == 0)
		from_hex(c->bytes + a, c->len - a, b);
	else
		arrange(c, what, a);
}

/* Judges one line of negative.txt: `verdict` gets what the line should be. */
static void judge_line(const char *line, char *verdict, size_t room)
{
	char name[64], kind[32], base[16], what[16], rest[2048] = "";
	const char *value, *b;
	struct changed c;
	struct finding f;
	int at;

	if (sscanf(line, "%63s %31s %*s %*s %15s %15s %n%2047[^\n]", name, kind, base, what, &at,
	    rest) < 4)
		abort();
	value = strchr(rest, ' ');
	b = strcmp(what, "append") == 0 ? rest : value != NULL ? value + 1 : "";
	change(&c, base, what, strtoul(rest, NULL, 10), b);
	judge(c.bytes, c.len, NULL, &f, NULL);
	snprintf(verdict, room, "%s %s %ld %lu %s %s %s", name,
	    f.kind[0] != '\0' ? f.kind : "complete", (long)f.chunk, (unsigned long)f.offset, base,
	    what, rest);
}

START_TEST(finds_the_same_findings)
{
	FILE *f = vectors("negative.txt");
	char *line = NULL, verdict[4096];
	size_t room = 0, count = 0;

	while (next_line(f, &line, &room)) {
		judge_line(line, verdict, sizeof(verdict));
		ck_assert_str_eq(verdict, line);
		count++;
	}
	ck_assert_uint_ge(count, 40);
	free(line);
	fclose(f);
}
END_TEST

static int print_session(void)
{
	packed_len = (size_t)judge_pack(packed, sizeof(packed), rec.bytes, rec.len);
	put_session(stdout);
	put_hex(stdout, "packed", packed, packed_len);
	return 0;
}

static int print_negative(void)
{
	FILE *f = vectors("negative.txt");
	char *line = NULL, verdict[4096];
	size_t room = 0;

	while (next_line(f, &line, &room)) {
		judge_line(line, verdict, sizeof(verdict));
		puts(verdict);
	}
	free(line);
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	const TTest *const tests[] = {
		writes_the_same_session, unpacks_to_the_same_session, finds_the_same_findings,
	};

	recording_fix_random();
	recording_make(&rec);
	if (argc == 2 && strcmp(argv[1], "session") == 0)
		return print_session();
	read_packed();
	if (argc == 2 && strcmp(argv[1], "negative") == 0)
		return print_negative();
	return suite_run("vectors", tests, sizeof(tests) / sizeof(tests[0]));
}
