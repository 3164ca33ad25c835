/* SPDX-License-Identifier: ISC */
#include "identity.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "procfs.h"
#include "remote.h"
#include "tty_name.h"

int identity_peer(int sock, struct peer_id *p)
{
	struct proc_stat st;
	struct ucred uc;
	socklen_t len = sizeof(uc);
	int r;

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &uc, &len) < 0)
		return -errno;
	if (uc.pid <= 0)
		return -ESRCH;
	r = procfs_stat(uc.pid, &st);
	if (r != 0)
		return r;
	*p = (struct peer_id){
		.pid = uc.pid, .uid = uc.uid, .gid = uc.gid, .start_ticks = st.start_ticks};
	return 0;
}

char *identity_tty_name(char out[CERT_TTY_MAX + 1], uint32_t tty_dev)
{
	unsigned major = tty_dev >> 20, minor = tty_dev & 0xfffff;

	if (tty_dev == 0)
		out[0] = '\0';
	else if (tty_name(out, major, minor) != 0)
		snprintf(out, CERT_TTY_MAX + 1, "%u:%u", major, minor);
	return out;
}

ssize_t identity_receive(int sock, void *buf, size_t size, struct ucred *said)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = buf, .iov_len = size};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	const struct cmsghdr *c;
	ssize_t n;

	memset(said, 0, sizeof(*said));
	n = recvmsg(sock, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&h);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS &&
	    c->cmsg_len == CMSG_LEN(sizeof(*said)))
		memcpy(said, CMSG_DATA(c), sizeof(*said));
	return n;
}

/* The ids of whom a keeper records that has become recorders' for good. */
static int withdrawn(struct proc_ids *ids, const struct ucred *said, pid_t front, uid_t recorders)
{
	int r;

	if (said->uid != recorders) {
		ids->uid = said->uid;
		ids->gid = said->gid;
		return 0;
	}
	r = procfs_ids(front, ids);
	return r == 0 && ids->euid != recorders ? -EPERM : r;
}

int identity_claim(struct peer_id *p, const struct ucred *said, uid_t recorders)
{
	struct proc_stat st;
	struct proc_ids ids;
	int r;

	if ((r = procfs_ids(p->pid, &ids)) != 0 || (r = procfs_stat(p->pid, &st)) != 0)
		return r;
	if (st.start_ticks != p->start_ticks || said->pid != p->pid)
		return -EPERM;
	if (ids.uid == recorders)
		r = withdrawn(&ids, said, st.ppid, recorders);
	else if (said->uid != ids.uid || said->gid != ids.gid)
		r = -EPERM;
	if (r == 0 && ids.uid == recorders)
		r = -EPERM;
	if (r != 0)
		return r;
	p->uid = ids.uid;
	p->gid = ids.gid;
	return 0;
}

void identity_user(struct cert *c)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (getpwuid_r(c->uid, &pw, buf, sizeof(buf), &found) == 0 && found != NULL)
		snprintf(c->user, sizeof(c->user), "%.255s", found->pw_name);
}

/* The parents, nearest first; a connection's daemon among them says from where.
 * A keeper that has already left its terminal is on its parent's. */
static void fill_ancestors(struct cert *c, pid_t parent)
{
	struct proc_stat st;
	struct ancestor *a;

	while (c->ancestors < CERT_ANCESTORS_MAX && parent > 0 && procfs_stat(parent, &st) == 0) {
		a = &c->ancestor[c->ancestors];
		a->pid = (uint32_t)st.pid;
		a->start_ticks = st.start_ticks;
		snprintf(a->comm, sizeof(a->comm), "%.15s", st.comm);
		if (c->ancestors == 0 && c->tty_dev == 0)
			c->tty_dev = st.tty_dev;
		c->ancestors++;
		if (c->from[0] == '\0' && remote_is_daemon(st.comm))
			remote_of(parent, c->from, sizeof(c->from));
		parent = st.ppid;
	}
}

int identity_fill(struct cert *c, const struct peer_id *p)
{
	struct proc_stat st;
	int r;

	r = procfs_stat(p->pid, &st);
	if (r != 0)
		return r;
	if (st.start_ticks != p->start_ticks)
		return -ESRCH;
	c->pid = (uint32_t)p->pid;
	c->uid = p->uid;
	c->gid = p->gid;
	c->start_ticks = p->start_ticks;
	c->loginuid = procfs_number(p->pid, "loginuid");
	c->audit_session = procfs_number(p->pid, "sessionid");
	c->tty_dev = st.tty_dev;
	c->wall_ns = clock_wall();
	c->boot_ns = clock_boot();
	c->from[0] = c->user[0] = '\0';
	c->ancestors = 0;
	if (procfs_link(p->pid, "cwd", c->cwd, sizeof(c->cwd)) != 0)
		c->cwd[0] = '\0';
	identity_user(c);
	fill_ancestors(c, st.ppid);
	identity_tty_name(c->tty, c->tty_dev);
	return 0;
}

int identity_alive(const struct cert *c, const uint8_t boot_id[BOOT_ID_SIZE])
{
	struct proc_stat st;

	return memcmp(c->boot_id, boot_id, BOOT_ID_SIZE) == 0 &&
	    procfs_stat((pid_t)c->pid, &st) == 0 && st.start_ticks == c->start_ticks &&
	    st.state != 'Z' && st.state != 'X';
}
