/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define LOOKS 5          /* at a ledger that its collector may be writing */
#define WAIT_NS 50000000 /* between them */

const char *ledger_status_word(enum ledger_status s)
{
	static const char *const words[] = {
		"NONE", "CONSISTENT", "MISSING", "TORN", "TAMPERED", "ROLLBACK", "FORK",
	};

	return words[s];
}

void evidence_find(struct evidence *e, int code, uint64_t offset, const char *kind,
    const char *text)
{
	struct finding *f;

	if (e->findings == EVIDENCE_FINDINGS) {
		e->more++;
		return;
	}
	f = &e->finding[e->findings++];
	f->code = code;
	f->chunk = -1;
	f->offset = offset;
	f->kind = kind;
	snprintf(f->text, sizeof f->text, "%s", text);
}

static void worsen(struct evidence *e, enum ledger_status s)
{
	if (e->status < s)
		e->status = s;
}

static void pins_tree(struct evidence *e)
{
	pin_tree(&e->checkpoint, &e->file.tree);
	pin_tree(&e->cosigned, &e->file.tree);
	pin_tree(&e->seen, &e->file.tree);
}

/* 0 at the end of the log, else what ended it earlier; *offset is where. */
static int read_log(struct evidence *e, uint64_t *offset)
{
	struct entry in;
	int r;

	for (;;) {
		pins_tree(e);
		*offset = e->file.offset;
		r = ledger_file_next(&e->file, &in);
		if (r <= 0)
			return r;
		r = evidence_take(e, &in, *offset);
		if (r != 0)
			return r;
	}
}

static int is_finding(int code)
{
	return code <= E_FORMAT && code >= E_REFUSED;
}

static void find_log(struct evidence *e, int r, uint64_t offset)
{
	char text[160];

	if (r == E_KEY) {
		worsen(e, LEDGER_TAMPERED);
		evidence_find(e, r, offset, "log", "the ledger is not of this host's key");
		e->sessions = e->epochs = e->keys = 0;
		return;
	}
	if (r == E_SHORT) {
		worsen(e, LEDGER_TORN);
		evidence_find(e, r, offset, "log", "the ledger ends inside an entry");
		return;
	}
	worsen(e, LEDGER_TAMPERED);
	snprintf(text, sizeof text, "entry %llu of the ledger: %s: nothing behind it is believed",
	    (unsigned long long)e->file.tree.size, err_text(r));
	evidence_find(e, r, offset, "log", text);
}

/* host_pk is the host's first key, or, after KEY entries, its last, which vouches for
 * all before it by the checkpoint that it signs. */
static int read_by_key(struct evidence *e, int fd, const uint8_t *host_pk, uint64_t *offset)
{
	int r;

	ledger_file_init(&e->file, fd, host_pk);
	r = read_log(e, offset);
	if (r == E_KEY && e->file.tree.size == 0) {
		ledger_file_end(&e->file);
		ledger_file_init(&e->file, fd, NULL);
		r = read_log(e, offset);
		if (memcmp(e->file.host_pk, host_pk, PK_SIZE) != 0) {
			memcpy(e->file.host_pk, host_pk, PK_SIZE);
			r = E_KEY;
		}
	}
	ledger_file_end(&e->file);
	return r;
}

/* log is there; what the entries before its first wrong one say is kept. */
static int read_entries(struct evidence *e, const uint8_t *host_pk)
{
	int fd = store_open_file(e->store, LEDGER_DIR "/" LEDGER_LOG);
	uint64_t offset = 0;
	int r;

	if (fd < 0)
		return fd;
	r = read_by_key(e, fd, host_pk, &offset);
	close(fd);
	if (r != 0 && !is_finding(r))
		return r;
	if (r != 0)
		find_log(e, r, offset);
	return 0;
}

/* A checkpoint is signed by the key that the host had then. */
static enum pin_fit fit_of(const struct evidence *e, const struct pin *p)
{
	enum pin_fit fit = pin_fit(p, e->file.host_pk);
	size_t i;

	for (i = e->keys; fit == PIN_WRONG && i-- > 0;)
		fit = pin_fit(p, e->key[i].pk);
	return fit;
}

/* How a checkpoint of the store fits.  The tree that it was signed for is then
 * known to be a part of this one. */
static void hold_against(struct evidence *e, const struct pin *p, const char *what,
    enum ledger_status forks)
{
	enum pin_fit fit = fit_of(e, p);
	char text[160];

	if (fit == PIN_FITS && p->at.size > e->signed_leaves)
		e->signed_leaves = p->at.size;
	if (fit == PIN_NONE || fit == PIN_FITS)
		return;
	if (fit == PIN_WRONG) {
		worsen(e, LEDGER_TAMPERED);
		snprintf(text, sizeof text, "%s is no checkpoint that this host signed", what);
		evidence_find(e, E_SIGNATURE, 0, "checkpoint", text);
	} else if (fit == PIN_FORKS) {
		worsen(e, forks);
		snprintf(text, sizeof text, "%s is of another ledger: its %llu entries are not "
		    "the first of this one", what, (unsigned long long)p->at.size);
		evidence_find(e, E_CHAIN, 0, forks == LEDGER_FORK ? "fork" : "checkpoint", text);
	} else if (e->status != LEDGER_TAMPERED) {
		worsen(e, LEDGER_ROLLBACK);
		snprintf(text, sizeof text, "%s has %llu entries, this ledger only %llu", what,
		    (unsigned long long)p->at.size, (unsigned long long)e->file.tree.size);
		evidence_find(e, E_SHORT, 0, "rollback", text);
	}
}

static void witness(struct evidence *e, const struct pin *p, const struct evidence_ask *ask)
{
	uint64_t at = 0;
	int r;

	if (ask->policy == NULL || fit_of(e, p) != PIN_FITS)
		return;
	r = policy_check(ask->policy, &p->note, &at);
	if (r == E_SIGNATURE) {
		worsen(e, LEDGER_TAMPERED);
		evidence_find(e, r, 0, "witness", "a witness' cosignature does not verify");
	}
	if (r == 1 && at > 0 && p->at.size > e->witnessed_leaves) {
		e->witnessed_leaves = p->at.size;
		e->witnessed_s = at;
	}
}

/* Whoever has the host's key can begin another ledger, and not with the epoch key of the
 * one that was there when the host enrolled. */
static void hold_against_enrolment(struct evidence *e, const uint8_t *epoch_pk)
{
	if (epoch_pk == NULL || e->keys == 0 || memcmp(e->epoch_pk, epoch_pk, PK_SIZE) == 0)
		return;
	worsen(e, LEDGER_FORK);
	evidence_find(e, E_CHAIN, 0, "log",
	    "the ledger is not the one that its host was enrolled with");
}

/* All of it once.  *again: what seems wrong may be a write under way. */
static int look(struct evidence *e, const struct evidence_ask *ask, int *again)
{
	int r;

	pin_load_store(&e->checkpoint, e->store, LEDGER_DIR "/" LEDGER_CHECKPOINT);
	pin_load_store(&e->cosigned, e->store, LEDGER_DIR "/" LEDGER_COSIGNED);
	if (ask->seen != NULL)
		pin_load(&e->seen, AT_FDCWD, ask->seen);
	e->status = LEDGER_RIGHT;
	memcpy(e->file.host_pk, ask->host_pk, PK_SIZE);
	r = read_entries(e, ask->host_pk);
	if (r == -ENOENT) {
		worsen(e, LEDGER_MISSING);
		evidence_find(e, E_SHORT, 0, "log", "the ledger's log is not there");
		r = 0;
	}
	if (r != 0)
		return r;
	if (e->epochs > 0 && e->checkpoint.text == NULL && e->checkpoint.error == 0) {
		worsen(e, LEDGER_MISSING);
		evidence_find(e, E_SHORT, 0, "checkpoint", "the ledger's checkpoint is not there");
	}
	*again = e->status == LEDGER_TORN || e->status == LEDGER_MISSING;
	hold_against_enrolment(e, ask->epoch_pk);
	hold_against(e, &e->checkpoint, "the ledger's checkpoint", LEDGER_TAMPERED);
	hold_against(e, &e->cosigned, "the witnessed checkpoint", LEDGER_FORK);
	hold_against(e, &e->seen, "the checkpoint that was kept", LEDGER_FORK);
	witness(e, &e->checkpoint, ask);
	witness(e, &e->cosigned, ask);
	witness(e, &e->seen, ask);
	evidence_find_renewals(e);
	if (e->status == LEDGER_FORK) /* which of both is true, nobody knows */
		e->signed_leaves = e->witnessed_leaves = 0;
	return 0;
}

/* Without a ledger there is nothing to say, unless there was one. */
static int read_none(struct evidence *e, const struct store *s, const struct evidence_ask *ask)
{
	struct stat st;

	e->status = LEDGER_NONE;
	if (fstatat(s->fd, "epoch.key", &st, AT_SYMLINK_NOFOLLOW) == 0) {
		e->status = LEDGER_MISSING;
		evidence_find(e, E_SHORT, 0, "log", "there is a key of a ledger, but no ledger");
	} else if (ask->epoch_pk != NULL) {
		e->status = LEDGER_MISSING;
		evidence_find(e, E_SHORT, 0, "log", "its host had a ledger when it enrolled");
	}
	if (ask->seen == NULL)
		return 0;
	memcpy(e->file.host_pk, ask->host_pk, PK_SIZE);
	pin_load(&e->seen, AT_FDCWD, ask->seen);
	hold_against(e, &e->seen, "the checkpoint that was kept", LEDGER_FORK);
	return 0;
}

static void forget(struct evidence *e)
{
	pin_release(&e->checkpoint);
	pin_release(&e->cosigned);
	pin_release(&e->seen);
	free(e->session);
	free(e->epoch);
	free(e->key);
	free(e->purge);
	free(e->renewal);
	free(e->table);
}

int evidence_read(struct evidence *e, const struct store *s, const struct evidence_ask *ask)
{
	static const struct timespec wait = { .tv_nsec = WAIT_NS };
	int looks, again, r, fd;

	memset(e, 0, sizeof *e);
	e->has_policy = ask->policy != NULL;
	fd = store_open_folder(s, LEDGER_DIR);
	if (fd < 0)
		return fd == -ENOENT ? read_none(e, s, ask) : fd;
	close(fd);
	for (looks = 1;; looks++) {
		e->store = s;
		again = 0;
		r = look(e, ask, &again);
		if (r != 0 || !again || looks == LOOKS)
			return r;
		nanosleep(&wait, NULL);
		forget(e);
		memset(e, 0, sizeof *e);
		e->has_policy = ask->policy != NULL;
	}
}

void evidence_release(struct evidence *e)
{
	forget(e);
	memset(e, 0, sizeof *e);
}

const struct pin *evidence_pin(const struct evidence *e, uint64_t leaf)
{
	const struct pin *const pins[] = { &e->cosigned, &e->checkpoint };
	size_t i;

	for (i = 0; i < 2; i++)
		if (fit_of(e, pins[i]) == PIN_FITS && leaf < pins[i]->at.size)
			return pins[i];
	return NULL;
}
