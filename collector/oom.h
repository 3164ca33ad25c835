/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_OOM_H
#define SHELLAC_OOM_H

/* In a child between fork and exec: where the collector is spared when memory runs out,
 * by OOMScoreAdjust of its unit, the programs that it starts are not.  Takes no lock. */
void oom_as_others(void);

#endif
