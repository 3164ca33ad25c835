/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SYSCALL_FILTER_H
#define SHELLAC_SYSCALL_FILTER_H

#include <stddef.h>
#include <stdint.h>

/*
 * A filter of system calls, seccomp(2), from lists.  What is in no list fails with
 * EPERM; another architecture's calls end the process, and so does what it must never
 * want.  Sending a signal to itself, which abort(3) does, is always allowed.
 */
#define SYSCALL_CALLS_MAX 80
#define SYSCALL_CHECKS_MAX 2

/* One argument, its low 32 bits (the kernel takes no more of an int), is one of n
 * values; with n = 0: has not the bits of without. */
struct syscall_check {
	unsigned arg;
	const uint32_t *value;
	size_t n;
	uint32_t without;
};

#define SYSCALL_COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SYSCALL_ARG_IN(arg, values) { arg, values, SYSCALL_COUNT(values), 0 }

struct syscall_rule {
	uint32_t nr;
	size_t n;
	struct syscall_check check[SYSCALL_CHECKS_MAX]; /* all n must hold */
};

/* At most SYSCALL_CALLS_MAX calls in all, each in one list. */
struct syscall_lists {
	const uint32_t *plain; /* allowed whatever the arguments are */
	size_t plains;
	const uint32_t *deadly; /* an attack: end the process with SIGSYS */
	size_t deadlies;
	const struct syscall_rule *rule;
	size_t rules;
};

/* Can this kernel and this build filter?  0: yes; 1: a build with a sanitizer, made
 * for tests, does without the filter, since a sanitizer's report opens files and runs
 * programs; -errno: no; -ENOTSUP: not for this processor. */
int syscall_filter_supported(void);

/* Sets it, for good and for what is forked.  PR_SET_NO_NEW_PRIVS must be set.
 * Returns what syscall_filter_supported() does. */
int syscall_filter_set(const struct syscall_lists *l);

/* For what takes over a process with it: every way to another process. */
extern const uint32_t syscall_deadly[];
extern const size_t syscall_deadlies;

#endif
