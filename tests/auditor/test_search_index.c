/* SPDX-License-Identifier: ISC */
#include "search/search_index.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../lib/err.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "search/search.h"

#define SESSIONS 8
#define LINES 1200
#define HITS 100000

static struct auditor auditor;
static char *line[SESSIONS + 1][LINES];

static const char *path_of(uint64_t n)
{
	static char path[256];

	snprintf(path, sizeof path, "store/session/2026/01/01/%llu-%032llx.shlc",
	    (unsigned long long)n, (unsigned long long)n);
	return path;
}

/* Their files only tell that they are there, and are old enough. */
static void put_file(uint64_t n, const char *text)
{
	FILE *f = fopen(path_of(n), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void make_lines(void)
{
	static const char *const word[] = { "error", "Warning", "gr\xc3\xbcn", "\xe2\x84\xaa\145lvin",
		"a", "b", "0x7f3a", "/usr/lib", "x86_64", "linux", "gnu", "make", "(foo)", "++" };

	srandom(7);
	for (size_t n = 1; n <= SESSIONS; n++)
		for (size_t i = 0; i < LINES; i++) {
			char text[4096] = "";

			for (long k = random() % 40; k > 0; k--) {
				strcat(text, word[(size_t)random() % (sizeof word / sizeof *word)]);
				snprintf(text + strlen(text), 32, " %ld ", random() % 5000);
			}
			line[n][i] = strdup(text);
		}
}

static void make_store(void)
{
	scratch_enter();
	setenv("XDG_CACHE_HOME", scratch_path, 1);
	ck_assert_int_eq(system("mkdir -p store/session/2026/01/01"), 0);
	for (uint64_t n = 1; n <= SESSIONS; n++)
		put_file(n, "as it is");
	snprintf(auditor.store_path, sizeof auditor.store_path, "%s/store", scratch_path);
	ck_assert_int_eq(store_open(&auditor.store, auditor.store_path), 0);
	ck_assert_int_eq(store_walk(&auditor.store), 0);
	ck_assert_uint_eq(auditor.store.sessions, SESSIONS);
	usleep(300000); /* a younger file is not kept */
	make_lines();
}

static const struct store_session *session(uint64_t n)
{
	ck_assert_uint_eq(auditor.store.session[n - 1].name.n, n);
	return &auditor.store.session[n - 1];
}

static void keep(struct search_index *x, uint64_t n)
{
	struct verdict *v = calloc(1, sizeof *v);
	struct search_keep *k;
	struct stat st;

	ck_assert_int_eq(stat(path_of(n), &st), 0);
	k = search_keep_new(x, session(n), &st);
	ck_assert_ptr_nonnull(k);
	for (size_t i = 0; i < LINES; i++) {
		const struct search_line l = { SEARCH_LINE, i * 1000, (int64_t)i / 7,
			i % 9 == 0 ? strlen(line[n][i]) / 2 : SEARCH_NOT_TYPED, line[n][i],
			strlen(line[n][i]) };

		ck_assert_int_eq(search_keep_line(k, &l), 0);
	}
	v->chain.have_cert = 1;
	snprintf(v->chain.cert.user, sizeof v->chain.cert.user, "user%llu", (unsigned long long)n);
	v->chain.cert.wall_ns = (int64_t)n;
	v->status = n == 5 ? STATUS_CUT : STATUS_COMPLETE;
	search_keep_end(k, v);
	free(v);
}

static struct search_index *open_index(void)
{
	struct search_index *x = NULL;

	ck_assert_int_eq(search_index_open(&x, &auditor), 0);
	return x;
}

static void keep_all(void)
{
	struct search_index *x = open_index();

	for (uint64_t n = 1; n <= SESSIONS; n++)
		if (search_index_has(x, session(n)) == NULL)
			keep(x, n);
	search_index_free(x);
}

struct hits {
	uint64_t at[HITS];
	size_t hits;
};

static void add_hit(struct hits *h, uint64_t n, uint64_t at_ns)
{
	ck_assert_uint_lt(h->hits, HITS);
	h->at[h->hits++] = n << 32 | at_ns;
}

static void scan(struct hits *h, const struct pattern *p, uint64_t n)
{
	size_t at, len;

	for (size_t i = 0; i < LINES; i++)
		if (pattern_find(p, line[n][i], strlen(line[n][i]), 0, &at, &len) == 1)
			add_hit(h, n, i * 1000);
}

/* Of one session, as far as the index is right: 0, or negative, and nothing was added. */
static int look_up(struct hits *h, struct search_index *x, struct search_shelf *shelf,
    const struct search_kept *k, const struct pattern *p)
{
	struct block_reader b = { 0 };
	size_t before = h->hits, at, len;
	int r = 0;

	for (int64_t i = 0; i < k->blocks && r == 0; i++) {
		if (!search_index_may(x, k->first + i))
			continue;
		r = search_shelf_block(shelf, k, i, &b);
		while (r == 0 && (r = block_reader_next(&b)) == 1) {
			r = 0;
			if (pattern_find(p, b.at.text, b.at.len, 0, &at, &len) == 1)
				add_hit(h, k->n, b.at.at_ns);
		}
	}
	block_reader_release(&b);
	if (r < 0)
		h->hits = before;
	return r;
}

/* Through the index, where it is not right without; returns how many were right there. */
static unsigned search(struct hits *h, struct search_index *x, const struct pattern *p)
{
	struct needs *needs = calloc(1, sizeof *needs);
	struct search_shelf shelf = { 0 };
	const struct search_kept *k;
	unsigned found = 0;
	int shelf_is = x != NULL ? search_shelf_open(&shelf, x) : -1;

	needs_add(needs, p);
	if (x != NULL)
		search_index_find(x, needs);
	for (uint64_t n = 1; n <= SESSIONS; n++) {
		k = x != NULL && shelf_is == 0 ? search_index_has(x, session(n)) : NULL;
		if (k != NULL && look_up(h, x, &shelf, k, p) == 0)
			found++;
		else
			scan(h, p, n);
	}
	search_shelf_close(&shelf);
	free(needs);
	return found;
}

static const char *const patterns[] = { "error", "Warning 12", "e", "ab", "7f3a 1", "(foo)", "++",
	"nothing like it", "gr\xc3\xbcn 4", "linux 3", "KELVIN", "\xe2\x84\xaa\145lvin 2" };

/* The same hits with it and without, whatever is asked for. */
static unsigned compare(struct search_index *x, size_t step)
{
	struct hits *with = malloc(sizeof *with), *without = malloc(sizeof *without);
	unsigned found = 0;
	char why[PATTERN_WHY];

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i += step)
		for (unsigned flags = 0; flags < 4; flags += (unsigned)step) {
			struct pattern *p;

			if (pattern_new(&p, patterns[i], flags, why) != 0)
				continue;
			with->hits = without->hits = 0;
			found += search(with, x, p);
			search(without, NULL, p);
			ck_assert_uint_eq(with->hits, without->hits);
			ck_assert_mem_eq(with->at, without->at, with->hits * sizeof with->at[0]);
			pattern_free(p);
		}
	free(with);
	free(without);
	return found;
}

START_TEST(same_hits)
{
	struct search_index *x;
	const struct search_kept *k;

	make_store();
	keep_all();
	x = open_index();
	k = search_index_has(x, session(5));
	ck_assert_ptr_nonnull(k);
	ck_assert_str_eq(k->user, "user5");
	ck_assert_ptr_nonnull(strstr(k->outcome, "CUT"));
	ck_assert_int_gt(k->blocks, 1);
	ck_assert_str_eq(search_index_has(x, session(6))->outcome, "");
	ck_assert_uint_ge(compare(x, 1), 40 * SESSIONS);
	search_index_free(x);
}
END_TEST

/* What it is for: most blocks are not looked at. */
START_TEST(blocks_are_left_out)
{
	struct needs needs = { .any = 0 };
	char why[PATTERN_WHY];
	struct search_index *x;
	struct pattern *p;

	make_store();
	keep_all();
	x = open_index();
	ck_assert_int_eq(pattern_new(&p, "nothing like it", 0, why), 0);
	needs_add(&needs, p);
	ck_assert_int_eq(search_index_find(x, &needs), 0);
	for (uint64_t n = 1; n <= SESSIONS; n++)
		ck_assert_int_eq(search_index_may(x, search_index_has(x, session(n))->first), 0);
	pattern_free(p);
	search_index_free(x);
}
END_TEST

static int64_t rows(const char *table)
{
	char sql[64];
	int64_t count = -1;
	sqlite3 *db;
	sqlite3_stmt *st;
	glob_t g;

	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
	ck_assert_int_eq(glob("shellac/search-*.db", 0, NULL, &g), 0);
	ck_assert_int_eq(sqlite3_open(g.gl_pathv[0], &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	if (sqlite3_step(st) == SQLITE_ROW)
		count = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	globfree(&g);
	return count;
}

/* A file that changed or went: nothing of it is kept, and the others are. */
START_TEST(what_went_is_forgotten)
{
	struct search_index *x;

	make_store();
	keep_all();
	put_file(3, "purged");
	ck_assert_int_eq(unlink(path_of(7)), 0);
	ck_assert_int_eq(store_walk(&auditor.store), 0);
	x = open_index();
	ck_assert_ptr_null(search_index_has(x, session(3)));
	search_index_free(x);
	ck_assert_int_eq(rows("session"), SESSIONS - 2);
	x = open_index();
	put_file(7, "another");
	ck_assert_int_eq(store_walk(&auditor.store), 0);
	search_index_free(x);
	usleep(300000);
	keep_all();
	x = open_index();
	ck_assert_ptr_nonnull(search_index_has(x, session(3)));
	ck_assert_ptr_nonnull(search_index_has(x, session(7)));
	ck_assert_uint_ge(compare(x, 1), 40 * SESSIONS);
	search_index_free(x);
}
END_TEST

/* Without END nothing of a session is kept, nor what was not committed. */
START_TEST(ends_in_the_middle)
{
	const struct search_line l = { SEARCH_LINE, 0, 0, SEARCH_NOT_TYPED, "text", 4 };
	struct search_index *x;
	struct search_keep *k;
	struct stat st;

	make_store();
	x = open_index();
	ck_assert_int_eq(stat(path_of(1), &st), 0);
	k = search_keep_new(x, session(1), &st);
	search_keep_line(k, &l);
	search_keep_end(k, NULL);
	search_index_free(x);
	x = open_index();
	ck_assert_ptr_null(search_index_has(x, session(1)));
	search_index_free(x);
}
END_TEST

static void only_mine(void)
{
	struct stat st;
	glob_t g;

	ck_assert_int_eq(glob("shellac/search-*", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		ck_assert_int_eq(stat(g.gl_pathv[i], &st), 0);
		ck_assert_int_eq(st.st_mode & 077, 0);
	}
	globfree(&g);
}

/* Bytes that change: it is refused, or what it says is right. */
START_TEST(damage_is_seen)
{
	struct search_index *x;
	uint8_t *good, byte;
	long size;
	glob_t g;
	FILE *f;

	make_store();
	keep_all();
	only_mine();
	ck_assert_int_eq(glob("shellac/search-*.db", 0, NULL, &g), 0);
	ck_assert_uint_eq(g.gl_pathc, 1);
	f = fopen(g.gl_pathv[0], "r+");
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	good = malloc((size_t)size);
	rewind(f);
	ck_assert_uint_eq(fread(good, 1, (size_t)size, f), (size_t)size);
	fclose(f);
	for (int i = 0; i < 60; i++) {
		ck_assert_int_eq(system("rm -f shellac/search-*"), 0);
		f = fopen(g.gl_pathv[0], "w");
		fwrite(good, 1, (size_t)size, f);
		for (int k = 0; k < 1 + i; k++) {
			fseek(f, random() % (i % 2 == 0 ? size : size / 50), SEEK_SET);
			byte = (uint8_t)random();
			fwrite(&byte, 1, 1, f);
		}
		fclose(f);
		if (search_index_open(&x, &auditor) != 0)
			continue;
		compare(x, 3);
		search_index_free(x);
	}
	free(good);
	globfree(&g);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { same_hits, blocks_are_left_out, what_went_is_forgotten,
		ends_in_the_middle, damage_is_seen };

	if (sodium_init() < 0)
		return 1;
	return suite_run("search_index", tests, sizeof tests / sizeof *tests);
}
