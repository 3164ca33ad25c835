/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STATUS_H
#define SHELLAC_STATUS_H

#include <jansson.h>

#include "collector.h"

/* A new object that the caller owns; NULL without memory. */
json_t *status_object(struct collector *c);

/* The same as text and a line feed, a new string that the caller frees; NULL
 * without memory. */
char *status_line(struct collector *c);

/* Text of bytes, as JSON's UTF-8; null without memory. */
json_t *status_text(const char *s);

/* Writes it to run/status.json.  0 or -errno. */
int status_write(struct collector *c);

#endif
