/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONF_WATCH_H
#define SHELLAC_CONF_WATCH_H

#include <stddef.h>

#define CONF_WATCH_MAX 32 /* rules */
#define CONF_WATCH_NAME 31
#define CONF_WATCH_COMMAND 15
#define CONF_WATCH_USER 32
#define CONF_WATCH_GRACE 10 /* seconds, where a rule does not say */
#define CONF_WATCH_GRACE_MAX 86400

/* watch = NAME COMMAND [user USER] [grace SECONDS]: a command that is to run, see
 * shellac.conf(5). */
struct conf_watch {
	char name[CONF_WATCH_NAME + 1];
	char command[CONF_WATCH_COMMAND + 1];
	char user[CONF_WATCH_USER + 1]; /* a name or a number; "": any */
	unsigned grace_s;
};

/* Reads one value of the key.  1, or 0 where it is none: *w is as it was. */
int conf_watch_parse(struct conf_watch *w, const char *value);

#define CONF_WATCH_TEXT 112 /* of one rule, the zero included */

/* The rule as one would write it, all of it said.  Returns out, which has room for
 * CONF_WATCH_TEXT chars. */
char *conf_watch_format(char *out, const struct conf_watch *w);

/* Adds the rule to the *count of list, which has room for CONF_WATCH_MAX; "none" adds
 * none.  1, or 0: no rule, one too many, or a name that is there already. */
int conf_watch_add(struct conf_watch *list, unsigned *count, const char *value);

/* As snprintf(3): a line "key = RULE" for each, or "key = none". */
int conf_watch_dump(const struct conf_watch *list, unsigned count, const char *key, char *out,
    size_t size);

#endif
