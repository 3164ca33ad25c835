/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_POLICY_H
#define SHELLAC_POLICY_H

#include "conf.h"
#include "paths.h"
#include "plugin_conf.h"

#define POLICY_MAX (CONF_DUMP_MAX + PLUGIN_DUMP_MAX)

/* Reads the configuration at path into *conf and says on the log all that is wrong
 * with it.  0, or -1: *conf is untouched. */
int policy_read(struct conf *conf, const char *path);

/* The same for a start: where the configuration has errors, the last that had none
 * is taken, and that is said.  -1: there is none. */
int policy_start(struct conf *conf, const struct paths *paths);

/* Keeps what is in force as the last good configuration: in the store for the next
 * start, in the run folder for recorders.  Says what fails. */
void policy_keep(const struct conf *conf, const struct plugin_set *plugins,
    const struct paths *paths);

/* Reads the folder of plugins and says on the log what is wrong with each file.  0, or -1:
 * nothing of it can be used; *set is to be released either way. */
int policy_plugins(struct plugin_set *set, const struct paths *paths, int private);

/* The policy in force, as text: what its hash is of, and what policy_keep() keeps.  Its
 * length. */
size_t policy_text(char text[POLICY_MAX], const struct conf *conf,
    const struct plugin_set *plugins);

/* Says what is wrong with the notice.  0, or -1: none will be shown. */
int policy_check_notice(const struct conf *conf);

#endif
