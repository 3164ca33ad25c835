/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PURGE_INTERNAL_H
#define SHELLAC_PURGE_INTERNAL_H

#include <stdint.h>
#include <sys/queue.h>

#include "container.h"
#include "pack.h"
#include "purge.h"
#include "purge_leave.h"
#include "store.h"

/* Between the files of purge*.c. */

/* What stays of a session, under the name of its file, until PURGE is on disk. */
#define PURGE_DIR "purge"

struct purge_job {
	TAILQ_ENTRY(purge_job) link;
	uint64_t n;
	uint32_t why;         /* enum entry_purge */
	struct purge_leave *leave; /* the job's own, or NULL */
	int64_t ended_by;     /* wall clock: a session that ended later is let be */
	char day[STORE_DAY_MAX]; /* "": to be looked for */
	struct session_name name;
	struct purge_count count;
	void (*done)(void *arg, const struct purge_result *r); /* or NULL */
	void *arg;
};
TAILQ_HEAD(purge_list, purge_job);

/* A thread for what blocks, one task at a time. */
struct purge_worker;
enum purge_task { PURGE_SCAN, PURGE_PREPARE, PURGE_COMMIT };

/* 0 or -errno.  The fd is readable when a task is done. */
int purge_worker_new(struct purge_worker **out, const struct store *s, struct packer *packer);
/* Lets it finish its task.  NULL is fine. */
void purge_worker_free(struct purge_worker *w);
int purge_worker_fd(const struct purge_worker *w);

/* Begins a task: of j, or for PURGE_SCAN of what began by then into a list of its own.
 * Not while another runs. */
void purge_worker_begin(struct purge_worker *w, enum purge_task task, struct purge_job *j,
    int64_t began_by_s);

/* Ends the task that is done: 1 with its result in *error, of a scan with what it found
 * behind list; 0 where it still runs. */
int purge_worker_end(struct purge_worker *w, int *error, struct purge_list *list);

/* Errors beside -errno and err.h's. */
#define PURGE_LIVE (-EBUSY)
#define PURGE_HELD (-EPERM)
#define PURGE_ALREADY (-EALREADY)
#define PURGE_YOUNG (-EAGAIN) /* for retention: not yet */
#define PURGE_OTHER (-EACCES) /* the approval does not name the session */

/* These block, and may be called without the loop. */

/* Sets day and name of session j->n, unless they are.  0, PURGE_LIVE, -ENOENT, -errno. */
int purge_find(const struct store *s, struct purge_job *j);

/* Finds the session's file and writes what stays into PURGE_DIR, all on disk.  0 with
 * count, day and name; else nothing is left there. */
int purge_prepare(const struct store *s, struct purge_job *j);

/* It takes the place of the session's file, on disk when this returns.  0 or -errno. */
int purge_commit(const struct store *s, struct packer *packer, const struct purge_job *j);

/* PURGE was not to be: removes what stays. */
void purge_drop(const struct store *s, const struct purge_job *j);

#define PURGE_SCAN_MAX 4096

/* Adds a job for each session that ended and began by so many seconds since the
 * epoch, has a payload and is not held, but at most PURGE_SCAN_MAX: then 1.  0 or
 * -errno. */
int purge_scan(const struct store *s, int64_t began_by_s, struct purge_list *list);

/* What an earlier collector left in PURGE_DIR is put in place or removed, by what
 * the ledger says.  0 or -errno, or E_ codes of a ledger that cannot be read: then all
 * is left. */
int purge_resume(const struct store *s, struct packer *packer);

#endif
