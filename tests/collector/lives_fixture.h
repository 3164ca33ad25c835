/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_COLLECTOR_LIVES_FIXTURE_H
#define SHELLAC_TESTS_COLLECTOR_LIVES_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "../../collector/lives.h"
#include "../../collector/process_events.h"

/* Lives of their own for each test, over a /proc that the test makes up.  Process 1 and
 * a login's processes 80 (sshd), 90 (shell, leader of the terminal session) and 95 (its
 * child, the front of a recorder) live since before. */
#define LIVES_BOOT INT64_C(1000000) /* wall clock of the boot, seconds */
#define LIVES_TTY (136u << 20 | 5u)

extern struct lives *l;
extern uint64_t tick; /* of what is forked next */

void lives_setup(void);
void lives_teardown(void);

/* In /proc from now on, and no more. */
void is_there(uint32_t pid, uint32_t ppid, uint64_t start_ticks, uint32_t sid, uint32_t tty_dev,
    const char *comm, uint32_t uid);
void is_over(uint32_t pid);

/* What the kernel says; the same holds for /proc. */
void fork_of(uint32_t ppid, uint32_t pid);
void exec_of(uint32_t pid, const char *comm, uint32_t uid);
void event(uint8_t what, uint32_t pid);
/* A fork that nobody heard of. */
void unheard(uint32_t ppid, uint32_t pid);

/* The next record of pid, which leaves /proc: lives_ended()'s answer, and its life. */
int record(uint32_t pid, uint64_t start_ticks, struct life *out);

/* The living life of pid has this label. */
void is(uint32_t pid, uint64_t session, uint8_t reason, uint8_t certainty);

#endif
