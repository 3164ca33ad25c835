/* SPDX-License-Identifier: ISC */
/* shellac review sign, submit. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "output/outcome.h"
#include "review/entries.h"
#include "review/sign_off.h"
#include "review/verbs.h"
#include "store/select.h"

/* Judges the session once more, so that nobody signs for better than it is; what is wrong
 * with it is said, and hinders nobody. */
static int judge_it(struct auditor *a, struct store_session *e, struct verdict *v)
{
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	int r = judge_session(&a->store, e, &how, v);

	if (r == 0) {
		(void)outcome_stop(e, v);
		return AUDIT_OK;
	}
	complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
	return AUDIT_CANNOT;
}

static void remark_own(const struct sign_off *s, const struct verdict *v)
{
	if (v->chain.have_cert && strcmp(v->chain.cert.user, s->note.key.name) == 0)
		complain("session %llu is of %s, who signs this; somebody else should look at it, too",
		    (unsigned long long)s->note.n, s->note.key.name);
}

static int make_entry(struct auditor *a, struct sign_off *s, uint64_t index,
    const struct sign_off_word *word)
{
	uint8_t leaf[MERKLE_HASH];
	int r = entries_leaf(&a->store, index, leaf);

	if (r == 0)
		return sign_off_make_entry(s, index, leaf, word);
	complain("entry %llu: %s", (unsigned long long)index, r == -ENOENT ?
	    "the ledger has none of this number" : err_text(r));
	return r == -ENOENT ? AUDIT_USAGE : AUDIT_CANNOT;
}

static int make_session(struct auditor *a, struct sign_off *s, struct store_session *e,
    const struct sign_off_word *word)
{
	static struct verdict v;
	int status = judge_it(a, e, &v);

	if (status == AUDIT_OK)
		status = sign_off_make(s, e, &v, word);
	if (status == AUDIT_OK)
		remark_own(s, &v);
	return status;
}

int review_sign_open(struct auditor *a, const struct review_args *args)
{
	const struct sign_off_word word = { args->verdict, args->text, args->key };
	struct store_session *e = NULL;
	struct sign_off s;
	uint64_t index;
	int status;

	if (entries_named(args->argv[0], &index))
		status = make_entry(a, &s, index, &word);
	else if ((e = select_or_complain(a, args->argv[0], &status)) != NULL)
		status = make_session(a, &s, e, &word);
	if (status != AUDIT_OK)
		return status;
	return args->output != NULL ? sign_off_write(&s, args->output) : sign_off_submit(&s, a, e);
}

static int no_host(void)
{
	complain("a copied store has no collector: write the sign-off with -o FILE, and hand it in "
	    "on the host with \"shellac review submit FILE\"");
	return AUDIT_USAGE;
}

int review_sign_can(const struct auditor *a, const struct review_args *args)
{
	if (args->key == NULL) {
		complain("this takes your secret key: --key FILE or $SHELLAC_REVIEW_KEY; \"shellac key "
		    "auditor FILE\" makes one");
		return AUDIT_USAGE;
	}
	return a->control[0] == '\0' && args->output == NULL ? no_host() : AUDIT_OK;
}

int review_sign(struct auditor *a, const struct review_args *args)
{
	struct review_args one = *args;
	const char *wrong;
	int status;

	if (args->text == NULL)
		one.text = "";
	wrong = sign_off_text_wrong(one.text);
	if (args->argc != 1 || args->verdict == 0) {
		complain(args->argc != 1 ? "review sign takes one session (its number, the start of its "
		    "id, or \"last\"), or entry:N of the ledger" : "review sign wants --verdict ok, concern, violation or "
		    "unreadable");
		return AUDIT_USAGE;
	}
	if (wrong != NULL) {
		complain("--text: %s", wrong);
		return AUDIT_USAGE;
	}
	status = review_sign_can(a, args);
	if (status == AUDIT_OK)
		status = auditor_open(a, 1);
	return status == AUDIT_OK ? review_sign_open(a, &one) : status;
}

static int submit_one(struct auditor *a, const char *path)
{
	struct store_session *e = NULL;
	struct sign_off s;
	size_t i;
	int status = sign_off_read(&s, path);

	if (status != AUDIT_OK)
		return status;
	for (i = 0; i < a->store.sessions && e == NULL; i++)
		if (a->store.session[i].name.n == s.note.n &&
		    memcmp(a->store.session[i].name.id, s.note.id, ID_SIZE) == 0)
			e = &a->store.session[i];
	if (e != NULL || s.note.n == 0)
		return sign_off_submit(&s, a, e);
	complain("%s: session %llu that it is about is not in %s", path,
	    (unsigned long long)s.note.n, a->store_path);
	return AUDIT_CANNOT;
}

int review_submit(struct auditor *a, const struct review_args *args)
{
	int i, r, status;

	if (args->argc == 0) {
		complain("review submit takes files that review sign -o wrote");
		return AUDIT_USAGE;
	}
	if (a->control[0] == '\0')
		return no_host();
	status = auditor_open(a, 0);
	if (status != AUDIT_OK)
		return status;
	for (i = 0; i < args->argc; i++) {
		r = submit_one(a, args->argv[i]);
		if (status != AUDIT_FINDING && r != AUDIT_OK)
			status = r;
	}
	return status;
}
