/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_SSHD_H
#define SHELLAC_SETUP_SSHD_H

#include "host.h"

/* What sshd(8) makes of its configuration. */
#define SSHD "/usr/sbin/sshd"
#define SSHD_CONFIG "/etc/ssh/sshd_config"
#define SSHD_CONFIG_D "/etc/ssh/sshd_config.d"

/* 0 where sshd takes its configuration; said, RUN_SAID_MAX bytes, is in one line where it
 * does not. */
int sshd_test(char *said);

/* What sshd_config says for the user who comes from this host: key's value in out, or
 * "none".  0, or what it could not be asked for: a status of sshd's or -errno. */
int sshd_value(const char *user, const char *key, char *out, size_t size);

/* Says where else there is a ForceCommand, which may hold in the place of setup's. */
void sshd_others(struct host *h);

#endif
