/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_WORD_H
#define SHELLAC_WORD_H

/*
 * Values of predicates (expression.h) that several tables have.  Those that are given as
 * read take a word of the user's and make a value that free(3) releases; ctx is not
 * looked at.  0, -ENOMEM, or negative: it is no such thing.
 */

/* A word, and the number that it is: at most UINT32_MAX. */
struct word {
	unsigned long long number;
	int is_number;
	char text[];
};

int word_read(void *ctx, const char *text, void **value);
int word_read_number(void *ctx, const char *text, void **value);
/* A terminal's name, with /dev/ or without: a struct word without it. */
int word_read_tty(void *ctx, const char *text, void **value);

/* A date: an int64_t, ns since 1970. */
int word_read_date(void *ctx, const char *text, void **value);

/* A group's number, or its name where local: names of groups are in no record, and a copied
 * store is not explained with those of the machine where it is read.  number is the
 * group's. */
int word_group(const char *text, int local, void **value);

#define WORD_WANTS_USER "a user's name or number"
#define WORD_WANTS_GROUP "a group's number, or on the host itself its name"
#define WORD_WANTS_TTY "a terminal, as pts/3"

#endif
