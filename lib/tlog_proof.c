/* SPDX-License-Identifier: ISC */
#include "tlog_proof.h"

#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "decimal.h"
#include "err.h"

#define HEAD "c2sp.org/tlog-proof@v1\n"
#define HEAD_LEN (sizeof(HEAD) - 1)
#define EXTRA "extra "
#define EXTRA_LEN (sizeof(EXTRA) - 1)
#define INDEX "index "
#define INDEX_LEN (sizeof(INDEX) - 1)

_Static_assert(HEAD_LEN + EXTRA_LEN + BASE64_SIZE(TLOG_EXTRA_MAX) + INDEX_LEN + DECIMAL_DIGITS + 1 +
    TLOG_PATH_MAX * BASE64_SIZE(MERKLE_HASH) + 1 + NOTE_MAX + 1 <= TLOG_PROOF_MAX, "it has room");

/* Base64 and a line feed at out; what is behind them. */
static char *put_base64(char *out, const uint8_t *p, size_t len)
{
	base64_put(out, p, len);
	out += BASE64_SIZE(len) - 1;
	*out++ = '\n';
	return out;
}

int tlog_proof_format(char out[TLOG_PROOF_MAX], const struct tlog_proof *p)
{
	char *end = out;
	unsigned i;

	if (p->extra_len > TLOG_EXTRA_MAX || p->hashes > TLOG_PATH_MAX || p->note_len > NOTE_MAX ||
	    p->index > INT64_MAX)
		return E_RANGE;
	memcpy(end, HEAD, HEAD_LEN);
	end += HEAD_LEN;
	if (p->extra_len > 0) {
		memcpy(end, EXTRA, EXTRA_LEN);
		end = put_base64(end + EXTRA_LEN, p->extra, p->extra_len);
	}
	end += snprintf(end, INDEX_LEN + DECIMAL_DIGITS + 2, INDEX "%llu\n",
	    (unsigned long long)p->index);
	for (i = 0; i < p->hashes; i++)
		end = put_base64(end, p->path[i], MERKLE_HASH);
	*end++ = '\n';
	memcpy(end, p->note, p->note_len);
	end += p->note_len;
	*end = '\0';
	return (int)(end - out);
}

/* The unread rest of the text, and the line that was taken of it. */
struct lines {
	const char *p, *end, *line;
	size_t len; /* of line, without its line feed */
};

/* 0, or E_FORMAT where no line feed is left. */
static int next_line(struct lines *l)
{
	const char *lf = memchr(l->p, '\n', (size_t)(l->end - l->p));

	if (lf == NULL)
		return E_FORMAT;
	l->line = l->p;
	l->len = (size_t)(lf - l->p);
	l->p = lf + 1;
	return 0;
}

static int line_begins(const struct lines *l, const char *word, size_t len)
{
	return l->len >= len && memcmp(l->line, word, len) == 0;
}

static int parse_extra(struct tlog_proof *p, const struct lines *l)
{
	size_t len = l->len - EXTRA_LEN;

	if (len > BASE64_SIZE(TLOG_EXTRA_MAX) - 1)
		return E_RANGE;
	if (len == 0)
		return E_FORMAT;
	return base64_get(p->extra, TLOG_EXTRA_MAX, l->line + EXTRA_LEN, len, &p->extra_len);
}

static int parse_path(struct tlog_proof *p, struct lines *l)
{
	int r;

	while ((r = next_line(l)) == 0 && l->len > 0) {
		if (p->hashes == TLOG_PATH_MAX)
			return E_RANGE;
		if (base64_get_all(p->path[p->hashes], MERKLE_HASH, l->line, l->len) != 0)
			return E_FORMAT;
		p->hashes++;
	}
	return r;
}

static int parse_lines(struct tlog_proof *p, struct lines *l)
{
	int r;

	if (next_line(l) != 0 || l->len != HEAD_LEN - 1 || !line_begins(l, HEAD, HEAD_LEN - 1))
		return E_FORMAT;
	if ((r = next_line(l)) != 0)
		return r;
	if (line_begins(l, EXTRA, EXTRA_LEN) &&
	    ((r = parse_extra(p, l)) != 0 || (r = next_line(l)) != 0))
		return r;
	if (!line_begins(l, INDEX, INDEX_LEN))
		return E_FORMAT;
	if ((r = decimal_get(&p->index, l->line + INDEX_LEN, l->len - INDEX_LEN)) != 0)
		return r;
	return parse_path(p, l);
}

int tlog_proof_parse(struct tlog_proof *p, const char *text, size_t len)
{
	struct lines l = { .p = text, .end = text + len };
	struct tlog_proof got;
	int r;

	memset(&got, 0, sizeof(got));
	if ((r = parse_lines(&got, &l)) != 0)
		return r;
	got.note = l.p;
	got.note_len = (size_t)(l.end - l.p);
	if (got.note_len == 0)
		return E_FORMAT;
	if (got.note_len > NOTE_MAX)
		return E_RANGE;
	*p = got;
	return 0;
}

int tlog_proof_check(const struct tlog_proof *p, const uint8_t leaf[MERKLE_HASH],
    const struct note_key *log, struct note *n, struct checkpoint *c)
{
	struct checkpoint state;
	struct note note;
	int r;

	if ((r = note_parse(&note, p->note, p->note_len)) != 0 ||
	    (r = note_verify(&note, log, NULL)) != 0 ||
	    (r = checkpoint_parse(&state, note.text, note.text_len)) != 0)
		return r;
	if (strcmp(state.origin, log->name) != 0)
		return E_KEY;
	r = merkle_check_inclusion(p->index, state.size, leaf, (const uint8_t(*)[MERKLE_HASH])p->path,
	    p->hashes, state.root);
	if (r != 0)
		return r;
	*n = note;
	*c = state;
	return 0;
}
