/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SETUP_WAYS_H
#define SHELLAC_SETUP_WAYS_H

#include "host.h"
#include "try.h"

/* Users that were named behind it. */
struct names {
	char *const *name;
	int count;
};

/* What can be enabled.  Each function says what is wrong with host_wrong() or
 * host_doubt(). */
struct way {
	const char *name;
	int takes_users;
	/* Adds to the record what is to be changed, as pending, and to t who should try. */
	int (*plan)(struct host *h, const struct names *users, struct testers *t);
	/* Is the host ready for that?  Also tried before. */
	void (*may)(struct host *h, struct testers *t);
	/* 0 where all is well after enabling, or disabling; else 1. */
	int (*works)(struct host *h, const struct testers *t, int enable);
	/* What disabling changes besides what is put back: said with done 0, done with 1.  0 or
	 * a negative code.  NULL: nothing. */
	int (*more)(struct host *h, int done);
	/* What else there is to do: daemons that have to be told. */
	void (*tell)(struct host *h, int enable);
	/* Is what was enabled in force?  What is not is said with host_wrong(). */
	void (*holds)(struct host *h);
};

extern const struct way ways[];
#define WAYS 4

const struct way *way_find(const char *name);

/* Adds an item that makes name what wanted is, or says that there is nothing to do.  An edit
 * is of what way_base() gives.  0 or a negative code. */
int way_plan(struct host *h, enum item_kind kind, const char *name,
    const struct tree_file *wanted);

/* What name is without setup: before it was changed, or now.  The caller releases *f. */
int way_base(struct host *h, enum item_kind kind, const char *name, struct tree_file *f);

/* Adds lines to the end of *f; one that is not there begins with them.  0 or -ENOMEM. */
int way_append(struct tree_file *f, const char *text);

/* These return an exit status. */
int enable(struct host *h, const struct way *way, const struct names *users);
int disable(struct host *h, const struct way *way, const struct names *users);
int status(struct host *h, const struct way *way);
/* What was left pending is undone. */
int recover(struct host *h);

/* Makes of each pending item what it was before.  0, or a negative code and it was said. */
int put_back(struct host *h);

/* Writes the record down.  0, or a negative code and it was said. */
int keep_record(struct host *h);

/* Runs one of a daemon's commands if --reload was given, else says it.  0 where it was run
 * and succeeded. */
int tell_daemon(struct host *h, const char *service, const char *verb);

int profile_plan(struct host *h, const struct names *users, struct testers *t);
void profile_may(struct host *h, struct testers *t);
int profile_works(struct host *h, const struct testers *t, int enable);
void profile_holds(struct host *h);
int login_shell_plan(struct host *h, const struct names *users, struct testers *t);
void login_shell_may(struct host *h, struct testers *t);
void login_shell_holds(struct host *h);
int forcecommand_plan(struct host *h, const struct names *users, struct testers *t);
void forcecommand_may(struct host *h, struct testers *t);
int forcecommand_works(struct host *h, const struct testers *t, int enable);
void forcecommand_tell(struct host *h, int enable);
void forcecommand_holds(struct host *h);
int accounting_plan(struct host *h, const struct names *users, struct testers *t);
void accounting_may(struct host *h, struct testers *t);
int accounting_works(struct host *h, const struct testers *t, int enable);
int accounting_more(struct host *h, int done);
void accounting_tell(struct host *h, int enable);
void accounting_holds(struct host *h);

#endif
