/* SPDX-License-Identifier: ISC */
#include "enrolment.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "checkpoint.h"
#include "err.h"
#include "utf8.h"

#define HEAD "shellac enrolment v1\n"
#define NONE "none"
#define TEXT_MAX (NOTE_MAX - 1 - 2 * NOTE_LINE_MAX)

void enrolment_init(struct enrolment *e, const char *host, const uint8_t first_pk[PK_SIZE],
    const uint8_t host_pk[PK_SIZE])
{
	char origin[NOTE_NAME_MAX + 1], *p;

	*e = (struct enrolment){.has_epoch = 0};
	snprintf(e->host, sizeof(e->host), "%s", host[0] != '\0' ? host : "localhost");
	for (p = e->host; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			*p = '_';
	cert_host_id(e->host_id, first_pk);
	checkpoint_origin_id(origin, e->host_id);
	note_key_make(&e->key, origin, NOTE_ED25519, host_pk);
}

/* A note's text is UTF-8 without control bytes but line feeds. */
static int policy_good(const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s, *end = p + len;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		n = utf8_next(p, (size_t)(end - p), &cp);
		if (n <= 0 || (cp < ' ' && cp != '\n'))
			return 0;
	}
	return len > 0 && s[len - 1] == '\n';
}

int enrolment_format(char out[NOTE_MAX], const struct enrolment *e)
{
	char vkey[NOTE_VKEY_MAX], epoch[2 * PK_SIZE + 1] = NONE, policy[2 * HASH_SIZE + 1] = NONE;
	uint8_t hash[HASH_SIZE];
	int n;

	if (e->policy != NULL && !policy_good(e->policy, e->policy_len))
		return E_FORMAT;
	if (e->policy_len > TEXT_MAX)
		return E_RANGE;
	note_key_format(vkey, &e->key);
	if (e->has_epoch)
		hex_put(epoch, e->epoch_pk, PK_SIZE);
	if (e->policy != NULL) {
		hash_of(hash, e->policy, e->policy_len);
		hex_put(policy, hash, HASH_SIZE);
	}
	n = snprintf(out, NOTE_MAX, HEAD "host %s\nkey %s\nepoch %s\npolicy %s\n", e->host, vkey,
	    epoch, policy);
	if ((size_t)n + e->policy_len > TEXT_MAX)
		return E_RANGE;
	if (e->policy != NULL)
		memcpy(out + n, e->policy, e->policy_len);
	return n + (int)e->policy_len;
}

/* Takes "WORD VALUE\n" off the rest.  0 or E_FORMAT. */
static int take_line(struct rest *b, const char *word, char *value, size_t size)
{
	const char *p = (const char *)b->p, *end = memchr(b->p, '\n', b->len);
	size_t n = strlen(word), len;

	if (end == NULL || (size_t)(end - p) <= n || memcmp(p, word, n) != 0 || p[n] != ' ')
		return E_FORMAT;
	len = (size_t)(end - p) - n - 1;
	if (len == 0 || len >= size || memchr(p, '\0', n + 1 + len) != NULL)
		return E_FORMAT;
	memcpy(value, p + n + 1, len);
	value[len] = '\0';
	rest_take(b, n + 1 + len + 1);
	return 0;
}

static int take_host(struct rest *b, struct enrolment *e)
{
	const char *p;
	int r;

	r = take_line(b, "host", e->host, sizeof(e->host));
	for (p = e->host; r == 0 && *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			r = E_FORMAT;
	return r;
}

/* By the host's name as a log, and by no other. */
static int take_key(struct rest *b, struct enrolment *e)
{
	char vkey[NOTE_VKEY_MAX];
	int r;

	r = take_line(b, "key", vkey, sizeof(vkey));
	if (r != 0 || note_key_parse(&e->key, vkey) != 0 || e->key.alg != NOTE_ED25519)
		return E_FORMAT;
	return checkpoint_origin_parse(e->host_id, e->key.name);
}

/* 1 and p, or 0 for "none". */
static int take_hex(struct rest *b, const char *word, uint8_t p[32])
{
	char text[2 * 32 + 1];

	if (take_line(b, word, text, sizeof(text)) != 0)
		return E_FORMAT;
	if (strcmp(text, NONE) == 0)
		return 0;
	return hex_get(p, 32, text) == 0 ? 1 : E_FORMAT;
}

static int take_policy(struct rest *b, struct enrolment *e)
{
	uint8_t want[HASH_SIZE], hash[HASH_SIZE];
	int r;

	r = take_hex(b, "policy", want);
	if (r <= 0)
		return r == 0 && b->len != 0 ? E_FORMAT : r;
	e->policy = (const char *)b->p;
	e->policy_len = b->len;
	if (!policy_good(e->policy, e->policy_len))
		return E_FORMAT;
	hash_of(hash, b->p, b->len);
	return memcmp(hash, want, HASH_SIZE) == 0 ? 0 : E_DIGEST;
}

int enrolment_parse(struct enrolment *e, const char *text, size_t len)
{
	struct rest b = {.p = (const uint8_t *)text, .len = len};
	struct enrolment v = {.has_epoch = 0};
	const uint8_t *head;
	int r;

	if (len > TEXT_MAX)
		return E_RANGE;
	head = rest_take(&b, sizeof(HEAD) - 1);
	if (head == NULL || memcmp(head, HEAD, sizeof(HEAD) - 1) != 0)
		return E_FORMAT;
	if ((r = take_host(&b, &v)) != 0 || (r = take_key(&b, &v)) != 0)
		return r;
	v.has_epoch = r = take_hex(&b, "epoch", v.epoch_pk);
	if (r >= 0)
		r = take_policy(&b, &v);
	if (r == 0)
		*e = v;
	return r;
}

int enrolment_open(struct enrolment *e, const char *p, size_t len, const struct note_key *auditor)
{
	struct enrolment v;
	struct note note;
	int r;

	if ((r = note_parse(&note, p, len)) != 0 ||
	    (r = enrolment_parse(&v, note.text, note.text_len)) != 0 ||
	    (r = note_verify(&note, &v.key, NULL)) != 0)
		return r;
	if (auditor != NULL && (r = note_verify(&note, auditor, NULL)) != 0)
		return r;
	*e = v;
	return 0;
}
