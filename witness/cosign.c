/* SPDX-License-Identifier: ISC */
#include "cosign.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "io.h"
#include "log.h"
#include "note_line.h"
#include "request.h"

enum {
	OK = 200,
	BAD_REQUEST = 400,
	FORBIDDEN = 403,
	NOT_FOUND = 404,
	CONFLICT = 409,
	UNPROCESSABLE = 422,
	INTERNAL = 500,
};

/* A request that has been read. */
struct submission {
	struct request q;
	struct note note;
	struct checkpoint c;
	char signature[NOTE_LINE_MAX]; /* the log's line; of others nobody knows what they are */
};

/* One known key has to have signed; a signature under a known name and id that is
 * wrong spoils the note. */
static int check_signatures(struct submission *s, const struct log_state *log)
{
	int r, found = E_KEY;
	unsigned i;

	for (i = 0; i < log->keys; i++) {
		r = note_verify(&s->note, &log->key[i], NULL);
		if (r == 0 && found != 0)
			r = found = note_line_of(s->signature, &s->note, &log->key[i]);
		if (r != 0 && r != E_KEY)
			return r;
	}
	return found;
}

static void conflict(struct logs *l, const struct log_state *log, const struct submission *s,
    const char *what)
{
	int r;

	log_error("%s: %s: a checkpoint of size %" PRIu64 " does not fit to ours of %" PRIu64,
	    log->origin, what, s->c.size, log->size);
	r = logs_conflict(l, log, s->q.checkpoint, s->q.len);
	if (r != 0)
		log_error("%s: that checkpoint cannot be kept: %s", log->origin, err_text(r));
}

/* 0, or the status to answer: is what is new an extension of what is known?  The log
 * is locked and the old size is what we know. */
static unsigned check_tree(struct logs *l, const struct log_state *log, const struct submission *s)
{
	static const struct merkle empty;
	const struct request *q = &s->q;
	uint8_t root[MERKLE_HASH];

	merkle_root(&empty, root);
	if (s->c.size == 0 && memcmp(s->c.root, root, MERKLE_HASH) != 0)
		return UNPROCESSABLE;
	if (q->old == s->c.size && q->old > 0 && memcmp(s->c.root, log->root, MERKLE_HASH) != 0) {
		conflict(l, log, s, "another root");
		return UNPROCESSABLE;
	}
	if (q->old == 0 || q->old == s->c.size)
		return q->proofs == 0 ? 0 : UNPROCESSABLE;
	if (merkle_check_consistency(q->old, log->root, s->c.size, s->c.root, q->proof,
	    q->proofs) == 0)
		return 0;
	conflict(l, log, s, "no proof that one is the beginning of the other");
	return UNPROCESSABLE;
}

/* Ours behind the log's: stored, then answered. */
static void sign(struct witness *w, struct log_state *log, const struct submission *s,
    struct answer *a)
{
	char line[NOTE_LINE_MAX], *note;
	int r = -ENOMEM, len;
	size_t room = s->note.text_len + 2 * NOTE_LINE_MAX;

	note_sign(line, s->note.text, s->note.text_len, &w->identity.key, w->identity.sk,
	    (uint64_t)time(NULL));
	note = malloc(room);
	if (note != NULL) {
		len = snprintf(note, room, "%.*s\n%s%s", (int)s->note.text_len, s->note.text,
		    s->signature, line);
		r = len <= NOTE_MAX ? logs_store(&w->logs, log, &s->c, note, (size_t)len) : E_RANGE;
	}
	free(note);
	if (r != 0) {
		log_error("%s: the state cannot be stored: %s; not cosigned", log->origin, err_text(r));
		answer_line(a, INTERNAL, "the state cannot be stored");
		return;
	}
	log_info("%s: cosigned size %" PRIu64, log->origin, s->c.size);
	a->status = OK;
	a->type = ANSWER_TEXT;
	a->len = (size_t)snprintf(a->body, sizeof(a->body), "%s", line);
}

/* The log is locked. */
static void add_locked(struct witness *w, struct log_state *log, const struct submission *s,
    struct answer *a)
{
	unsigned status;

	if (s->q.old != log->size) {
		if (s->c.size < log->size)
			log_warn("%s: a checkpoint of size %" PRIu64 ", we cosigned %" PRIu64
			    " before", log->origin, s->c.size, log->size);
		answer_line(a, CONFLICT, "%" PRIu64, log->size);
		a->type = ANSWER_SIZE;
		return;
	}
	status = check_tree(&w->logs, log, s);
	if (status != 0)
		answer_line(a, status, "not consistent with size %" PRIu64, log->size);
	else
		sign(w, log, s, a);
}

/* In the order of the specification. */
void cosign_add(struct witness *w, const char *body, size_t len, struct answer *a)
{
	struct submission s;
	struct log_state *log;

	if (request_parse(&s.q, body, len) != 0 ||
	    note_parse(&s.note, s.q.checkpoint, s.q.len) != 0 ||
	    checkpoint_parse(&s.c, s.note.text, s.note.text_len) != 0) {
		answer_line(a, BAD_REQUEST, "not a request of add-checkpoint");
		return;
	}
	log = logs_find(&w->logs, s.c.origin);
	if (log == NULL) {
		answer_line(a, NOT_FOUND, "no such log is known here");
		return;
	}
	if (check_signatures(&s, log) != 0) {
		answer_line(a, FORBIDDEN, "not signed by a known key of this log");
		return;
	}
	if (s.q.old > s.c.size) {
		answer_line(a, BAD_REQUEST, "the old size is larger than the checkpoint's");
		return;
	}
	pthread_mutex_lock(&log->lock);
	add_locked(w, log, &s, a);
	pthread_mutex_unlock(&log->lock);
}

void cosign_show(struct witness *w, const char *file, struct answer *a)
{
	struct log_state *log = logs_find_file(&w->logs, file);
	uint8_t *text;
	size_t len;

	if (log == NULL || io_read_file(w->logs.dir, log->file, NOTE_MAX, &text, &len) != 0) {
		answer_line(a, NOT_FOUND, "no checkpoint of such a log");
		return;
	}
	a->status = OK;
	a->type = ANSWER_TEXT;
	a->len = len;
	memcpy(a->body, text, len);
	free(text);
}
