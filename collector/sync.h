/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SYNC_H
#define SHELLAC_SYNC_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "histogram.h"

/*
 * Threads that call fdatasync(2) and its like, so that nothing else waits for the
 * disk, and one file's wait is not another's.  A job that still waits takes in
 * what is written meanwhile: the slower the disk, the larger the groups.
 */
struct syncer;

/* Enough for those who type at the same time: what waits in fdatasync(2) side by
 * side shares the disk's flush. */
#define SYNC_THREADS 8

enum sync_what {
	SYNC_DATA,       /* fdatasync(2), of a folder fsync(2) */
	SYNC_ANEW,       /* fsync(2) after the inode was touched: a write of it that failed, and
			    that no descriptor of this file tells of, is made again */
	SYNC_FILE_SYSTEM /* syncfs(2) of what fd is on.  Its error may be another file's */
};

struct sync_job {
	TAILQ_ENTRY(sync_job) link;
	void *owner;
	void (*done)(void *owner, struct sync_job *j); /* for who takes it from sync_done() */
	int fd;         /* must stay open until the job is done */
	enum sync_what what;
	ino_t folder;   /* not 0: fd is this folder, to be synced once for all such jobs
			   that wait */
	uint64_t frame; /* the frame that is on disk when the job is done */
	int error;      /* 0 or -errno of fdatasync(2), fsync(2), syncfs(2) */
	uint64_t took_ns; /* the call */
	int queued;     /* no thread has taken it yet; this and urgent are sync.c's */
	int urgent;
};

/* 0 or -errno */
int sync_new(struct syncer **out);

/* Lets the threads finish what is queued and joins them.  NULL is fine. */
void sync_free(struct syncer *s);

/* Readable when a job is done. */
int sync_fd(const struct syncer *s);

/* Hands in a job; its memory belongs to the threads until sync_done() gives it
 * back.  urgent: before those that are not. */
void sync_add(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent);

/* The job's file has grown up to frame.  1 if the job still waited and covers
 * it; 0 if it is too late for that. */
int sync_join(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent);

/* Takes one finished job, NULL when there is none. */
struct sync_job *sync_done(struct syncer *s);

/* How long its calls took until now, without those for a file system. */
void sync_times(struct syncer *s, struct histogram *out);

/* Makes sync_fd() unreadable until the next job is done; call before taking. */
void sync_ack(struct syncer *s);

#endif
