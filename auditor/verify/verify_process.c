/* SPDX-License-Identifier: ISC */
/* The process records: each slot as the format says, and all that the ledger's epochs
 * vouch for, byte by byte. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "hash.h"
#include "io.h"
#include "procs/process_walk.h"
#include "store/fleet_store.h"
#include "verify/verify.h"
#include "verify/verify_print.h"

#define PIECE 65536
#define FINDINGS_MAX 20 /* lines about epochs; where one byte is gone, all behind it differ */

static void find(struct verify *v, uint64_t offset, const char *text)
{
	struct finding f = { .chunk = -1, .offset = offset, .kind = "process" };

	snprintf(f.text, sizeof f.text, "%s", text);
	v->loose++;
	verify_print_finding(v, 0, NULL, &f);
}

static void record(void *arg, const struct process_record *p, const struct acct_record *r)
{
	struct verify *v = arg;

	(void)p;
	(void)r;
	v->processes++;
}

static void trouble(void *arg, const char *path, uint64_t offset, const char *text, int tail)
{
	char line[160];

	if (tail) { /* the collector may be writing it, or was stopped while it did */
		complain("%s: %s, left out", path, text);
		return;
	}
	snprintf(line, sizeof line, "%s: %s", path, text);
	find(arg, offset, line);
}

/* All segments one behind the other: shellac-format(5), EPOCH. */
struct stream {
	const struct store *store;
	uint64_t *k;  /* numbers of the segments */
	size_t count, next;
	int fd;       /* of the segment before next, -1 before the first */
	uint64_t pos; /* of the stream */
	uint64_t off; /* of that segment */
	uint8_t buf[PIECE];
};

static void segment_name(char out[PROCESS_NAME_MAX], const struct stream *s)
{
	process_file_name(out, s->next > 0 ? s->k[s->next - 1] : 1);
}

static int next_segment(struct stream *s)
{
	char name[PROCESS_NAME_MAX], path[sizeof "process/" + sizeof name];

	snprintf(path, sizeof path, "process/%s", process_file_name(name, s->k[s->next]));
	if (s->fd >= 0)
		close(s->fd);
	s->fd = store_open_file(s->store, path);
	s->next++;
	s->off = 0;
	return s->fd < 0 ? s->fd : 0;
}

/* At most len bytes of the stream, PIECE at a time, into buf.  How many, 0 at its end. */
static ssize_t read_some(struct stream *s, uint64_t len)
{
	ssize_t got = 0;
	int r;

	for (;;) {
		if (s->fd >= 0)
			got = io_pread_all(s->fd, s->buf, len < PIECE ? (size_t)len : PIECE, s->off);
		if (got != 0 || s->next == s->count)
			break;
		if ((r = next_segment(s)) != 0)
			return r;
	}
	if (got > 0) {
		s->off += (uint64_t)got;
		s->pos += (uint64_t)got;
	}
	return got;
}

/* Where a segment is read to its end, to the begin of the next. */
static int settle(struct stream *s)
{
	uint8_t one;
	ssize_t got = 0;
	int r = 0;

	while (r == 0 && s->next < s->count) {
		if (s->fd >= 0)
			got = io_pread_all(s->fd, &one, sizeof one, s->off);
		if (got != 0)
			return got < 0 ? (int)got : 0;
		r = next_segment(s);
	}
	return r;
}

static int hash_to(struct stream *s, uint64_t to, uint8_t out[HASH_SIZE])
{
	struct hash h;
	ssize_t got = 1;

	hash_begin(&h);
	while (s->pos < to && (got = read_some(s, to - s->pos)) > 0)
		hash_add(&h, s->buf, (size_t)got, NULL, 0);
	hash_get(&h, out);
	return got < 0 ? (int)got : got == 0 ? E_SHORT : 0;
}

static void find_epoch(struct verify *v, const struct evidence_epoch *k, const char *name,
    uint64_t offset, int is_short)
{
	char line[160];

	if (is_short)
		snprintf(line, sizeof line, "process/%s: it ends here, and the ledger's epoch %" PRIu64
		    " vouches for more", name, k->number);
	else
		snprintf(line, sizeof line, "process/%s: from here on, %" PRIu64 " bytes are not "
		    "what the ledger's epoch %" PRIu64 " vouches for", name,
		    k->records_to - k->records_from, k->number);
	find(v, offset, line);
}

/* 0; or E_SHORT, said; or negative. */
static int check_epoch(struct verify *v, struct stream *s, const struct evidence_epoch *k,
    unsigned *wrong)
{
	char name[PROCESS_NAME_MAX];
	uint8_t hash[HASH_SIZE];
	uint64_t offset;
	int r = settle(s);

	if (r != 0)
		return r;
	segment_name(name, s);
	offset = s->off;
	r = hash_to(s, k->records_to, hash);
	if (r == E_SHORT) {
		segment_name(name, s);
		offset = s->off;
	} else if (r != 0 || memcmp(hash, k->records, HASH_SIZE) == 0) {
		return r;
	}
	if ((*wrong)++ < FINDINGS_MAX)
		find_epoch(v, k, name, offset, r == E_SHORT);
	return r;
}

/* Of a fleet that has the first records no more: those that are vouched for with them cannot
 * be told, nor whether they were right. */
static int pass_gone(struct verify *v, struct stream *s, uint64_t gone, size_t *next)
{
	const struct evidence *e = &v->evidence;
	uint8_t hash[HASH_SIZE];
	int young = 0, r = 0;
	size_t i;

	s->pos = gone;
	for (i = 0; i < e->epochs && e->epoch[i].records_from < gone && r == 0; i++) {
		young |= e->epoch[i].records_to > e->epoch[i].records_from &&
		    e->epoch[i].wall_ns >= v->kept_ns;
		r = hash_to(s, e->epoch[i].records_to, hash);
	}
	if (r == E_SHORT)
		find(v, 0, "there are fewer than the ledger vouches for");
	if (young)
		find(v, 0, "the fleet says that it has the first of them no more, which nothing "
		    "proves");
	*next = i;
	return r;
}

static int check_epochs(struct verify *v, struct stream *s, uint64_t gone)
{
	const struct evidence *e = &v->evidence;
	unsigned wrong = 0;
	uint8_t hash[HASH_SIZE];
	char line[80];
	size_t i = 0;
	int r = 0;

	if (gone > 0)
		r = pass_gone(v, s, gone, &i);
	/* what was there before the first epoch is nobody's word */
	else if (e->epochs > 0 && (r = hash_to(s, e->epoch[0].records_from, hash)) == E_SHORT)
		find(v, 0, "there are fewer than the ledger vouches for");
	for (; i < e->epochs && r == 0; i++)
		r = check_epoch(v, s, &e->epoch[i], &wrong);
	if (wrong > FINDINGS_MAX) {
		snprintf(line, sizeof line, "and so are those of %u more epochs",
		    wrong - FINDINGS_MAX);
		find(v, 0, line);
	}
	return r == E_SHORT ? 0 : r;
}

static int check_ledger(struct verify *v, const struct store *store)
{
	struct stream *s;
	uint64_t gone = 0;
	int r = 0;

	if (!v->have_evidence)
		return 0;
	if (store->fleet != NULL && (r = fleet_store_records_gone(store, &gone)) != 0)
		return r;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->store = store;
	s->fd = -1;
	r = process_walk_list(store, &s->k, &s->count);
	if (r == 0)
		r = check_epochs(v, s, gone);
	if (s->fd >= 0)
		close(s->fd);
	free(s->k);
	free(s);
	return r;
}

void verify_processes(struct verify *v, const struct store *s)
{
	struct process_walk w = { .record = record, .trouble = trouble, .arg = v };
	long files = process_walk(s, &w);
	int r = files < 0 ? (int)files : check_ledger(v, s);

	if (r != 0) {
		complain("process records: %s", err_text(r));
		v->cannot = 1;
		return;
	}
	v->process_files = (unsigned long long)files;
}
