/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_REPAINT_H
#define SHELLAC_EXPORT_REPAINT_H

#include "screen/screen.h"
#include "output/sink.h"

/* The bytes that make a terminal of the same size, which has just been reset, look like s:
 * for an export that does not begin where its session does.  out keeps them (its fd is -1). */
void repaint(struct sink *out, const struct screen *s);

#endif
