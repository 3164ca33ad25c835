/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_GATHER_H
#define SHELLAC_GATHER_H

#include "auditor.h"
#include "coverage/coverage.h"
#include "ledger_entry.h"
#include "output/progress.h"
#include "report/report.h"
#include "report/report_note.h"
#include "review/review.h"
#include "store/users.h"
#include "verify/verify.h"

/*
 * Fills a report from a store.  Each section is a file gather_SECTION.c: it sees the
 * ledger's entries, or the sessions with their verdicts, as they come by in one pass, and
 * ends what it began once all is known.
 */
#define DAY_NS INT64_C(86400000000000)

/* A session that has a file or a number. */
struct gather_session {
	uint64_t n;
	int64_t start_ns;       /* REPORT_UNKNOWN: nobody can say */
	uint8_t wanted;         /* it was there in the time asked for */
	uint8_t purged, missing, privileged, reviewed;
	unsigned findings;
};

/* What the process records say of a session. */
struct gather_lives {
	uint64_t commands;
	uint32_t uid[4];        /* others than the session's own that processes had */
	uint8_t uids, more;     /* more than have room */
};

struct gather_user {
	const char *name;
	uint64_t sessions, privileged, bytes_out, commands;
	int64_t length_ns, first_ns, last_ns;
};

struct gather_month {
	char month[8];          /* "2026-11" */
	uint64_t opened, closed, bytes, records;
};

struct gather_day {
	int64_t day;            /* since 1970 */
	uint64_t sessions, reviews;
};

struct gather_fail {
	uint32_t what;
	uint64_t n;
	size_t row;
};

struct gather {
	struct auditor *a;
	struct report *r;
	int64_t since_ns, until_ns; /* of what is in it; INT64_MIN, INT64_MAX: no bound */
	int64_t end_ns;             /* until, or the ledger's last entry where that is earlier */
	int64_t first_ns, last_ns;  /* of the ledger; 0 without one */
	const char *key_text;   /* where the host's key is from */
	const char *arguments;  /* of the command that makes this, but for its times */
	const char *host;       /* as the host calls itself in certificates; NULL: not known */
	struct report_note made; /* host and ledger; the rest is for who writes it */
	int has_policy;
	struct progress progress;
	struct verify verify;
	struct cover cover;
	struct users *users;
	long process_files;
	int cannot;             /* something could not be read, which was said */

	struct gather_session *session;
	size_t sessions, session_room;
	struct gather_lives *lives; /* by place in the store */
	struct gather_user *user;
	size_t user_count, user_room;
	uint64_t wanted, with_notice, at_level[VERIFY_LEVELS], no_level;
	uint64_t status_count[VERIFY_MISSING + 1];
	struct report_table *user_table, *session_table, *privileged_table, *finding_table;

	struct report_table *clock_table, *step_table;
	uint64_t epochs, epochs_wild, run_epochs;
	int run_state;          /* of the run of epochs that goes on: 1 right, 0 not, -1 none */
	uint64_t run_leaf, run_last, max_error_us, run_error_us;
	int64_t run_from_ns, run_to_ns;

	struct report_table *fail_table, *start_table, *loss_table, *outage_table;
	struct gather_fail *fail;
	size_t fails, fail_room;
	uint64_t lost_bytes;

	struct report_table *access_table, *review_table, *purge_table, *hold_table;
	uint64_t accesses, access_unknown, access_wrong, reviews, purged_bytes, purges_alone;
	struct reviews known;   /* their notes, in the order of the ledger */
	size_t next_known;
	uint64_t reviews_alone;
	struct gather_day *day;
	size_t days, day_room;

	struct report_table *change_table, *conf_table;
	uint8_t conf_hash[HASH_SIZE];
	int have_conf;
	uint64_t changes;

	struct gather_month *month;
	size_t months, month_room;
	int64_t recent_opened;
};

/* A store that is open and walked.  0, or negative: what is missing was said. */
int gather(struct gather *g);
void gather_release(struct gather *g);

/* Is it in the time that was asked for? */
int gather_wants(const struct gather *g, int64_t wall_ns);

/* The session of that number; NULL for none that was seen. */
struct gather_session *gather_session(const struct gather *g, uint64_t n);

/* A name for a user id, by the host's own certificates; hostile. */
const char *gather_user(struct gather *g, char out[24], uint32_t uid);

/* "2026-11-21T08:00:00Z" for a command line. */
#define GATHER_DATE 24
const char *gather_date(char out[GATHER_DATE], int64_t wall_ns);

/* Each file's part, in the order in which they are called.  begin: before the ledger is
 * read; entry: each of its entries, in order, of whatever time; end: all is known. */
void gather_source_begin(struct gather *g);

void gather_coverage_begin(struct gather *g);
void gather_coverage_end(struct gather *g);

int gather_users_begin(struct gather *g);
void gather_users_session(struct gather *g, uint64_t n, const char *status, int level,
    const struct verdict *v);
void gather_users_end(struct gather *g);

void gather_findings_begin(struct gather *g);
void gather_findings_add(struct gather *g, uint64_t n, const struct finding *f);
void gather_findings_end(struct gather *g);

void gather_integrity_session(struct gather *g, const char *status, int level,
    const struct verdict *v);
void gather_integrity_end(struct gather *g);

void gather_time_begin(struct gather *g);
void gather_time_entry(struct gather *g, const struct entry *e);
void gather_time_end(struct gather *g);

void gather_failures_begin(struct gather *g);
void gather_failures_entry(struct gather *g, const struct entry *e);
void gather_failures_end(struct gather *g);

void gather_access_begin(struct gather *g);
void gather_access_entry(struct gather *g, const struct entry *e);
void gather_access_end(struct gather *g);

void gather_review_begin(struct gather *g);
void gather_review_entry(struct gather *g, const struct entry *e);
void gather_review_end(struct gather *g);

void gather_retention_begin(struct gather *g);
void gather_retention_entry(struct gather *g, const struct entry *e);
void gather_retention_end(struct gather *g);

void gather_configuration_begin(struct gather *g);
void gather_configuration_entry(struct gather *g, const struct entry *e);
void gather_configuration_end(struct gather *g);

void gather_capacity_entry(struct gather *g, const struct entry *e);
void gather_capacity_end(struct gather *g);

void gather_limits(struct gather *g);

#endif
