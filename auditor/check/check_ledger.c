/* SPDX-License-Identifier: ISC */
/* The ledger goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "check/check.h"
#include "check/check_note.h"
#include "err.h"
#include "ledger_file.h"

#define SLACK_S 5 /* an epoch ends when the collector has time for it */

/* Is it this host's?  0 or a negative code. */
static int is_signed(const struct check *k, const struct check_note *f)
{
	static struct auditor a;
	char origin[NOTE_NAME_MAX + 1];
	int r;

	snprintf(a.store_path, sizeof(a.store_path), "%s", k->paths.store);
	auditor_load_key(&a);
	if (!a.have_key)
		return 0; /* said among the keys */
	checkpoint_origin(origin, a.key.pk);
	r = host_chain_verify(&a.keys, origin, &f->note, &f->checkpoint, NULL);
	host_chain_free(&a.keys);
	return r;
}

static long age_of(const struct check *k, const char *name)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/" LEDGER_DIR "/%s", k->paths.store, name);
	return check_age(path);
}

void check_ledger(struct check *k)
{
	const char *fix = "see the collector's log, then start shellacd again";
	const char *state = check_text(k, "ledger.state");
	long age = age_of(k, LEDGER_CHECKPOINT), most = 2 * (long)k->conf.epoch_s + SLACK_S;
	struct check_note f;
	int r;

	if (k->status == NULL)
		return; /* nobody writes to it, which is said already */
	if (strcmp(state, "fine") != 0 && strcmp(state, "waits") != 0) {
		check_fail(k, fix, "the collector does not write it: %s", state);
		return;
	}
	if (age < 0 && check_number(k, "uptime_s") < most) {
		check_fine(k, "its first epoch has not ended yet");
		return;
	}
	r = check_note_read(&f, k, LEDGER_CHECKPOINT);
	if (r == 0)
		r = is_signed(k, &f);
	if (r != 0)
		check_fail(k, fix, "%s/" LEDGER_DIR "/" LEDGER_CHECKPOINT ": %s", k->paths.store,
		    err_text(r));
	else if (age > most)
		check_fail(k, fix, "the last epoch ended %ld s ago; one takes %u s", age,
		    k->conf.epoch_s);
	else
		check_fine(k, "%llu entries, the last epoch ended %ld s ago",
		    (unsigned long long)f.checkpoint.size, age);
	free(f.text);
}
