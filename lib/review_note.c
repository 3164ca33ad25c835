/* SPDX-License-Identifier: ISC */
#include "review_note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "decimal.h"
#include "err.h"
#include "utf8.h"

#define HEAD "shellac review v1\n"
#define HEX_ID (2 * ID_SIZE)
#define HEX_HASH (2 * HASH_SIZE)
#define ABOUT_MAX 256

static const char *const words[] = { "ok", "concern", "violation", "unreadable" };
#define WORDS (sizeof(words) / sizeof(words[0]))

const char *review_verdict_word(uint32_t verdict)
{
	return verdict >= 1 && verdict <= WORDS ? words[verdict - 1] : NULL;
}

enum review_verdict review_verdict_find(const char *word)
{
	unsigned i;

	for (i = 0; i < WORDS; i++)
		if (strcmp(words[i], word) == 0)
			return (enum review_verdict)(i + 1);
	return (enum review_verdict)0;
}

/* One line of text. */
static int text_good(const char *s)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + strlen(s);
	uint32_t cp;
	int n;

	if (end - p > REVIEW_TEXT_MAX)
		return 0;
	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		if (n <= 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return 0;
	}
	return 1;
}

void review_note_about(struct review_note *r, uint64_t entry, const uint8_t leaf[MERKLE_HASH])
{
	r->n = r->chunks = 0;
	r->entry = entry;
	memcpy(r->head, leaf, MERKLE_HASH);
	memcpy(r->id, leaf, ID_SIZE);
}

char *review_note_what(char out[REVIEW_WHAT], const struct review_note *r)
{
	snprintf(out, REVIEW_WHAT, "%s %" PRIu64, r->n != 0 ? "session" : "entry",
	    r->n != 0 ? r->n : r->entry);
	return out;
}

/* The lines that say what it is about. */
static int format_about(char out[ABOUT_MAX], const struct review_note *r)
{
	char id[HEX_ID + 1], head[HEX_HASH + 1];

	hex_put(id, r->id, ID_SIZE);
	hex_put(head, r->head, HASH_SIZE);
	if (r->n == 0)
		return snprintf(out, ABOUT_MAX, "entry %" PRIu64 " %s\n", r->entry, head);
	return snprintf(out, ABOUT_MAX, "session %" PRIu64 " %s\nchunks %" PRIu64 "\nhead %s\n", r->n,
	    id, r->chunks, head);
}

int review_note_format(char out[REVIEW_NOTE_MAX], const struct review_note *r)
{
	char about[ABOUT_MAX], key[NOTE_VKEY_MAX];
	const char *verdict = review_verdict_word(r->verdict);

	if (r->n > INT64_MAX || r->entry > INT64_MAX || r->chunks > INT64_MAX || verdict == NULL ||
	    !note_date_good(r->date) || r->key.alg != NOTE_ED25519 || !text_good(r->text))
		return E_FORMAT;
	(void)format_about(about, r);
	note_key_format(key, &r->key);
	return snprintf(out, REVIEW_NOTE_MAX, HEAD "%sverdict %s\ndate %s\nkey %s\ntext %s\n", about,
	    verdict, r->date, key, r->text);
}

/* "N ID" */
static int read_session(struct review_note *v, const char *s)
{
	size_t len = strcspn(s, " ");

	return decimal_get(&v->n, s, len) == 0 && v->n > 0 && s[len] == ' ' &&
	    strlen(s + len + 1) == HEX_ID && hex_get(v->id, ID_SIZE, s + len + 1) == 0;
}

/* "INDEX HASH" */
static int read_entry(struct review_note *v, const char *s)
{
	size_t len = strcspn(s, " ");
	uint8_t leaf[MERKLE_HASH];
	uint64_t entry;

	if (decimal_get(&entry, s, len) != 0 || s[len] != ' ' || strlen(s + len + 1) != HEX_HASH ||
	    hex_get(leaf, sizeof leaf, s + len + 1) != 0)
		return 0;
	review_note_about(v, entry, leaf);
	return 1;
}

static int read_about(struct review_note *v, struct rest *b)
{
	char line[NOTE_VKEY_MAX];

	if (note_text_take(b, "entry", line, sizeof line) == 0)
		return read_entry(v, line);
	return note_text_take(b, "session", line, sizeof line) == 0 && read_session(v, line) &&
	    note_text_take(b, "chunks", line, sizeof line) == 0 &&
	    decimal_get(&v->chunks, line, strlen(line)) == 0 &&
	    note_text_take(b, "head", line, sizeof line) == 0 && strlen(line) == HEX_HASH &&
	    hex_get(v->head, HASH_SIZE, line) == 0;
}

int review_note_parse(struct review_note *r, const char *text, size_t len)
{
	struct rest b = { .p = (const uint8_t *)text, .len = len };
	const uint8_t *head = rest_take(&b, sizeof(HEAD) - 1);
	struct review_note v = { .n = 0 };
	char line[NOTE_VKEY_MAX];

	if (head == NULL || memcmp(head, HEAD, sizeof(HEAD) - 1) != 0 || !read_about(&v, &b) ||
	    note_text_take(&b, "verdict", line, sizeof line) != 0 ||
	    (v.verdict = review_verdict_find(line)) == 0 ||
	    note_text_take(&b, "date", v.date, sizeof v.date) != 0 || !note_date_good(v.date) ||
	    note_text_take(&b, "key", line, sizeof line) != 0 ||
	    note_key_parse(&v.key, line) != 0 || v.key.alg != NOTE_ED25519 ||
	    note_text_take(&b, "text", v.text, sizeof v.text) != 0 || !text_good(v.text) ||
	    b.len > 0)
		return E_FORMAT;
	*r = v;
	return 0;
}

int review_note_open(struct review_note *r, const char *p, size_t len)
{
	struct review_note v;
	struct note note;
	int e;

	if (len > REVIEW_NOTE_MAX)
		return E_RANGE;
	if ((e = note_parse(&note, p, len)) != 0 ||
	    (e = review_note_parse(&v, note.text, note.text_len)) != 0 ||
	    (e = note_verify(&note, &v.key, NULL)) != 0)
		return e;
	*r = v;
	return 0;
}

static void salted(uint8_t out[HASH_SIZE], const uint8_t salt[ENTRY_SALT], const char *p, size_t len)
{
	struct hash h;

	hash_begin(&h);
	hash_add(&h, salt, ENTRY_SALT, p, len);
	hash_get(&h, out);
}

void review_note_entry(struct entry *e, const struct review_note *r, const char *p, size_t len)
{
	char key[NOTE_VKEY_MAX];

	note_key_format(key, &r->key);
	e->type = ENTRY_REVIEW;
	e->u.review.n = r->n;
	memcpy(e->u.review.id, r->id, ID_SIZE);
	e->u.review.verdict = r->verdict;
	salted(e->u.review.who, e->u.review.salt, key, strlen(key));
	salted(e->u.review.text, e->u.review.salt, p, len);
}

void review_note_name(char out[REVIEW_NAME_MAX], uint64_t n, const uint8_t digest[HASH_SIZE],
    const char *suffix)
{
	char hex[HEX_HASH + 1];

	hex_put(hex, digest, HASH_SIZE);
	snprintf(out, REVIEW_NAME_MAX, "%" PRIu64 "-%s.%s", n, hex, suffix);
}

int review_note_name_parse(const char *name, const char *suffix, uint64_t *n,
    uint8_t digest[HASH_SIZE])
{
	size_t len = strcspn(name, "-");
	char hex[HEX_HASH + 1];
	uint64_t v;

	if (decimal_get(&v, name, len) != 0 || name[len] != '-' ||
	    strlen(name + len + 1) != HEX_HASH + 1 + strlen(suffix))
		return E_FORMAT;
	name += len + 1;
	memcpy(hex, name, HEX_HASH);
	hex[HEX_HASH] = '\0';
	if (name[HEX_HASH] != '.' || strcmp(name + HEX_HASH + 1, suffix) != 0 ||
	    hex_get(digest, HASH_SIZE, hex) != 0)
		return E_FORMAT;
	*n = v;
	return 0;
}
