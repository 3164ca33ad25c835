/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_H
#define SHELLAC_SETUP_H

/*
 * How logins and process accounting of a host come to shellac: enabled, disabled, told.
 * What is changed is said first, what it replaces is kept in a folder of root's and put
 * back byte for byte; where nobody could log in after it, it is not done, or undone.
 */
enum setup_verb { SETUP_ENABLE, SETUP_DISABLE, SETUP_STATUS };

/* Exit statuses, shellac(1). */
enum {
	SETUP_OK = 0,
	SETUP_REFUSED = 1, /* nothing was changed, or all of it put back */
	SETUP_USAGE = 2,
	SETUP_CANNOT = 3,
};

enum setup_word {
	SETUP_CHANGE,  /* of name: what becomes of it */
	SETUP_MINUS,   /* a line that goes */
	SETUP_PLUS,    /* a line that comes */
	SETUP_NOTE,
	SETUP_DONE,
	SETUP_TODO,    /* a command that somebody has to run now */
	SETUP_WRONG,   /* what is in the way, and what to do about it */
};

/* All text is raw: whoever shows it escapes it. */
struct setup_said {
	enum setup_word word;
	const char *what; /* "profile", ...; "" for what is about setup itself */
	const char *name; /* a path or a user, or "" */
	const char *text;
};

struct setup_request {
	enum setup_verb verb;
	const char *root;  /* the tree of a host that does not run; NULL: this one */
	const char *group; /* its members instead of users; or NULL */
	int dry_run, force, reload;
	char *const *words; /* WHAT..., and behind login-shell or forcecommand users */
	int count;
	void (*say)(void *ctx, const struct setup_said *said);
	/* 1: the collector has the kernel's accounting, 0: not, -1: none answers */
	int (*accounting)(void *ctx);
	void *ctx;
};

/* Does it.  Returns an exit status; why it is not 0 was said. */
int setup_run(const struct setup_request *q);

#endif
