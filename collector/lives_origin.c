/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "lives_internal.h"

/*
 * Which ancestor says where a process comes from is a hint, never an attribution.  Names
 * are the user's to choose, so one counts only of a program that root runs (real or
 * effective user 0: a daemon, a set-user-ID program) or that only root can change.
 */
static const struct {
	char comm[ACCT_COMM];
	uint8_t origin;
	uint8_t is_start; /* comm is how the name begins */
} known[] = {
	{ "sshd", ORIGIN_SSHD, 1 },
	{ "cron", ORIGIN_CRON, 0 },
	{ "crond", ORIGIN_CRON, 0 },
	{ "anacron", ORIGIN_CRON, 0 },
	{ "atd", ORIGIN_AT, 0 },
	{ "systemd", ORIGIN_SYSTEMD, 0 },
	{ "login", ORIGIN_LOGIN, 0 },
	{ "agetty", ORIGIN_GETTY, 0 },
	{ "getty", ORIGIN_GETTY, 0 },
	{ "mingetty", ORIGIN_GETTY, 0 },
	{ "su", ORIGIN_SU, 0 },
	{ "runuser", ORIGIN_SU, 0 },
	{ "sudo", ORIGIN_SUDO, 0 },
	{ "doas", ORIGIN_SUDO, 0 },
	{ "pkexec", ORIGIN_SUDO, 0 },
	{ "tmux", ORIGIN_MULTIPLEXER, 1 },
	{ "screen", ORIGIN_MULTIPLEXER, 0 },
	{ "containerd-shim", ORIGIN_CONTAINER, 1 },
	{ "runc", ORIGIN_CONTAINER, 1 },
	{ "crun", ORIGIN_CONTAINER, 0 },
	{ "conmon", ORIGIN_CONTAINER, 0 },
	{ "docker", ORIGIN_CONTAINER, 1 },
};

uint8_t lives_origin_of(const char comm[ACCT_COMM])
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = strnlen(known[i].comm, ACCT_COMM);

		if (strncmp(comm, known[i].comm, known[i].is_start ? len : ACCT_COMM) == 0)
			return known[i].origin;
	}
	return ORIGIN_NOT_SAID;
}

static int is_roots(const struct lives *l, const struct life_node *f)
{
	return f->life.uid == 0 || f->life.euid == 0 ||
	    l->ops.is_roots(l->ops.ctx, (pid_t)f->life.pid);
}

void lives_origin(const struct lives *l, struct life_node *f)
{
	uint8_t o = lives_origin_of(f->life.comm);

	if (o != ORIGIN_NOT_SAID && is_roots(l, f)) {
		f->gives = o;
		f->logs_in = f->life.other_login = 1;
	} else {
		f->life.origin = f->gives; /* of the program that this life ran before, too */
	}
}

void lives_origin_from(struct life_node *f)
{
	if (f->above != NULL)
		f->life.origin = f->above->gives;
	else if (f->life.ppid == 0 && f->life.pid != 1)
		f->life.origin = ORIGIN_KERNEL;
	else
		f->life.origin = ORIGIN_UNKNOWN;
	f->gives = f->life.origin;
	f->logs_in = 0;
	f->life.other_login = f->above != NULL &&
	    (f->above->logs_in || (f->above->keeper_of == 0 && f->above->life.other_login));
}
