/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCFS_H
#define SHELLAC_PROCFS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What /proc says of one process; the text of proc(5) files is hostile (comm). */
struct proc_stat {
	pid_t pid, ppid, pgrp, session;
	uint32_t tty_dev;       /* major << 20 | minor, 0 for none */
	uint64_t start_ticks;   /* field 22 of stat */
	char state;
	char comm[16];
};

/* Reads /proc/PID/stat.  0, -errno (-ESRCH, -ENOENT: gone) or E_FORMAT. */
int procfs_stat(pid_t pid, struct proc_stat *s);

/* The real and the effective ids of one process. */
struct proc_ids {
	uid_t uid, euid;
	gid_t gid, egid;
};

/* Reads /proc/PID/status.  0, -errno (-ESRCH, -ENOENT: gone) or E_FORMAT. */
int procfs_ids(pid_t pid, struct proc_ids *ids);

/* Parses the text of a status file; for the above and its tests. */
int procfs_ids_parse(const char *text, size_t len, struct proc_ids *ids);

/* Parses the text of a stat file; for the above and its tests. */
int procfs_stat_parse(const char *text, size_t len, struct proc_stat *s);

/* loginuid, sessionid and similar one-number files; CERT_UNSET when not there. */
uint32_t procfs_number(pid_t pid, const char *file);

/* Reads a link like exe or cwd into out (zero-ended, cut to size).  0 or -errno. */
int procfs_link(pid_t pid, const char *link, char *out, size_t size);

/* Which file a process runs, also where it has been replaced or removed: device and inode,
 * proc_pid_exe(5).  0 or -errno. */
int procfs_program(pid_t pid, dev_t *dev, ino_t *ino);

/* This kernel's boot id.  0, -errno or E_FORMAT. */
int procfs_boot_id(uint8_t id[16]);

#endif
