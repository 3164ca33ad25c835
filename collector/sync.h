/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SYNC_H
#define SHELLAC_SYNC_H

#include <stdint.h>
#include <sys/queue.h>

/*
 * A thread that calls fdatasync(2), so that nothing else waits for the disk.  A
 * job that still waits takes in what is written meanwhile: the slower the disk,
 * the larger the groups.
 */
struct syncer;

struct sync_job {
	TAILQ_ENTRY(sync_job) link;
	void *owner;
	int fd;         /* must stay open until the job is done */
	uint64_t frame; /* the frame that is on disk when the job is done */
	int error;      /* 0 or -errno of fdatasync(2) */
	int queued;     /* the thread has not taken it yet */
};

/* 0 or -errno */
int sync_new(struct syncer **out);

/* Lets the thread finish what is queued and joins it.  NULL is fine. */
void sync_free(struct syncer *s);

/* Readable when a job is done. */
int sync_fd(const struct syncer *s);

/* Hands in a job; its memory belongs to the thread until sync_done() gives it
 * back.  urgent: before the others. */
void sync_add(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent);

/* The job's file has grown up to frame.  1 if the job still waited and covers
 * it; 0 if it is too late for that. */
int sync_join(struct syncer *s, struct sync_job *j, uint64_t frame, int urgent);

/* Takes one finished job, NULL when there is none. */
struct sync_job *sync_done(struct syncer *s);

/* Makes sync_fd() unreadable until the next job is done; call before taking. */
void sync_ack(struct syncer *s);

#endif
