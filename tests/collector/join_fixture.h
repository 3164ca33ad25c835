/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_COLLECTOR_JOIN_FIXTURE_H
#define SHELLAC_TESTS_COLLECTOR_JOIN_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "../../collector/join.h"

/* A join of its own for each test, with a /proc that the test makes up and all that
 * it emits in out[]. */
#define ALIVE_MAX 64
#define OUT_MAX 40000
#define BOOT 1000000 /* wall clock of the boot, seconds */

extern struct join *j;
extern struct proc_stat alive[ALIVE_MAX]; /* what is in /proc */
extern size_t alive_count;
extern unsigned stats; /* looks at /proc */
extern struct process_record out[OUT_MAX];
extern size_t out_count;
extern int emit_result; /* of the next emits */
/* What join_ops.life says of each pid that is in known: at first nothing. */
extern struct life known[ALIVE_MAX];
extern size_t known_count;
extern int known_answer, known_doubt;

/* The test case's checked fixture.  Process 1 lives. */
void join_setup(void);
void join_teardown(void);

/* In /proc from now on, and no more. */
void lives(pid_t pid, pid_t ppid, uint64_t start_ticks);
void dies(pid_t pid);

/* The kernel's next record: of this process, whose parent at its end was ppid. */
void push(uint32_t pid, uint32_t ppid);
void push_full(uint32_t pid, uint32_t ppid, uint16_t tty, uint32_t btime);

/* The same, each a second behind the one before.  This one ended at a time (seconds of all
 * clocks) and lived so long; when it was read is known if exact. */
void push_lived(uint32_t pid, uint32_t ppid, double at_s, double lived_s, int exact);
/* The same of one that a signal ended, exact. */
void push_killed(uint32_t pid, uint32_t ppid, double at_s, double lived_s);
extern double now_s; /* of the last push() or push_full() */

/* Looks at /proc and settles all that is pending. */
void settle(void);

/* Record i of those emitted belongs to this session (0: none) for this reason. */
void is(size_t i, uint64_t session, uint8_t reason);

/* keeper 100 of session 1, a child of front 90, a child of 80 */
void keeper(void);

#endif
