/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROGRAM_PATH_H
#define SHELLAC_PROGRAM_PATH_H

#include <limits.h>

/* Where our own program name is: in folder beside the folder of the program that runs,
 * as in the tree where it was built, else in the folder installed.  0 or
 * -ENAMETOOLONG; whether it can be run shows when it is. */
int program_path(char out[PATH_MAX], const char *name, const char *folder,
    const char *installed);

#endif
