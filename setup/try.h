/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_TRY_H
#define SHELLAC_SETUP_TRY_H

#include "host.h"

/* Logins that are tried, before and after a change, on this host. */
#define TESTERS_MAX 8

struct tester {
	char user[RECORD_USER_MAX + 1];
	char shell[256];
	int worked;
};

struct testers {
	struct tester one[TESTERS_MAX];
	int count;
	/* 0 where it works; else 1, and why in TRY_WHY bytes */
	int (*way)(struct host *h, const char *user, char *why);
};
#define TRY_WHY (RECORD_USER_MAX + 512)

/* 1 for a person's entry, or root's: not for our own, nor another service's. */
int testers_is_person(const struct passwd *pw);

/* Adds the user where there is room, and nobody else with that shell yet. */
void testers_add(struct testers *t, const char *user, const char *shell);

/* One user for each shell of shells(5) that people have, root last. */
int testers_of_host(struct host *h, struct testers *t);

/* How it is now; not in a dry run, in which nobody logs in.  Whom it does not work for is
 * said, and not asked again: with must that is in the way. */
void testers_before(struct host *h, struct testers *t, int must);

/* 0 where all still get in; else it was said who does not, and 1. */
int testers_after(struct host *h, const struct testers *t);

/* An interactive login on a terminal and one with a command, by su(1). */
int try_login(struct host *h, const char *user, char *why);

/* What sshd runs under ForceCommand, with a command for SSH_ORIGINAL_COMMAND. */
int try_forced(struct host *h, const char *user, char *why);

/* 1 where the recorder is installed, set-user-ID; else what is not so was said, and 0. */
int try_is_installed(struct host *h);

/* The recorder is installed, set-user-ID, and (on this host) could record these users now.
 * What is not so was said. */
void try_recorder(struct host *h, const struct testers *t);

#endif
