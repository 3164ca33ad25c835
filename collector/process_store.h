/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_STORE_H
#define SHELLAC_PROCESS_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "process_digest.h"
#include "process_record.h"

/*
 * The segments process/<k>.shlp, shellac-format(5), PROCESS RECORDS.  The last ACCT
 * stored says up to where the kernel's files were taken in, so these are appended in the
 * kernel's order.  Records are whole, an EXEC or INPUT with its TEXTs too: what is torn at the end
 * is cut off.
 */
struct process_store;

/* A segment that has grown so far is followed by a new one. */
#define PROCESS_STORE_SEGMENT (64u * 1024 * 1024)

/* Opens the newest segment in the folder, of whichever boot, and cuts off what a
 * crash left of a record.  dir_fd stays the caller's.  0 or -errno. */
int process_store_open(struct process_store **out, int dir_fd);

/* Writes what is buffered, best effort, and frees.  NULL is fine. */
void process_store_close(struct process_store *s);

/* The last ACCT stored in any segment.  1, or 0: there is none. */
int process_store_last(const struct process_store *s, struct process_record *r);

/* Calls got with each ACCT stored behind that place, in their order; boot is NULL where it is
 * not known or another than boot_id.  0, -errno, E_FORMAT, or what got returned other than 0. */
int process_store_since(const struct process_store *s, uint32_t kernel_file, uint32_t place,
    const uint8_t boot_id[BOOT_ID_SIZE], int (*got)(void *ctx, const struct process_record *r,
    const struct process_boot *boot), void *ctx);

/* 1 if the newest segment is of another boot than this. */
int process_store_other_boot(const struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE]);

/* From now on appends to a segment of this boot, made (and synced, with its folder)
 * where there is none.  0 or -errno. */
int process_store_begin(struct process_store *s, const uint8_t boot_id[BOOT_ID_SIZE]);

/* The boot that the segment appended to is of, and its date: 1, or 0 where it is not
 * known (a segment of version 1, or none). */
int process_store_boot(const struct process_store *s, struct process_boot *boot);

/* Buffers a record of any kind but EXEC, INPUT, TEXT; at 1 MiB the buffer is flushed.  Of kinds
 * other than ACCT kernel_file and place are filled in here.  0, -EINVAL where it is not
 * one that process_record_parse() takes, or -errno: not taken. */
int process_store_append(struct process_store *s, const struct process_record *r);

/* The same for an EXEC and the e->text_len bytes of its text, which are written with one
 * write(2).  kind and body of r are made here. */
int process_store_append_exec(struct process_store *s, const struct process_record *r,
    const struct process_exec *e, const char *text);

/* And for an INPUT, with in->text_len bytes of JSON. */
int process_store_append_input(struct process_store *s, const struct process_record *r,
    const struct process_input *in, const char *text);

/* What comes goes into a new segment, unless this one is empty; all before is on disk.
 * 0 or -errno: it goes on in this one. */
int process_store_next(struct process_store *s);

/* Writes the buffer with one write(2).  0 or -errno: it is kept, and the segment
 * ends with a whole record. */
int process_store_flush(struct process_store *s);

/* Flushes; then all records are on disk.  0 or -errno. */
int process_store_sync(struct process_store *s);

/* The digests of what is written.  They begin at 0, with what is written from now on;
 * see process_vouched(). */
struct process_digests *process_store_digests(struct process_store *s);

/* A descriptor of its own of the segment appended to, or -errno. */
int process_store_dup(const struct process_store *s);

/* number of the segment, 0 for none yet; was something torn off at open? */
uint64_t process_store_segment(const struct process_store *s);
unsigned process_store_torn(const struct process_store *s);

#endif
