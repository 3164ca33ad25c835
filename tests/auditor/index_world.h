/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_INDEX_WORLD_H
#define SHELLAC_INDEX_WORLD_H

#include "../../auditor/procs/process_index.h"
#include "process_world.h"

/* A store of made up process records, and questions that get the same rows with an index and
 * without. */
#define SECOND 1000000000LL
#define BOOT_S 1790000000LL
#define LINES_MAX 30000
#define PIDS 4096

extern struct world index_world;

/* A fixture: the store, and a cache of its own. */
void index_setup(void);
void index_teardown(void);

/* A number below n, of a sequence that the process id begins. */
uint32_t index_below(uint32_t n);

/* Records: of a process that has ended, of a program that begins, and of all sorts with times
 * that go on, a few users and names. */
void index_ended(uint32_t pid, uint32_t uid, const char *comm, uint64_t session, int64_t start,
    uint32_t ticks);
void index_begins(uint32_t pid, int64_t start, const char *text, size_t len);
void index_some(unsigned count, int64_t *now);

struct ask {
	uint32_t uid, not_uid;
	const char *comm;
	uint64_t or_len; /* or the program's text has so many bytes */
	uint64_t session;
	int64_t from_ns, to_ns;
};

struct rows {
	const struct ask *ask;
	struct process_segment segment;
	struct {
		uint64_t start, len; /* of the text, + 1 */
	} execs[PIDS]; /* the last one of each pid */
	char *line[LINES_MAX];
	size_t lines, read;
};

/* The rows for an answer; x NULL: without an index. */
extern struct rows index_rows;
void index_ask(struct rows *rows, struct process_index *x, struct ask *ask);
void index_release(struct rows *rows);

/* The rows with the index are those without; how many slots were read for them. */
size_t index_same(struct process_index *x, struct ask *ask);
struct ask index_all(void); /* all there are */
void index_questions(struct process_index *x, int64_t now);

struct process_index *index_open(void);

#endif
