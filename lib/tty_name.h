/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TTY_NAME_H
#define SHELLAC_TTY_NAME_H

#include <stdint.h>

#define TTY_NAME_SIZE 24

/* The name below /dev of a terminal's device number, which the kernel fixes in
 * Documentation/admin-guide/devices.txt: "pts/3", "tty1", "ttyS0".  Into out
 * (TTY_NAME_SIZE chars).  0; E_RANGE for any other device. */
int tty_name(char *out, uint32_t major, uint32_t minor);

/* Is it one at the machine itself: a virtual console, a serial line, a hypervisor's
 * console? */
int tty_is_console(uint32_t major, uint32_t minor);

#endif
