/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FIT_H
#define SHELLAC_FIT_H

#include <stddef.h>

#include "../feed.h"

#define FIT_MIN 1536 /* bytes that any event can be brought down to */

/*
 * Writes the event as one line of JSON of at most room (FIT_MIN at least) bytes to out,
 * without an end; its length, or 0 without memory.  What is not printable is a JSON escape:
 * a log keeps it, a terminal does not obey it.  Where it is too long it loses process.args,
 * then process.command_line, then the ends of long texts and lists, and at last all but what
 * tells the event; shellac.truncated is then true.
 */
size_t fit_event(char *out, size_t room, const struct feed_event *e);

#endif
