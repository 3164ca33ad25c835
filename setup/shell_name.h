/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_SHELL_NAME_H
#define SHELLAC_SETUP_SHELL_NAME_H

/* NAME of the link shellac-NAME that stands for the login shell at this path, or NULL.
 * sh is dash, as Debian has it. */
const char *shell_name(const char *path);

/* 1 where the name asks a shell to be restricted, as rbash does. */
int shell_is_restricted(const char *path);

#endif
