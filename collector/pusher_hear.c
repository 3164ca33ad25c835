/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "hash.h"
#include "io.h"
#include "ledger.h"
#include "ledger_file.h"
#include "log.h"
#include "pusher_internal.h"

/* How many of the policy's witnesses signed; 0 where they are no quorum. */
static unsigned count_cosigners(const struct pusher *p, const struct note *n)
{
	unsigned i, count = 0;
	uint64_t time_s;

	if (policy_check(p->policy, n, &time_s) != 1)
		return 0;
	for (i = 0; i < policy_witnesses(p->policy); i++)
		count += note_verify(n, &policy_witness(p->policy, i)->key, NULL) == 0;
	return count;
}

/* A note with a quorum. */
struct cosigned {
	struct checkpoint at;
	unsigned cosigners;
	uint8_t digest[HASH_SIZE]; /* of its text */
};

/* 0, or what is wrong with a note that should be this host's and have one. */
static int check_cosigned(const struct pusher *p, const char *text, size_t len,
    struct cosigned *out)
{
	struct note n;
	int r = note_parse(&n, text, len);

	if (r == 0)
		r = checkpoint_watch_check(p->c, &n, &out->at, NULL);
	if (r != 0)
		return r;
	hash_of(out->digest, n.text, n.text_len);
	out->cosigners = count_cosigners(p, &n);
	return out->cosigners > 0 ? 0 : E_SIGNATURE;
}

/* From now on certificates name it. */
static void know(struct pusher *p, const struct cosigned *k)
{
	p->cosigned = k->at.size;
	p->cosigners = k->cosigners;
	memcpy(p->c->witnessed, k->digest, HASH_SIZE);
}

static void take_cosigned(struct pusher *p, const char *text, size_t len)
{
	struct cosigned k;
	int dir, r;

	r = check_cosigned(p, text, len, &k);
	if (r != 0) {
		log_error("what the pusher brought as a cosigned checkpoint is none: %s", err_text(r));
		return;
	}
	if (k.at.size < p->cosigned || (k.at.size == p->cosigned && k.cosigners <= p->cosigners))
		return;
	dir = io_make_dir(p->c->store.dir, LEDGER_DIR, 0700);
	r = dir < 0 ? dir : io_replace_file(dir, LEDGER_COSIGNED, 0600, text, len);
	if (dir >= 0)
		close(dir);
	if (r != 0)
		log_error("%s/" LEDGER_DIR "/" LEDGER_COSIGNED ": %s", p->c->paths.store, err_text(r));
	else
		know(p, &k);
}

void pusher_load_cosigned(struct pusher *p)
{
	struct cosigned k;
	uint8_t *text;
	size_t len;

	p->cosigned = 0;
	p->cosigners = 0;
	if (io_read_file(p->c->store.dir, LEDGER_DIR "/" LEDGER_COSIGNED, NOTE_MAX, &text, &len) != 0)
		return;
	if (check_cosigned(p, (char *)text, len, &k) == 0)
		know(p, &k);
	free(text);
}

/* Once each time it changes. */
static void say_state(const struct push_witness *w, const char *name, unsigned before)
{
	if (w->state == before)
		return;
	if (w->state >= PUSH_ROLLBACK)
		log_error("witness %s: %s: %s", name, push_state_word(w->state), w->text);
	else if (w->state != PUSH_FINE)
		log_warn("witness %s: %s: %s; it is asked again", name, push_state_word(w->state),
		    w->text);
	else if (before != PUSH_NEW)
		log_info("witness %s: is back, cosigned size %" PRIu64, name, w->size);
}

static int in_alarm(const struct pusher *p)
{
	unsigned i;

	for (i = 0; i < policy_witnesses(p->policy); i++)
		if (p->witness[i].state >= PUSH_ROLLBACK)
			return 1;
	return 0;
}

/* What a witness knows and we do not is evidence: it goes into the ledger. */
static void say_alarm(struct pusher *p, const struct push_witness *w, const char *name,
    unsigned before)
{
	char text[NOTE_NAME_MAX + PUSH_TEXT_MAX + 16];

	if (w->state >= PUSH_ROLLBACK && w->state != before) {
		snprintf(text, sizeof(text), "%s: %s: %s", name, push_state_word(w->state), w->text);
		ledger_fail(p->c->ledger, FAIL_WITNESS, E_CHAIN, 0, text);
	} else if (before >= PUSH_ROLLBACK && !in_alarm(p)) {
		ledger_fail(p->c->ledger, FAIL_WITNESS, 0, 0, name);
	}
}

static void take_witness(struct pusher *p, const uint8_t *message, size_t len)
{
	struct push_witness w;
	const char *name;
	unsigned before;

	if (push_witness_parse(&w, message, len) != 0 || w.index >= policy_witnesses(p->policy))
		return;
	before = p->witness[w.index].state;
	p->witness[w.index] = w;
	name = policy_witness(p->policy, w.index)->name;
	say_state(&w, name, before);
	say_alarm(p, &w, name, before);
}

void pusher_hear(struct pusher *p, const uint8_t *message, size_t len)
{
	if (message[0] == PUSH_COSIGNED)
		take_cosigned(p, (const char *)message + 1, len - 1);
	else if (message[0] == PUSH_WITNESS)
		take_witness(p, message, len);
}
