/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KERNEL_FILE_H
#define SHELLAC_KERNEL_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "acct_record.h"

/*
 * A file that acct(2) writes: process/kernel-<k>.acct.  Who switches the kernel to
 * another file, or off, leaves a record about itself as the last of the old one
 * (acct_record_is_marker()).
 */
struct kernel_file {
	uint32_t k;
	int fd;
	uint64_t off;     /* read up to here */
	uint32_t place;   /* number of the next record */
	uint64_t resyncs; /* times that foreign bytes stood between records */
	uint64_t skipped; /* those bytes */
	int adrift;
	uint8_t first[ACCT_SIZE]; /* the first record, once place > 0 */
	uint8_t last[ACCT_SIZE];  /* what was read last, up to last_end; 0: nothing yet */
	uint64_t last_end;
	/* all that was written before was read; CLOCK_MONOTONIC and CLOCK_BOOTTIME, 0 for a
	 * file of an earlier run */
	uint64_t seen_ns, seen_boot_ns;
};

#define KERNEL_FILE_NAME_MAX 32

/* "kernel-00000007.acct"; out has room for KERNEL_FILE_NAME_MAX chars. */
char *kernel_file_name(char *out, uint32_t k);

/* May this process call acct(2)?  0, -EPERM, -ENOSYS. */
int kernel_file_permitted(void);

/* Numbers of the files in the folder, ascending, in a new array that the caller
 * frees.  0 or -errno. */
int kernel_file_list(int dir_fd, uint32_t **ks, size_t *count);

/* Makes file k, which must not exist, or opens an existing one.  0 or -errno. */
int kernel_file_create(struct kernel_file *f, int dir_fd, uint32_t k);
int kernel_file_open(struct kernel_file *f, int dir_fd, uint32_t k);
void kernel_file_close(struct kernel_file *f);

/* A path of f, whatever it is called by now and wherever its folder went: a link of
 * this process, proc_pid_fd(5).  out has room for KERNEL_FILE_NAME_MAX chars. */
char *kernel_file_path(char *out, const struct kernel_file *f);

/* Lets the kernel write to f from now on.  May take 64 ms.  0 or -errno. */
int kernel_file_take(const struct kernel_file *f);

/* Hands over the next records, at most max of them, until the file's end for now.
 * Where one is not plausible, bytes are skipped up to two plausible ones in a row.
 * got: a record and its place; not 0 stops, with that record not counted as read.
 * Returns the records handed over, -errno, or what got returned if negative. */
ssize_t kernel_file_read(struct kernel_file *f, size_t max,
    int (*got)(void *ctx, uint32_t place, const uint8_t raw[ACCT_SIZE]), void *ctx);

enum kernel_file_state { KERNEL_FILE_FINE, KERNEL_FILE_SHORT, KERNEL_FILE_REMOVED,
	KERNEL_FILE_REPLACED };

/* Is the file still what the kernel writes to?  SHORT: it ends before what was
 * read, or has grown again since.  REMOVED, REPLACED: its name is not there, or
 * another file's. */
enum kernel_file_state kernel_file_check(const struct kernel_file *f, int dir_fd);

/* After SHORT: goes on behind the cut, which is the start unless the first record
 * still stands there.  What was written between the cut and now may be lost then. */
void kernel_file_restart(struct kernel_file *f);

/* Hundredths of the file system that are free for the kernel; 100 when unknown. */
unsigned kernel_file_free_percent(int dir_fd);

/* Under this the kernel starts a new file suspended (acct(5), kernel.acct). */
#define KERNEL_FILE_FREE_MIN 4

#endif
