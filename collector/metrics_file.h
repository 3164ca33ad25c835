/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_METRICS_FILE_H
#define SHELLAC_METRICS_FILE_H

#include <jansson.h>

#include "collector.h"

/*
 * metrics_file of shellac.conf(5): the metrics, metrics.h, written anew each metrics_every
 * seconds for whoever collects them from files.  A thread of its own writes, so that a file
 * system that hangs holds up nothing; what cannot be written is said on the log once, and
 * once that it can be again.
 */
struct metrics_file;

/* Begins, where c->conf wants a file, with c->loop; or takes what c->conf says now.
 * Failure is said, and there is no file. */
void metrics_file_configured(struct collector *c);

/* Ends it; the last file stays, and its age tells.  Nothing is fine. */
void metrics_file_close(struct collector *c);

/* For status: an object, or null where none is wanted or without memory.  m may be NULL. */
json_t *metrics_file_status(const struct metrics_file *m);

#endif
