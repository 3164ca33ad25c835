/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TEST_COVERAGE_FIXTURE_H
#define SHELLAC_TEST_COVERAGE_FIXTURE_H

#include <stdint.h>
#include <string.h>

#include "../../collector/coverage.h"
#include "../lib/suite.h"
#include "process_record.h"

#define MS 1000000ULL
#define PTS(n) (136U << 20 | (n))
#define ALICE 1000

/* What is tried in each test, made anew by suite_coverage(). */
extern struct coverage *c;
extern uint64_t now;      /* ms since boot */
extern uint32_t front;    /* a pid that runs a recorder still */
extern uint32_t labelled; /* a pid that has got a label meanwhile */

/* Lets time pass, and has said what is due. */
void pass(uint64_t ms);

/* What was said since the last time, each row as a line. */
void is_said(const char *wanted);

/* A process of session sid that began at start ms, seen now. */
struct sight one(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm);
void runs(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm);
void ends(uint32_t pid, uint32_t sid, uint64_t start, uint32_t tty, const char *comm);
/* All that accounting says. */
void record(uint32_t pid, uint64_t start, uint32_t tty, const char *comm);
/* One of session n. */
void recorded(uint32_t pid, uint32_t sid, uint32_t tty, uint64_t n);

/* Runs these tests; main()'s status. */
int suite_coverage(const char *name, const TTest *const *tests, size_t count);

#endif
