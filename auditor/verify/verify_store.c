/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auditor.h"
#include "err.h"
#include "store/fleet_store.h"
#include "verify/verify.h"
#include "verify/verify_print.h"

#define MISSING_MAX 100000 /* lines; a forged number must not fill the screen */

static void find_loose(struct verify *v, uint64_t n, uint64_t offset, const char *kind,
    const char *text)
{
	struct finding f = { .chunk = -1, .offset = offset, .kind = kind };

	snprintf(f.text, sizeof f.text, "%s", text);
	verify_print_finding(v, n, NULL, &f);
}

/* The last number that store or ledger know of. */
static uint64_t last_number(const struct verify *v, const struct store *s)
{
	const struct evidence *e = &v->evidence;
	uint64_t opened = e->sessions > 0 ? e->first_n + (e->sessions - 1) : 0;

	return s->last > opened ? s->last : opened;
}

/* Are the numbers exactly 1 to the last, each once? */
static int is_gapless(const struct verify *v, const struct store *s)
{
	size_t i;

	for (i = 0; i < s->sessions; i++)
		if (s->session[i].name.n != i + 1)
			return 0;
	return last_number(v, s) <= s->sessions;
}

static const char *why_missing(const struct verify *v, const struct store *s, uint64_t n)
{
	if (s->fleet != NULL && fleet_store_dropped(s, n))
		return "the fleet says that its policy deleted it, which nothing proves";
	return evidence_of(&v->evidence, n) != NULL ?
	    "the ledger has an OPEN of this session, the store no file" :
	    "no file of this session is in the store";
}

/* The fleet says that it has it no more, and the ledger that it is that old. */
static int need_not_be(const struct verify *v, const struct store *s, uint64_t n)
{
	const struct evidence_session *x = evidence_of(&v->evidence, n);

	return x != NULL && s->fleet != NULL && fleet_store_dropped(s, n) &&
	    evidence_is_older(&v->evidence, x->expect.open, v->kept_ns);
}

static void missing(struct verify *v, const struct store *s, uint64_t from, uint64_t to)
{
	uint64_t n;

	for (n = from; n < to && n - from < MISSING_MAX; n++) {
		if (need_not_be(v, s, n)) {
			v->dropped++;
			continue;
		}
		v->count[VERIFY_MISSING]++;
		v->sessions++;
		verify_print_session(v, n, NULL, "MISSING", LEVEL_NONE, NULL);
		find_loose(v, n, 0, "missing", why_missing(v, s, n));
	}
	if (n < to) {
		v->loose++;
		find_loose(v, n, 0, "missing", "and so are all up to the next one");
	}
}

static void verify_sessions(struct verify *v, struct store *s)
{
	/* now: the ledger may be read again below, and know of younger ones */
	uint64_t next = 1, last = last_number(v, s);
	size_t i;

	for (i = 0; i < s->sessions; i++) {
		struct store_session *e = &s->session[i];

		if (e->name.n >= next)
			missing(v, s, next, e->name.n);
		verify_session(v, s, e);
		if (e->name.n < next)
			find_loose(v, e->name.n, 0, "duplicate", "another file has this number too");
		else
			next = e->name.n + 1;
	}
	if (last >= next)
		missing(v, s, next, last + 1);
}

static void verify_strays(struct verify *v, const struct store *s)
{
	char text[160];
	size_t i;

	for (i = 0; i < s->strays; i++) {
		snprintf(text, sizeof text, "%s does not belong in a store", s->stray[i]);
		v->loose++;
		find_loose(v, 0, 0, "unknown", text);
	}
}

void verify_store(struct verify *v, struct store *s)
{
	static const struct timespec again = { .tv_nsec = VERIFY_AGAIN_NS };
	int r = store_want_all(s);

	if (r != 0) {
		complain("sessions: %s", err_text(r));
		v->cannot = 1;
		return;
	}
	if (!is_gapless(v, s)) {
		nanosleep(&again, NULL);
		r = store_walk(s);
		if (r != 0) {
			complain("sessions: %s", err_text(r));
			v->cannot = 1;
			return;
		}
	}
	verify_sessions(v, s);
	verify_strays(v, s);
	verify_processes(v, s);
	verify_reviews(v, s);
}
