/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DEVNULL_H
#define SHELLAC_DEVNULL_H

/* A descriptor of /dev/null, for a process that may open nothing later; -1. */
int devnull_open(void);

/* Lets go of whatever descriptors 0 to 2 are: null takes their place and is closed
 * itself.  -1 closes them. */
void devnull_standard(int null);

#endif
