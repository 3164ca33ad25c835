/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "coverage.h"

/* sshd, sshd-session, sshd-auth.  Anybody may call a process so; but what is below a real
 * one began as something else, in a session of its own, and that was the login. */
int coverage_is_sshd(const char comm[ACCT_COMM])
{
	return strncmp(comm, "sshd", 4) == 0 && (comm[4] == '\0' || comm[4] == '-');
}

/* root's, or the one that sshd makes for the user, which is the child of root's. */
static int is_sshd(const struct coverage_kin *k,
    int (*get)(void *ctx, uint32_t pid, struct coverage_kin *out), void *ctx,
    struct coverage_kin *parent)
{
	memset(parent, 0, sizeof(*parent));
	if (!coverage_is_sshd(k->comm))
		return 0;
	if (k->ppid != 0 && get(ctx, k->ppid, parent) != 0)
		memset(parent, 0, sizeof(*parent));
	return k->uid == 0 || (coverage_is_sshd(parent->comm) && parent->uid == 0);
}

int coverage_is_login(const struct coverage_kin *self,
    int (*get)(void *ctx, uint32_t pid, struct coverage_kin *out), void *ctx)
{
	struct coverage_kin parent, above;

	if (self->ppid == 0 || get(ctx, self->ppid, &parent) != 0 ||
	    !is_sshd(&parent, get, ctx, &above))
		return 0;
	return !coverage_is_sshd(self->comm) || (self->sid == self->pid && coverage_is_sshd(above.comm));
}
