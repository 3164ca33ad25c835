/* SPDX-License-Identifier: ISC */
#include "review.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "approval.h"
#include "err.h"
#include "events.h"
#include "io.h"
#include "ledger.h"
#include "log.h"
#include "review_note.h"

/* A note whose REVIEW is on its way to the disk. */
struct job {
	LIST_ENTRY(job) link;
	struct reviewer *r;
	uint64_t n, leaf;
	char what[REVIEW_WHAT];
	uint8_t digest[HASH_SIZE], id[ID_SIZE];
	unsigned verdict;
	char key_name[NOTE_NAME_MAX + 1];
	void (*done)(void *arg, int error, uint64_t leaf); /* NULL: nobody waits */
	void *arg;
};

struct reviewer {
	struct collector *c;
	LIST_HEAD(, job) jobs;
	char why[160];
};

static const char *wrong(struct reviewer *r, const char *what, int error)
{
	snprintf(r->why, sizeof(r->why), "%s: %s", what, err_text(error));
	return r->why;
}

/* Is it a sign-off, by one whose word counts? */
static const char *open_note(struct reviewer *r, const char *p, size_t len,
    struct review_note *note)
{
	const char *path = r->c->conf.reviewers;
	struct approvers keys;
	unsigned i;
	int e;

	if (path[0] == '\0')
		return "reviewers is none: nobody's sign-off counts here";
	e = review_note_open(note, p, len);
	if (e == E_SIGNATURE)
		return "the sign-off's signature does not verify";
	if (e == E_KEY)
		return "the sign-off is not signed by the key that it names";
	if (e != 0)
		return "this is no sign-off; shellac review sign makes one";
	e = approvers_load(&keys, path);
	if (e != 0) {
		snprintf(r->why, sizeof(r->why), "reviewers: %s; nothing is taken",
		    approvers_error(e));
		return r->why;
	}
	for (i = 0; i < keys.keys; i++)
		if (strcmp(keys.key[i].name, note->key.name) == 0 &&
		    memcmp(keys.key[i].pk, note->key.pk, PK_SIZE) == 0)
			return NULL;
	return "the sign-off is signed by none of reviewers";
}

static int is_day(const char *s)
{
	static const char shape[] = "0000/00/00";
	size_t i;

	for (i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return 0;
	return s[i] == '\0';
}

/* Is there this entry?  What is signed about is hashed, so that it cannot be another. */
static int is_entry(const struct collector *c, const struct review_note *note)
{
	uint8_t leaf[MERKLE_HASH];

	return ledger_leaf(c->ledger, note->entry, leaf) == 0 &&
	    memcmp(leaf, note->head, sizeof(leaf)) == 0;
}

/* Has the store this session's file?  The ledger takes no other. */
static int is_stored(const struct collector *c, const char *day, const struct review_note *note)
{
	struct session_name name = {.n = note->n};
	char text[STORE_NAME_MAX];
	struct stat st;
	int dir, found = 0, i;

	if (note->n > ledger_number(c->ledger) || !is_day(day) ||
	    (dir = store_day_open(&c->store, day, 0)) < 0)
		return 0;
	memcpy(name.id, note->id, ID_SIZE);
	for (i = SESSION_CLOSED; i <= SESSION_CUT && !found; i++) {
		name.state = (enum session_state)i;
		store_name_format(text, &name);
		found = fstatat(dir, text, &st, AT_SYMLINK_NOFOLLOW) == 0;
	}
	close(dir);
	return found;
}

int review_name(int dir, uint64_t n, const uint8_t digest[HASH_SIZE])
{
	char from[REVIEW_NAME_MAX], to[REVIEW_NAME_MAX];

	review_note_name(from, n, digest, "new");
	review_note_name(to, n, digest, "note");
	return renameat(dir, from, dir, to) < 0 || fsync(dir) < 0 ? -errno : 0;
}

/* REVIEW is on disk, or may be: then the next start knows. */
static void recorded(void *arg, int error)
{
	struct job *j = arg;
	struct collector *c = j->r->c;
	int dir, e;

	LIST_REMOVE(j, link);
	if (error == 0) {
		dir = e = io_make_dir(c->store.dir, REVIEW_DIR, 0700);
		if (dir >= 0) {
			e = review_name(dir, j->n, j->digest);
			close(dir);
		}
		if (e != 0)
			log_error("the sign-off of %s keeps the name of an unfinished one until "
			    "the next start: %s", j->what, err_text(e));
		log_info("%s was signed off", j->what);
		events_review(c->events, j->n, j->id, j->key_name, j->verdict, j->leaf);
	} else {
		log_error("the sign-off of %s may not be in the ledger: %s", j->what,
		    err_text(error));
	}
	if (j->done != NULL)
		j->done(j->arg, error, j->leaf);
	free(j);
}

/* Is it there?  NULL, or why it is not taken again. */
static const char *look(int dir, uint64_t n, const uint8_t digest[HASH_SIZE])
{
	char name[REVIEW_NAME_MAX];
	struct stat st;

	review_note_name(name, n, digest, "note");
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return "this sign-off was taken already";
	review_note_name(name, n, digest, "new");
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return "this sign-off is being taken; where that failed, the next start of the "
		    "collector settles it";
	return NULL;
}

/* Keeps it, and has the ledger say so. */
static const char *record(struct reviewer *r, int dir, struct job *j, const struct review_note *note,
    const char *p, size_t len)
{
	struct entry e = {.type = ENTRY_REVIEW};
	char name[REVIEW_NAME_MAX];
	int error;

	review_note_name(name, j->n, j->digest, "new");
	error = io_replace_file(dir, name, 0600, p, len);
	if (error == 0 && fsync(r->c->store.dir) < 0)
		error = -errno;
	if (error == 0) {
		randombytes_buf(e.u.review.salt, sizeof(e.u.review.salt));
		review_note_entry(&e, note, p, len);
		error = ledger_add(r->c->ledger, &e, recorded, j);
	}
	if (error != 0) {
		(void)unlinkat(dir, name, 0);
		return wrong(r, "the collector cannot keep it", error);
	}
	j->leaf = e.index;
	LIST_INSERT_HEAD(&r->jobs, j, link);
	return NULL;
}

const char *reviewer_take(struct reviewer *r, const char *day, const char *note, size_t len,
    void (*done)(void *arg, int error, uint64_t leaf), void *arg)
{
	struct review_note v;
	const char *why = open_note(r, note, len, &v);
	struct job *j;
	int dir;

	if (why == NULL && v.n == 0 && !is_entry(r->c, &v))
		why = "the ledger has no such entry";
	if (why == NULL && v.n != 0 && !is_stored(r->c, day, &v))
		why = "there is no such session here";
	if (why != NULL)
		return why;
	dir = io_make_dir(r->c->store.dir, REVIEW_DIR, 0700);
	if (dir < 0)
		return wrong(r, REVIEW_DIR, dir);
	j = malloc(sizeof(*j));
	if (j != NULL) {
		*j = (struct job){.r = r, .n = v.n, .verdict = v.verdict, .done = done, .arg = arg};
		memcpy(j->id, v.id, ID_SIZE);
		memcpy(j->key_name, v.key.name, sizeof(j->key_name));
		hash_of(j->digest, note, len);
		review_note_what(j->what, &v);
		why = look(dir, j->n, j->digest);
	}
	if (why == NULL)
		why = j != NULL ? record(r, dir, j, &v, note, len) : wrong(r, "it", -ENOMEM);
	if (why != NULL)
		free(j);
	close(dir);
	return why;
}

void reviewer_forget(struct reviewer *r, const void *arg)
{
	struct job *j;

	LIST_FOREACH(j, &r->jobs, link)
		if (j->arg == arg)
			j->done = NULL;
}

int reviewer_new(struct reviewer **out, struct collector *c)
{
	struct reviewer *r = calloc(1, sizeof(*r));
	int e;

	if (r == NULL)
		return -ENOMEM;
	r->c = c;
	LIST_INIT(&r->jobs);
	e = review_resume(&c->store);
	if (e != 0)
		log_error("sign-offs that were begun cannot be settled: %s", err_text(e));
	*out = r;
	return 0;
}

void reviewer_free(struct reviewer *r)
{
	struct job *j;

	if (r == NULL)
		return;
	while ((j = LIST_FIRST(&r->jobs)) != NULL) {
		ledger_forget(r->c->ledger, j);
		LIST_REMOVE(j, link);
		free(j);
	}
	free(r);
}
