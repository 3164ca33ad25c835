/* SPDX-License-Identifier: ISC */
#include "review/sign_off.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/access.h"
#include "base64.h"
#include "err.h"
#include "escape.h"
#include "io.h"
#include "key/key.h"
#include "output/new_file.h"
#include "store/live.h"

const char *sign_off_text_wrong(const char *text)
{
	struct review_note n = { .n = 1, .verdict = REVIEW_OK };
	char out[REVIEW_NOTE_MAX];
	static const uint8_t pk[PK_SIZE];

	(void)note_key_make(&n.key, "x", NOTE_ED25519, pk);
	note_date_now(n.date);
	if (strlen(text) > REVIEW_TEXT_MAX)
		return "it is longer than 2000 bytes";
	memcpy(n.text, text, strlen(text) + 1);
	return review_note_format(out, &n) < 0 ?
	    "it is one line of UTF-8 text, without control characters" : NULL;
}

static int say_and_sign(struct sign_off *s, const struct sign_off_word *word)
{
	char line[NOTE_LINE_MAX];
	uint8_t sk[SK_SIZE];
	int status = key_load_auditor(word->key_path, &s->note.key, sk), len, n = E_FORMAT;

	if (status != AUDIT_OK)
		return status;
	s->note.verdict = word->verdict;
	note_date_now(s->note.date);
	snprintf(s->note.text, sizeof s->note.text, "%s", word->text);
	len = review_note_format(s->text, &s->note);
	if (len > 0)
		n = note_sign(line, s->text, (size_t)len, &s->note.key, sk, 0);
	sodium_memzero(sk, sizeof sk);
	if (n < 0 || len + 1 + n > REVIEW_NOTE_MAX) {
		complain("this cannot be signed: %s", err_text(n < 0 ? n : E_RANGE));
		return AUDIT_CANNOT;
	}
	s->len = (size_t)(len + snprintf(s->text + len, sizeof s->text - (size_t)len, "\n%s", line));
	return AUDIT_OK;
}

int sign_off_make(struct sign_off *s, const struct store_session *e, const struct verdict *v,
    const struct sign_off_word *word)
{
	memset(s, 0, sizeof *s);
	s->note.n = e->name.n;
	memcpy(s->note.id, e->name.id, ID_SIZE);
	s->note.chunks = v->chain.chunk;
	memcpy(s->note.head, v->chain.prev, HASH_SIZE);
	return say_and_sign(s, word);
}

int sign_off_make_entry(struct sign_off *s, uint64_t entry, const uint8_t leaf[MERKLE_HASH],
    const struct sign_off_word *word)
{
	memset(s, 0, sizeof *s);
	review_note_about(&s->note, entry, leaf);
	return say_and_sign(s, word);
}

int sign_off_read(struct sign_off *s, const char *path)
{
	uint8_t *p = NULL;
	size_t len = 0;
	int r = strcmp(path, "-") == 0 ? io_read_fd(STDIN_FILENO, REVIEW_NOTE_MAX, &p, &len) :
	    io_read_file(AT_FDCWD, path, REVIEW_NOTE_MAX, &p, &len);

	if (r == 0)
		r = review_note_open(&s->note, (char *)p, len);
	if (r == 0) {
		memcpy(s->text, p, len + 1);
		s->len = len;
	}
	free(p);
	if (r == 0)
		return AUDIT_OK;
	complain("%s: %s", path, r == E_FORMAT || r == E_KEY || r == E_RANGE ?
	    "this is no sign-off; shellac review sign -o FILE makes one" : err_text(r));
	return r == E_SIGNATURE ? AUDIT_FINDING : AUDIT_CANNOT;
}

static int write_text(void *ctx, int fd)
{
	const struct sign_off *s = ctx;

	return io_write_all(fd, s->text, s->len);
}

int sign_off_write(struct sign_off *s, const char *path)
{
	return new_file(path, write_text, s) == 0 ? AUDIT_OK : AUDIT_CANNOT;
}

/* On the control socket: 0 and the leaf; E_REFUSED with why, which the caller frees; or
 * -errno. */
static int submit_line(const struct sign_off *s, const char *control, const char *day,
    uint64_t *leaf, char **why)
{
	char note[BASE64_SIZE(REVIEW_NOTE_MAX)], line[sizeof note + 64], *answer;
	unsigned long long v;
	int r;

	base64_put(note, (const uint8_t *)s->text, s->len);
	snprintf(line, sizeof line, "review %s %s\n", day, note);
	r = live_ask(control, line, &answer);
	if (r != 0)
		return r;
	if (sscanf(answer, "ok %llu", &v) == 1) {
		*leaf = v;
		free(answer);
		return 0;
	}
	*why = answer;
	return E_REFUSED;
}

static const char *refusal(const char *answer)
{
	if (strncmp(answer, "refused ", 8) == 0)
		return answer + 8;
	return strcmp(answer, "late") == 0 ? "the collector takes long to log this; shellac review list "
	    "shows whether it did" : "the collector does not understand this; is it an older one?";
}

int sign_off_submit(const struct sign_off *s, struct auditor *a, const struct store_session *e)
{
	char *why = NULL, who[4 * NOTE_NAME_MAX], what[REVIEW_WHAT];
	const char *day = e != NULL ? e->day : "-";
	uint64_t leaf = 0;
	int r;

	review_note_what(what, &s->note);
	if (a->store.access != NULL)
		r = access_review(a->store.access, day, s->text, &leaf);
	else
		r = submit_line(s, a->control, day, &leaf, &why);
	if (r == 0) {
		printf("%s: signed off by %s as %s, entry %llu of the ledger\n", what,
		    escape_str(who, sizeof who, s->note.key.name), review_verdict_word(s->note.verdict),
		    (unsigned long long)leaf);
		return AUDIT_OK;
	}
	if (why != NULL)
		complain("%s: %s", what, refusal(why));
	else if (r != E_REFUSED) /* what access said auditor_close() says */
		complain("%s: %s; shellacd has to run for this, or give -o FILE", what,
		    err_text(r));
	free(why);
	return AUDIT_CANNOT;
}
