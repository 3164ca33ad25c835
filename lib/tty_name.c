/* SPDX-License-Identifier: ISC */
#include "tty_name.h"

#include <stdio.h>

#include "err.h"

/* Unix98 ptys have majors 136 to 143, consoles and serial lines share 4. */
#define MAJOR_PTS 136
#define MAJOR_PTS_LAST 143
#define MAJOR_TTY 4
#define FIRST_SERIAL 64
#define MAJOR_CONSOLE 5
#define MINOR_CONSOLE 1
#define MAJOR_AMBA 204
#define MAJOR_HVC 229

int tty_name(char *out, uint32_t major, uint32_t minor)
{
	if (major >= MAJOR_PTS && major <= MAJOR_PTS_LAST)
		snprintf(out, TTY_NAME_SIZE, "pts/%u", (major - MAJOR_PTS) * 256 + minor);
	else if (major == MAJOR_TTY && minor < FIRST_SERIAL)
		snprintf(out, TTY_NAME_SIZE, "tty%u", minor);
	else if (major == MAJOR_TTY)
		snprintf(out, TTY_NAME_SIZE, "ttyS%u", minor - FIRST_SERIAL);
	else
		return E_RANGE;
	return 0;
}

int tty_is_console(uint32_t major, uint32_t minor)
{
	return major == MAJOR_TTY || major == MAJOR_AMBA || major == MAJOR_HVC ||
	    (major == MAJOR_CONSOLE && minor == MINOR_CONSOLE);
}
