/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PRIVILEGE_H
#define SHELLAC_PRIVILEGE_H

/*
 * What kind of process this is.  Installed, the program is set-user-ID _shellac:
 * the real user is the one to be recorded, effective and saved are _shellac.  Out
 * of a build tree or a private folder there is one user only.
 */
enum privilege {
	PRIVILEGE_NONE,  /* no set-user-ID program */
	PRIVILEGE_HELD,  /* set-user-ID, and it works */
	PRIVILEGE_LOST,  /* the file says set-user-ID and the kernel did not do it
			  * (no_new_privs, a user namespace, a nosuid mount), or
			  * somebody else's set-user-ID program started us */
};

/* To be asked before anything changes an id.  From AT_SECURE, getauxval(3), and
 * the mode and owner of our executable. */
enum privilege privilege_get(void);

/* The effective user for what must be done as the real one (a terminal's owner is
 * who made it), and back.  Nothing happens unless held.  0 or -errno. */
int privilege_lend(enum privilege p);
int privilege_take_back(enum privilege p);

/* For good: all ids are the real user's (what runs programs), or all user ids
 * _shellac's (the keeper: no signal and no ptrace(2) of the user's reaches it).
 * Nothing happens unless held, and then the process is not dumpable, until exec.  0
 * or -errno. */
int privilege_become_user(enum privilege p);
int privilege_become_recorder(enum privilege p);

#endif
