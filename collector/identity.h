/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_IDENTITY_H
#define SHELLAC_IDENTITY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "cert.h"

/* What the kernel says about a peer.  The user is the effective one of connect(2),
 * which tells a recorder from others; after identity_claim() the real one, who is
 * to be recorded. */
struct peer_id {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	uint64_t start_ticks;
};

/* From SO_PEERCRED and /proc.  0, -errno (-ESRCH: not in our pid namespace, or
 * gone). */
int identity_peer(int sock, struct peer_id *p);

/* recv(2), non-blocking, with what the kernel let the sender claim to be
 * (SCM_CREDENTIALS, unix(7)); said->pid is 0 without.  Bytes, 0 or -errno. */
ssize_t identity_receive(int sock, void *buf, size_t size, struct ucred *said);

/* Whom a registration is for.  A sender may claim any of its ids: it must be the
 * process that connected, still there, and its claim that process's real user and
 * group, as /proc has them.
 *
 * A keeper whose program runs is recorders', the user of set-user-ID recorders, in
 * all user ids ((uid_t)-1: there are none such).  What it claimed before is true,
 * the kernel has checked it then; if it asks only now, whom it records is the real
 * user of its front, its parent, which is a recorder as well.
 *
 * 0 with p->uid and p->gid set to them, never to recorders; else -errno or -EPERM. */
int identity_claim(struct peer_id *p, const struct ucred *said, uid_t recorders);

/* The name of c->uid, "" where it has none. */
void identity_user(struct cert *c);

/* Fills what the kernel knows: pid to start_ticks, user, tty, from, cwd,
 * ancestors, clocks.  The rest of *c is the caller's.  0 or -errno when the peer
 * is gone; what else cannot be found out stays empty. */
int identity_fill(struct cert *c, const struct peer_id *p);

/* Is the certificate's keeper still running?  boot_id: of this boot. */
int identity_alive(const struct cert *c, const uint8_t boot_id[BOOT_ID_SIZE]);

/* "pts/3", "tty1", else "major:minor"; "" for 0. */
char *identity_tty_name(char out[CERT_TTY_MAX + 1], uint32_t tty_dev);

#endif
