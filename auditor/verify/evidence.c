/* SPDX-License-Identifier: ISC */
#include "verify/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"

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
		e->sessions = e->epochs = 0;
		host_chain_free(&e->keys);
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

/* Where the key that is known stands among those that the ledger names; keys.keys where
 * it does not. */
static size_t place_of(const struct evidence *e, const uint8_t *pk)
{
	size_t i = 0;

	while (i < e->keys.keys && memcmp(e->keys.key[i].pk, pk, PK_SIZE) != 0)
		i++;
	return i;
}

/* Did it begin with the key of this host's id, as far as that is known? */
static int is_of_host(const struct evidence *e, const struct evidence_ask *ask)
{
	uint8_t id[ID_SIZE];

	if (e->keys.keys == 0)
		return 1;
	if (ask->host_id == NULL)
		return place_of(e, ask->host_pk) < e->keys.keys;
	cert_host_id(id, e->keys.key[0].pk);
	return memcmp(id, ask->host_id, ID_SIZE) == 0;
}

/* Reads the whole log.  0, E_KEY (another host's), or what ended it at *offset. */
static int read_by_key(struct evidence *e, int fd, const struct evidence_ask *ask,
    uint64_t *offset)
{
	int r;

	ledger_file_init(&e->file, fd, NULL);
	r = read_log(e, offset);
	ledger_file_end(&e->file);
	return (r == 0 || is_finding(r)) && !is_of_host(e, ask) ? E_KEY : r;
}

/* A ledger without the key that is known of its host is an older one, or somebody's who
 * had an older key. */
static void find_key(struct evidence *e, const struct evidence_ask *ask)
{
	if (e->keys.keys == 0 || place_of(e, ask->host_pk) < e->keys.keys)
		return;
	worsen(e, LEDGER_ROLLBACK);
	evidence_find(e, E_KEY, 0, "rollback",
	    "the ledger does not name the host's key that is known from elsewhere");
}

/* Who signs for the host: the keys that its ledger names, and the one that is known. */
static int know_signers(struct evidence *e, const struct evidence_ask *ask)
{
	size_t i;
	int r = 0;

	if (ask->host_id != NULL)
		memcpy(e->host_id, ask->host_id, ID_SIZE);
	else
		cert_host_id(e->host_id, e->keys.keys > 0 ? e->keys.key[0].pk : ask->host_pk);
	checkpoint_origin_id(e->origin, e->host_id);
	for (i = 0; i < e->keys.keys && r == 0; i++)
		r = host_chain_add(&e->signers, e->keys.key[i].index, e->keys.key[i].pk);
	if (r == 0 && place_of(e, ask->host_pk) == e->keys.keys)
		r = host_chain_add(&e->signers, i > 0 ? e->file.tree.size : 0, ask->host_pk);
	return r;
}

/* log is there; what the entries before its first wrong one say is kept. */
static int read_entries(struct evidence *e, const struct evidence_ask *ask)
{
	int fd = store_open_file(e->store, LEDGER_DIR "/" LEDGER_LOG);
	uint64_t offset = 0;
	int r;

	if (fd < 0)
		return fd;
	r = read_by_key(e, fd, ask, &offset);
	close(fd);
	if (r != 0 && !is_finding(r))
		return r;
	if (r != 0)
		find_log(e, r, offset);
	else
		find_key(e, ask);
	return 0;
}

static enum pin_fit fit_of(const struct evidence *e, const struct pin *p)
{
	return pin_fit(p, e->origin, &e->signers);
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
	if (epoch_pk == NULL || e->keys.keys == 0 || memcmp(e->epoch_pk, epoch_pk, PK_SIZE) == 0)
		return;
	worsen(e, LEDGER_FORK);
	evidence_find(e, E_CHAIN, 0, "log",
	    "the ledger is not the one that its host was enrolled with");
}

/* Who knows a later key only believes in those before it for what that one, or one
 * behind it, has signed of the ledger: KEY alone can be put into another one. */
static void believe_keys(struct evidence *e, const struct evidence_ask *ask)
{
	size_t i = place_of(e, ask->host_pk);

	if (ask->host_id != NULL || i == 0 || i == e->keys.keys ||
	    e->keys.key[i].index < e->signed_leaves)
		return;
	worsen(e, LEDGER_TAMPERED);
	evidence_find(e, E_KEY, 0, "log", "nothing that this host's key signed covers the ledger");
	host_chain_free(&e->keys);
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
	r = read_entries(e, ask);
	if (r == -ENOENT) {
		worsen(e, LEDGER_MISSING);
		evidence_find(e, E_SHORT, 0, "log", "the ledger's log is not there");
		r = 0;
	}
	if (r == 0)
		r = know_signers(e, ask);
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
	believe_keys(e, ask);
	if (e->status == LEDGER_FORK) /* which of both is true, nobody knows */
		e->signed_leaves = e->witnessed_leaves = 0;
	return 0;
}

/* Without a ledger there is nothing to say, unless there was one. */
static int read_none(struct evidence *e, const struct store *s, const struct evidence_ask *ask)
{
	struct stat st;
	int r;

	e->status = LEDGER_NONE;
	if (fstatat(s->fd, "epoch.key", &st, AT_SYMLINK_NOFOLLOW) == 0) {
		e->status = LEDGER_MISSING;
		evidence_find(e, E_SHORT, 0, "log", "there is a key of a ledger, but no ledger");
	} else if (ask->epoch_pk != NULL) {
		e->status = LEDGER_MISSING;
		evidence_find(e, E_SHORT, 0, "log", "its host had a ledger when it enrolled");
	}
	r = know_signers(e, ask);
	if (r != 0 || ask->seen == NULL)
		return r;
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
	host_chain_free(&e->keys);
	host_chain_free(&e->signers);
	free(e->purge);
	free(e->renewal);
	free(e->table);
}

int evidence_read(struct evidence *e, const struct store *s, const struct evidence_ask *ask)
{
	static const struct timespec wait = { .tv_nsec = WAIT_NS };
	struct store_state state;
	int looks, again, r;

	memset(e, 0, sizeof *e);
	e->has_policy = ask->policy != NULL;
	/* who forwards to a fleet has one */
	r = s->fleet != NULL ? 0 : store_file_state(s, LEDGER_DIR, &state);
	if (r != 0)
		return r == -ENOENT ? read_none(e, s, ask) : r;
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
