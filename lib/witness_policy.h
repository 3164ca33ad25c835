/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_WITNESS_POLICY_H
#define SHELLAC_WITNESS_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "note.h"

/*
 * Whose cosignatures are wanted: a C2SP tlog-policy file.
 *
 *   log VKEY [URL]
 *   witness NAME VKEY [URL]
 *   group NAME all|any|NUMBER MEMBER...
 *   quorum NAME|none
 *
 * A line that begins with # is a comment.  What is named must be defined above, a name
 * is a member once, a key stands once as a log's and once as a witness', and there is
 * one quorum line.
 */
#define POLICY_WITNESSES_MAX 32
#define POLICY_GROUPS_MAX 32
#define POLICY_LOGS_MAX 64
#define POLICY_FILE_MAX 65536
#define POLICY_URL_MAX 512

struct policy_witness {
	char name[NOTE_NAME_MAX + 1];
	struct note_key key;    /* NOTE_COSIGNATURE */
	char url[POLICY_URL_MAX]; /* "" where none is given */
};

struct witness_policy;

/* Reads text (not zero-ended).  0, -ENOMEM, E_FORMAT, E_RANGE, E_KEY; *line is the number
 * of the line that is wrong, from 1, one behind the last where the quorum's is missing,
 * and 0 where it is no line's fault.  Free with policy_free(). */
int policy_parse(struct witness_policy **out, const char *text, size_t len, unsigned *line);
/* The same from a file, or -errno: a regular one (no link) of at most POLICY_FILE_MAX
 * bytes. */
int policy_load(struct witness_policy **out, const char *path, unsigned *line);
/* NULL is fine. */
void policy_free(struct witness_policy *p);

/* Their numbers, and one of them; NULL for an i that is not below. */
unsigned policy_witnesses(const struct witness_policy *p);
const struct policy_witness *policy_witness(const struct witness_policy *p, unsigned i);
unsigned policy_logs(const struct witness_policy *p);
const struct note_key *policy_log(const struct witness_policy *p, unsigned i);

/* Is the quorum reached by witnesses i with seen[i] != 0?  "none": always. */
int policy_satisfied(const struct witness_policy *p, const uint8_t seen[POLICY_WITNESSES_MAX]);

/* Looks at a checkpoint's cosignatures: 1 where the quorum is reached, 0 where not;
 * E_SIGNATURE where one that is there is wrong.  *time_s is the earliest time at which
 * the quorum had signed: the quorum's latest time, for the best choice of witnesses.
 * Where the quorum is none, 1 takes a witness that signed all the same, and the time
 * is the first one's: what nobody signed was witnessed by nobody. */
int policy_check(const struct witness_policy *p, const struct note *n, uint64_t *time_s);

#endif
