/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "review/review.h"
#include "review_note.h"
#include "verify/verify.h"
#include "verify/verify_print.h"

static void find(struct verify *v, uint64_t n, const char *text)
{
	struct finding f = { .chunk = -1, .kind = "review" };

	snprintf(f.text, sizeof f.text, "%s", text);
	v->loose++;
	verify_print_finding(v, n, NULL, &f);
}

/* Is what was looked at a beginning of the session that the ledger closed, or its entry? */
static int is_of_session(const struct verify *v, const struct review *r)
{
	const struct evidence_session *s = evidence_of(&v->evidence, r->n);
	const struct expect *x = s != NULL ? &s->expect : NULL;

	if (r->n == 0)
		return !r->other;

	if (x == NULL)
		return 1;
	if (memcmp(x->id, r->id, ID_SIZE) != 0)
		return 0;
	if (x->close == NO_LEAF || r->chunks < x->chunks || r->chunks == 0)
		return 1;
	return r->chunks == x->chunks && memcmp(r->head, x->head, HASH_SIZE) == 0;
}

static void look_at(struct verify *v, const struct review *r)
{
	char text[160];

	if (!r->fits)
		snprintf(text, sizeof text, "entry %llu of the ledger is a sign-off whose note is not "
		    "in the store, or is another", (unsigned long long)r->leaf);
	else if (!is_of_session(v, r))
		snprintf(text, sizeof text, "entry %llu of the ledger is a sign-off of something else "
		    "than there is", (unsigned long long)r->leaf);
	else
		return;
	find(v, r->n, text);
}

/* Else its ledger need not be read once more. */
static int may_have_any(const struct verify *v, const struct store *s)
{
	struct store_state state;

	return v->evidence.reviews > 0 ||
	    store_file_state(s, REVIEW_DIR, &state) != -ENOENT;
}

void verify_reviews(struct verify *v, const struct store *s)
{
	char text[160];
	struct reviews all;
	size_t i;
	int r;

	if (!may_have_any(v, s))
		return;
	r = reviews_read_store(&all, s);
	if (r != 0) {
		complain(REVIEW_DIR ": %s", err_text(r));
		v->cannot = 1;
		return;
	}
	for (i = 0; i < all.reviews; i++)
		look_at(v, &all.review[i]);
	for (i = 0; i < all.looses; i++) {
		snprintf(text, sizeof text, REVIEW_DIR "/%.100s: no entry of the ledger is about this",
		    all.loose[i]);
		find(v, 0, text);
	}
	reviews_release(&all);
}
