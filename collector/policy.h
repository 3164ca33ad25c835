/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_POLICY_H
#define SHELLAC_POLICY_H

#include "conf.h"
#include "paths.h"

/* Reads the configuration at path into *conf and says on the log all that is wrong
 * with it.  0, or -1: *conf is untouched. */
int policy_read(struct conf *conf, const char *path);

/* The same for a start: where the configuration has errors, the last that had none
 * is taken, and that is said.  -1: there is none. */
int policy_start(struct conf *conf, const struct paths *paths);

/* Keeps what is in force as the last good configuration: in the store for the next
 * start, in the run folder for recorders.  Says what fails. */
void policy_keep(const struct conf *conf, const struct paths *paths);

/* Says what is wrong with the notice.  0, or -1: none will be shown. */
int policy_check_notice(const struct conf *conf);

#endif
