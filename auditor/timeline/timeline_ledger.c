/* SPDX-License-Identifier: ISC */
/* What the host's ledger says that is of interest beside sessions. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "ledger/ledger_access.h"
#include "ledger/ledger_text.h"
#include "ledger_file.h"
#include "timeline/timeline.h"

/* NULL: left out; a session's begin and end, and gaps of coverage, are known better. */
static const char *kind_of(const struct entry *e)
{
	switch (e->type) {
	case ENTRY_GENESIS: return "ledger-begin";
	case ENTRY_BOOT: return "collector-start";
	case ENTRY_GAP: return "recording-gap";
	case ENTRY_FAIL: return e->u.fail.error != 0 ? "failure" : "failure-over";
	case ENTRY_RECOVER: return "recovered";
	case ENTRY_CLOCK: return "clock";
	case ENTRY_CONFIG: return "configuration";
	case ENTRY_ACCESS: return "access";
	case ENTRY_REVIEW: return "review";
	case ENTRY_PURGE: return "purge";
	case ENTRY_KEY: return "key";
	default: return NULL;
	}
}

static uint64_t session_of(const struct entry *e)
{
	switch (e->type) {
	case ENTRY_GAP: return e->u.gap.n;
	case ENTRY_FAIL: return e->u.fail.n;
	case ENTRY_REVIEW: return e->u.review.n;
	case ENTRY_PURGE: return e->u.purge.n;
	default: return 0;
	}
}

static void put_see(struct timeline_row *r, const struct entry *e)
{
	if (e->type == ENTRY_GAP)
		snprintf(r->see, sizeof r->see, "shellac replay --at chunk:%" PRIu64 " %" PRIu64,
		    e->u.gap.chunk, r->session);
	else if (e->type == ENTRY_REVIEW)
		snprintf(r->see, sizeof r->see, "shellac review list");
	else
		snprintf(r->see, sizeof r->see, "shellac ledger --since %" PRIu64, e->index);
}

static void add(struct timeline *t, struct auditor *a, const struct entry *e)
{
	static struct ledger_access who;
	struct timeline_row r = { .wall_ns = e->wall_ns, .kind = kind_of(e), .source = "ledger",
		.session = session_of(e) };
	char text[LEDGER_TEXT_MAX];

	if (r.kind == NULL)
		return;
	ledger_text(text, e);
	r.text = text;
	put_see(&r, e);
	if (e->type == ENTRY_ACCESS && a->store.access == NULL &&
	    ledger_access_read(&who, &a->store, e) == 0) {
		r.user = who.who;
		r.text = who.what;
	}
	timeline_add(t, &r);
}

int timeline_ledger(struct timeline *t, struct auditor *a)
{
	int fd = store_open_file(&a->store, LEDGER_DIR "/" LEDGER_LOG), r;
	struct ledger_file l;
	struct entry e;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	ledger_file_init(&l, fd, NULL);
	while ((r = ledger_file_next(&l, &e)) == 1)
		add(t, a, &e);
	ledger_file_end(&l);
	close(fd);
	if (r == 0 || r == E_SHORT) /* it may be written to now */
		return 0;
	if (r > -4096)
		return r;
	t->wrong = 1; /* coverage has said it */
	return 0;
}
