/* SPDX-License-Identifier: ISC */
/* Witnesses see the ledger. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check/check.h"
#include "check/check_note.h"
#include "err.h"
#include "host/alerts.h"
#include "ledger_file.h"
#include "witness_policy.h"

#define ASK alerts[ALERT_WITNESS_AWAY].remedy

static const char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

/* What the collector hears from each of them; 1 if nothing is wrong. */
static int check_answers(struct check *k)
{
	json_t *list = json_object_get(k->status, "witnesses"), *w;
	int good = 1;
	size_t i;

	json_array_foreach (list, i, w) {
		const char *name = member(w, "name"), *state = member(w, "state");

		if (strcmp(state, "fine") == 0 || strcmp(state, "new") == 0)
			continue;
		good = 0;
		if (strcmp(state, "ROLLBACK") == 0 || strcmp(state, "FORK") == 0)
			check_fail(k, alerts[ALERT_WITNESS_ALARM].remedy, "%s: %s: %s",
			    alerts[ALERT_WITNESS_ALARM].words, name, state);
		else
			check_warn(k, ASK, "%s: %s is %s: %s", alerts[ALERT_WITNESS_AWAY].words, name,
			    state, member(w, "error"));
	}
	return good;
}

/* Entries that the witnesses have not seen yet. */
static unsigned long long behind(const struct check *k, const struct check_note *cosigned)
{
	struct check_note own;
	unsigned long long n = 0;

	if (check_note_read(&own, k, LEDGER_CHECKPOINT) == 0 &&
	    own.checkpoint.size > cosigned->checkpoint.size)
		n = own.checkpoint.size - cosigned->checkpoint.size;
	free(own.text);
	return n;
}

/* What the witnesses signed last, against what the policy wants. */
static void check_cosigned(struct check *k, const struct witness_policy *p)
{
	uint64_t then = 0, now = (uint64_t)time(NULL);
	struct check_note f;
	int good = check_answers(k), r = check_note_read(&f, k, LEDGER_COSIGNED);

	if (r == 0)
		r = policy_check(p, &f.note, &then);
	if (r == -ENOENT)
		check_fail(k, ASK, "no checkpoint was ever cosigned");
	else if (r < 0)
		check_fail(k, ASK, "%s/" LEDGER_DIR "/" LEDGER_COSIGNED ": %s", k->paths.store,
		    err_text(r));
	else if (r == 0)
		check_fail(k, ASK, "the last cosigned checkpoint has too few of the policy's "
		    "witnesses");
	else if (then + ALERT_LAG_S < now)
		check_fail(k, ASK, "the last cosignature is %llu s old, %llu entries behind",
		    (unsigned long long)(now - then), behind(k, &f));
	else if (good)
		check_fine(k, "cosigned, %llu entries behind", behind(k, &f));
	free(f.text);
}

void check_witness(struct check *k)
{
	const char *path = k->conf.witness_policy;
	struct witness_policy *p;
	unsigned line = 0;
	int r;

	if (path[0] == '\0') {
		if (k->installed)
			check_warn(k, "witness_policy in shellac.conf(5)", "no witness: nobody sees it "
			    "when this host is put back to an earlier state");
		else
			check_fine(k, "none is configured");
		return;
	}
	r = policy_load(&p, path, &line);
	if (r != 0) {
		check_fail(k, "see witness_policy in shellac.conf(5)", "%s:%u: %s; nothing is "
		    "cosigned", path, line, err_text(r));
		return;
	}
	if (policy_witnesses(p) > 0)
		check_cosigned(k, p);
	else
		check_warn(k, "see witness_policy in shellac.conf(5)", "%s names no witness", path);
	policy_free(p);
}
