/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_LINES_H
#define SHELLAC_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "dispatch.h"

/* Lines that the dispatcher makes itself, shellac-events(7).  host is one JSON object. */
#define LINES_LOST_MAX (DISPATCH_HOST_MAX + 512)
#define LINES_HELLO_MAX (DISPATCH_HOST_MAX + 512)

/* events-lost, in the place of the events from `from` to `to`.  The line's length. */
size_t lines_lost(char out[LINES_LOST_MAX], const char *host, uint64_t from, uint64_t to);

/* plugin-start, the first line that a plugin gets. */
size_t lines_hello(char out[LINES_HELLO_MAX], const char *host, const char *plugin);

#endif
