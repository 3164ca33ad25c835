/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CHECK_H
#define SHELLAC_CHECK_H

#include <jansson.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "paths.h"

/*
 * Looks at a running host for whatever would keep it from recording, proving or
 * keeping to itself what it should.  A topic is one function; it says what is wrong
 * with check_warn() and check_fail(), as often as there is cause, or else once what is
 * well with check_fine().
 */
enum check_result { CHECK_OK, CHECK_WARN, CHECK_FAIL };

struct check {
	struct paths paths;
	int installed;        /* the system's places, not a private folder */
	uid_t owner;          /* of all that is the collector's */
	uid_t recorder;       /* whose recorders are; owner in a private folder */
	gid_t group;          /* of run/session */
	int have_users;       /* recorder and group are known */
	struct conf conf;     /* the one on disk, or where that has errors the one in force */
	json_t *status;       /* the collector's word, NULL where none answers */
	int json;
	char start[PATH_MAX + 16]; /* the command that starts the collector */
	const char *topic;    /* that is being looked at */
	unsigned count[CHECK_FAIL + 1];
};

/* fix: a command, or what else to do, in one line; "" where nothing can be done.  All
 * text is escaped here. */
void check_fine(struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void check_warn(struct check *k, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void check_fail(struct check *k, const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A longest command or path in a fix. */
#define CHECK_TEXT (PATH_MAX + 64)

/* A path of which so many modes and owners are right. */
struct check_path {
	const char *path;
	mode_t type;      /* S_IFDIR, ... */
	uid_t uid;
	gid_t gid;        /* (gid_t)-1: any */
	mode_t mode;      /* exactly; or with loose: at most so open */
	int loose;
	int optional;     /* it need not exist */
};

/* Says what is wrong with it.  1 if nothing is. */
int check_path(struct check *k, const struct check_path *p);

/* The folders above path are root's or the owner's and nobody else can put another
 * thing in its place.  1, or 0 after it said what is wrong. */
int check_above(struct check *k, const char *path);

/* Numbers and texts of the collector's status by a path such as "space.state"; -1
 * and "" where there are none. */
int64_t check_number(const struct check *k, const char *key);
const char *check_text(const struct check *k, const char *key);

/* Seconds since the last change of the file at path, by the wall clock; -1 if it is
 * not there. */
long check_age(const char *path);

void check_access(struct check *k);
void check_accounting(struct check *k);
void check_clock(struct check *k);
void check_collector(struct check *k);
void check_configuration(struct check *k);
void check_fifos(struct check *k);
void check_folders(struct check *k);
void check_keys(struct check *k);
void check_ledger(struct check *k);
void check_recorder(struct check *k);
void check_registration(struct check *k);
void check_space(struct check *k);
void check_spool(struct check *k);
void check_ways(struct check *k);
void check_witness(struct check *k);

#endif
