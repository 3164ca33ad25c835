/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_POLICY_H
#define SHELLAC_POLICY_H

#include "conf.h"

/* Reads the configuration; all that is wrong goes to the log, with file and
 * line.  0, or -1 and *conf untouched. */
int policy_read(struct conf *conf, const char *path);

#endif
