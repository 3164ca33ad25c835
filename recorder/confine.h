/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONFINE_H
#define SHELLAC_CONFINE_H

/*
 * The system calls that a keeper has left once its program runs.  It reads what a
 * program writes and a user types: should one of them ever take it over, it can
 * still seal its own session's record, and reach no other process and no file.
 */

/* Can this kernel and this build confine a process?  0: yes; 1: a build with a
 * sanitizer, made for tests, does without the filter, since a sanitizer's report
 * opens files and runs programs; -errno: no; -ENOTSUP: not for this processor. */
int confine_supported(void);

/* No core, no new privileges, and from here on the calls of the filter only:
 * seccomp(2).  Calls that neither this program nor libc makes in any situation
 * (signals to others, ptrace, exec) end the process with SIGSYS, which process
 * accounting keeps; all others fail with EPERM.  Cannot be undone, is inherited.
 * To be called last, with one thread.  Returns what confine_supported() does. */
int confine_keeper(void);

#endif
