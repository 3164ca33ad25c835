/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCESS_SYSLOG_H
#define SHELLAC_PROCESS_SYSLOG_H

#include <jansson.h>

#include "acct_record.h"
#include "cert.h"
#include "loop.h"
#include "process_record.h"

/*
 * Each process that has ended, to the local syslog daemon: a message of RFC 5424 whose
 * structured data are its record, shellacd(8).  Never waits for the daemon: what it does
 * not take at once is kept, up to PROCESS_SYSLOG_KEPT bytes; what is over that is lost,
 * counted, and said in the next message that was kept.
 */
struct process_syslog;

#define PROCESS_SYSLOG_PATH "/dev/log"
#define PROCESS_SYSLOG_KEPT (4u * 1024 * 1024)
#define PROCESS_SYSLOG_MAX 1024 /* bytes of one message */

/* What a message says beside the record's own fields. */
struct process_syslog_origin {
	const char *host;                 /* of any bytes */
	uint8_t boot_id[BOOT_ID_SIZE];
	int64_t boot_wall_ns;             /* 0 not known: the start is then that of the record */
	const char *user;                 /* of any bytes; "" not known */
	uint64_t lost;                    /* messages before this one; 0 is not said */
};

/* Writes one message without an end: its length.  r is an ACCT, a its body. */
size_t process_syslog_message(char out[PROCESS_SYSLOG_MAX], const struct process_record *r,
    const struct acct_record *a, const struct process_syslog_origin *o);

/* Nothing is connected yet.  loop, host and path are kept by reference.  0 or -ENOMEM. */
int process_syslog_new(struct process_syslog **out, struct loop *loop, const char *host,
    const char *path);
/* Tries once more to send what is kept; the number of messages that could not be sent since
 * the last that said so.  NULL is fine. */
uint64_t process_syslog_free(struct process_syslog *s);

/* Of the boot whose records come from now on. */
void process_syslog_boot(struct process_syslog *s, const uint8_t boot_id[BOOT_ID_SIZE],
    int64_t boot_wall_ns);

/* Sends or keeps one. */
void process_syslog_ended(struct process_syslog *s, const struct process_record *r,
    const struct acct_record *a);

/* For status, a new object: state "on" | "off" (NULL) | "unreachable", reason, sent, lost,
 * waiting. */
json_t *process_syslog_status(const struct process_syslog *s);

#endif
