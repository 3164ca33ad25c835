/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STATUS_H
#define SHELLAC_STATUS_H

#include "collector.h"

/* One JSON object and a line feed, a new string that the caller frees; NULL
 * without memory. */
char *status_line(struct collector *c);

/* Writes it to run/status.json.  0 or -errno. */
int status_write(struct collector *c);

#endif
