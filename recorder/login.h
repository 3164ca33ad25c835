/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LOGIN_H
#define SHELLAC_LOGIN_H

#include "inherit.h"
#include "options.h"
#include "spawn.h"

/* Fills *prog with the shell that the options ask for: -c and --forced with a
 * command run it with the shell's -c, else it is a login shell ("-name"); as a
 * shell we hand on the arguments as they are.
 *
 * The user's shell is $SHELL, unless we are set-user-ID or called as a login
 * shell ("-..."), else the password file's; a shellac-NAME there stands for the
 * NAME in shells(5), any other name of the recorder for /bin/bash.  Called as
 * shellac-NAME, it is NAME: the user's shell where that is its base name, else
 * the one in shells(5).  What is not there or is the recorder itself is passed
 * over; /bin/sh is the last resort.
 *
 * Where SHELL in the environment of in is the recorder, it is set to the shell:
 * what the shell starts must not be recorded once more.  path and vector are
 * static storage and the options'. */
void login_program(struct program *prog, const struct options *o, const struct inherited *in);

/* 1 where the password file has the recorder as this user's shell, by whatever name. */
int login_is_recorder(void);

#endif
