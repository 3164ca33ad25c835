/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TESTS_COLLECTOR_ACCT_HARNESS_H
#define SHELLAC_TESTS_COLLECTOR_ACCT_HARNESS_H

#include <stdint.h>

#include "../../collector/accounting.h"

/* What the scenarios of acct_check share: a collector's half of accounting.h, the
 * processes that it is to see, and what then must be in the store. */

#define OWN_N 7 /* the session whose keeper this program plays */

extern const char *store;
extern int store_fd;

/* Ends the program, with a line, unless it is true. */
void want(int truth, const char *what);

struct accounting *begin(uint64_t rotate_bytes);
struct accounting *begin_with(struct accounting_config cfg); /* its store is filled in */
/* In the session, on; with canaries and takings back that do not take minutes. */
#define CANARY_MS 500
#define RETAKE_MS 400
struct accounting *begin_quickly(void);
/* Turns until the state is so; seconds that it took. */
double until(struct accounting *a, const char *state);
int troubled(const struct accounting *a);
void until_well(struct accounting *a);
/* An empty file of somebody else's in the store's folder: its path. */
const char *others_file(int *fd);
void add_self(struct accounting *a, uint64_t n);
int state_is(const struct accounting *a, const char *state);
long counter(const struct accounting *a, const char *key);
void show(const struct accounting *a);

/* One turn of an event loop. */
void turn(struct accounting *a, int at_most_ms);

/* Runs count processes that end at once, each with its number as exit status: its
 * low byte in the record, and the whole in the name. */
void spawn(unsigned first, unsigned count);

/* Each of p0 to p<count-1> is stored once, in the session; nothing of the kernel's own. */
void check_store(unsigned count, int session);
/* Gaps that the records say: one ends where a collector began with none before, one
 * begins where it stopped. */
void check_gaps(unsigned begun, unsigned ended);
unsigned segments(void);
unsigned kernel_files(void);

/* Stops and frees; ours: accounting_stop()'s answer. */
void finish(struct accounting *a, int ours);

/* acct_taken.c: others that take it */
void taken(void);
void retaken(void);
void fought_for(void);
void left_then_retaken(void);
void turned_off(void);
void gone(void);

/* acct_harm.c: what others do to its files and its disk */
void cut(void);
void cut_and_grown(void);
void removed(void);
void replaced(void);
void moved_folder(void);
void foreign_bytes(void);
void suspended(void);
void suspended_from_start(void);
void unmounted(void);
void stood_still(void);

/* acct_load.c: many processes, and what a keeper has below it */
void storm(unsigned count, uint64_t rotate_bytes);
void rotations(long rotate, unsigned least);
void killed(unsigned rounds);
void tree(void);
void families(unsigned count);
void backlog(void);

#endif
