/* SPDX-License-Identifier: ISC */
/*
 * shellac-push: sends the checkpoints of this host's ledger to its witnesses.  The
 * collector starts it and gives it all that it has, as descriptors: a socket, and the
 * ledger's log and hashes to read (push_message.h).  It opens no file and keeps none.
 *
 *   main        confine
 *   push        the turns: what is new, who is asked, what came back
 *   target      one witness: what to ask, what its answer means
 *   candidate   a checkpoint and its cosignatures
 *   tree        proofs, from the ledger's files
 *   transfer    HTTP, by libcurl
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "log.h"
#include "paths.h"
#include "push.h"

enum { EXIT_CLEAN, EXIT_USAGE = 2, EXIT_CANNOT };

/* Root's is nothing here: the collector's user, or nobody. */
static int drop_root(void)
{
	const struct passwd *pw;

	if (geteuid() != 0)
		return 0;
	pw = getpwnam(PATHS_COLLECTOR_GROUP);
	if (pw == NULL)
		pw = getpwnam("nobody");
	if (pw == NULL)
		return -ENOENT;
	if (setgroups(0, NULL) < 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return -errno;
	return 0;
}

static int confine(void)
{
	const struct rlimit none = {0, 0};
	sigset_t set;

	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return -errno;
	return drop_root();
}

static int started_by_collector(void)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(PUSH_FD_SOCKET, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
	int r;

	(void)argv;
	log_open("shellac-push", 0, LOG_L_INFO);
	if (argc != 1 || !started_by_collector()) {
		fputs("shellac-push is started by shellacd; see shellacd(8)\n", stderr);
		return EXIT_USAGE;
	}
	r = confine();
	if (r == 0)
		r = sodium_init() < 0 ? -EIO : push_run(PUSH_FD_SOCKET, PUSH_FD_LOG, PUSH_FD_HASHES);
	if (r != 0)
		log_error("the pusher ends: %s", err_text(r));
	return r == 0 ? EXIT_CLEAN : EXIT_CANNOT;
}
