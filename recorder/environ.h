/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ENVIRON_H
#define SHELLAC_ENVIRON_H

#include <stddef.h>

/*
 * The environment that execve(2) gave us.  From a set-user-ID program's environ
 * ld.so(8) takes TMPDIR, TZDIR, LD_LIBRARY_PATH and others away; the strings stay
 * on the initial stack, between the last argument and the file name (AT_EXECFN).
 */

/* The environment for the program that is recorded, ended by NULL: environ as it
 * is, or where secure is set the one rebuilt; then our own is empty, so that no
 * library of ours asks it anything.  To be called before anything changes argv.
 * The strings are the initial stack's; NULL without memory. */
char **environ_take(int secure, int argc, char **argv);

/* The strings from p to end, each ended by a zero, as a vector of its own ended
 * by NULL; what follows the last zero is left out.  NULL without memory. */
char **environ_split(char *p, char *end);

/* The value of name in env, or NULL. */
char *environ_find(char *const *env, const char *name);

/* Gives name another value wherever env has it: sudo(8) leaves two of SHELL.
 * Aborts without memory. */
void environ_replace(char **env, const char *name, const char *value);

#endif
