/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PROCS_CELLS_H
#define SHELLAC_PROCS_CELLS_H

#include "procs/procs.h"

/*
 * Cells of the table of processes, for procs_text.c.  A million rows a second are wanted,
 * so each cell is written in place, by hand, and users, terminals and days are looked up
 * once and not once for each row.
 */

#define PROCS_USER_TEXT 64
#define PROCS_HOST_TEXT 256
#define PROCS_ARGS_TEXT (2 * EXEC_TEXT_MAX)
#define PROCS_INDENT 128
#define PROCS_LINE (PROCS_ARGS_TEXT + PROCS_INDENT + 1024)
#define PROCS_USERS 256
#define PROCS_TTYS 64

enum procs_cell { HOST, COMMAND, FLAGS, USER, TTY, SESSION, PID, EXIT, CPU, ELAPSED, START, REASON,
	PPID, UID, MEMORY, ORIGIN, CERTAINTY, ARGS, COLUMNS };

struct kept_user {
	uint32_t uid;
	uint8_t len, known;
	char text[PROCS_USER_TEXT];
};

struct kept_tty {
	uint16_t tty;
	uint8_t len, known;
	char text[TTY_NAME_SIZE];
};

/* The table, and what its cells remember. */
struct procs_text {
	const struct procs_host *host; /* whose users these are */
	unsigned char shown[COLUMNS];
	unsigned count;
	size_t indent;     /* of ARGS, at most PROCS_INDENT */
	int64_t day;       /* since 1970, that date is of */
	char date[11];     /* "2026-11-20 " */
	struct kept_user user[PROCS_USERS];
	struct kept_tty tty[PROCS_TTYS];
	char line[PROCS_LINE];
};

struct procs_column {
	const char *head;
	size_t width;
	int right, usual, foreign, fleet; /* shown where nothing else is asked for, of what */
	/* Writes the cell at p, which has room for it; its chars. */
	size_t (*put)(struct procs_text *t, char *p, const struct procs_row *r);
};

extern const struct procs_column procs_columns[COLUMNS];

#endif
