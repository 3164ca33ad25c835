/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DEVNULL_H
#define SHELLAC_DEVNULL_H

/* Lets go of whatever descriptors 0 to 2 are: /dev/null takes their place. */
void devnull_standard(void);

#endif
