/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_FILE_NAME_H
#define SHELLAC_FILE_NAME_H

#include <stdint.h>

/* DATE-NUMBER.jsonl or DATE-NUMBER.jsonl.zst: when the file was begun (UTC, to the second:
 * 20261122T080000Z) and the number of its first event, 20 digits.  In the order of their names
 * files are in the order of what is in them. */
#define FILE_NAME_SIZE 48 /* with the zero, of any name here */

struct file_name {
	int64_t date_s;
	uint64_t first;
	int packed;
};

/* Returns out.  The date has four digits for the year. */
char *file_name_put(char out[FILE_NAME_SIZE], const struct file_name *n);

/* 0, or E_FORMAT: of another kind. */
int file_name_get(struct file_name *n, const char *name);

struct file_names {
	struct file_name *name; /* oldest first; of a name in both kinds both */
	unsigned count;
};

/* Lists the folder.  0 or -errno. */
int file_names_list(struct file_names *l, int dir);
void file_names_release(struct file_names *l);

#endif
