/* SPDX-License-Identifier: ISC */
/* From what an earlier collector left to a ledger that can be written on. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "ledger_internal.h"
#include "log.h"
#include "notary.h"

/* There from a start to a clean end. */
#define RUNNING_FILE "running"

static int refuse(const struct ledger *l, const char *what, int r)
{
	log_error("%s/" LEDGER_DIR ": %s (%s); refused: shellac verify says more", l->c->paths.store,
	    what, err_text(r));
	return r;
}

static int open_log(struct ledger *l)
{
	struct stat st;

	l->log = openat(l->dir, LEDGER_LOG, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC, 0600);
	if (l->log < 0 || fstat(l->log, &st) < 0)
		return -errno;
	l->job.fd = l->log;
	return S_ISREG(st.st_mode) ? 0 : -EINVAL;
}

static int open_files(struct ledger *l)
{
	int live, r;

	l->dir = io_make_dir(l->c->store.dir, LEDGER_DIR, 0700);
	if (l->dir < 0)
		return l->dir;
	live = io_make_dir(l->dir, LEDGER_LIVE, 0700);
	if (live < 0)
		return live;
	close(live);
	r = open_log(l);
	if (r == 0)
		r = ledger_hashes_open(l);
	/* the names; what is in them follows */
	if (r == 0 && (fsync(l->dir) < 0 || fsync(l->c->store.dir) < 0))
		r = -errno;
	return r;
}

static int is_signed(const struct merkle *t, const struct checkpoint *cp)
{
	uint8_t root[MERKLE_HASH];

	merkle_root(t, root);
	return memcmp(root, cp->root, MERKLE_HASH) == 0;
}

/* GENESIS must have the host's first key; KEYs say which others there were. */
static int take_key(struct ledger *l, const struct entry *e)
{
	if (e->type == ENTRY_GENESIS)
		return memcmp(e->u.genesis.host_pk, l->c->pk, PK_SIZE) == 0 ? 0 : E_KEY;
	return e->type == ENTRY_KEY ? ledger_keys_add(l, e) : 0;
}

/* A start that was killed, or found no room, may have entered an end and told nobody.  Where
 * there is no memory nobody is told. */
static void keep_found(struct ledger_past *past, const struct entry *e)
{
	struct entry *found;

	if (e->type == ENTRY_BOOT)
		past->finds = 0;
	if (e->type != ENTRY_CLOSE || (e->flags & ENTRY_F_RECOVERED) == 0)
		return;
	found = reallocarray(past->found, past->finds + 1, sizeof(*found));
	if (found == NULL)
		return;
	past->found = found;
	past->found[past->finds++] = *e;
}

/* All whole entries; *f stays to be looked at.  0, or why the one at its offset is not;
 * *ours is what take_key() said.  Up to what the host signed the root tells whether they
 * are right: a year's EPOCHs are not verified one by one while recorders wait. */
static int read_log(struct ledger *l, struct ledger_file *f, const struct checkpoint *cp,
    struct ledger_past *past, int *ours)
{
	struct entry e;
	int r;

	f->trusted = cp->size;
	while ((r = ledger_file_next(f, &e)) > 0) {
		ledger_hashes_leaf(l, f->raw, f->raw_len);
		if ((*ours = take_key(l, &e)) != 0)
			return *ours;
		if (l->tree.size == cp->size && !is_signed(&l->tree, cp))
			return E_DIGEST;
		keep_found(past, &e);
		if (e.type == ENTRY_EPOCH) {
			past->settled = f->next_n;
			l->epoch_boot_ns = e.boot_ns;
		}
	}
	return r;
}

static void take_state(struct ledger *l, struct ledger_file *f)
{
	l->offset = f->offset;
	l->first_n = f->first_n;
	l->next_n = f->next_n;
	l->epoch = f->epoch;
	l->records_to = f->records_to;
	memcpy(l->epoch_pk, f->epoch_pk, PK_SIZE);
	l->live = f->live;
	f->live = (struct ledger_live){0};
}

static int read_checkpoint(const struct ledger *l, struct ledger_checkpoint *cp)
{
	int r = ledger_checkpoint_load(l, cp);

	return r != 0 ? refuse(l, "the checkpoint cannot be read", r) : 0;
}

/* Who signed it is known when the ledger has said which keys there were. */
static int check_checkpoint(const struct ledger *l, const struct ledger_checkpoint *cp)
{
	int r = ledger_checkpoint_check(l, cp);

	return r != 0 ? refuse(l, "the checkpoint is not this host's", r) : 0;
}

/* What the host signed is there; what is behind it and not whole was never promised to
 * anybody, or not for more than an instant, and is dropped. */
static int drop_torn(struct ledger *l, const struct ledger_file *f, int error,
    const struct ledger_checkpoint *found, struct ledger_past *past)
{
	const struct checkpoint *cp = &found->at;
	struct stat st;
	int r;

	if (f->tree.size < cp->size) {
		log_error("%s/" LEDGER_DIR ": %" PRIu64 " entries are right, the host has signed %"
		    PRIu64, l->c->paths.store, f->tree.size, cp->size);
		return refuse(l, "entries are missing", error != 0 ? error : E_SHORT);
	}
	if (error == E_DIGEST && f->tree.size == cp->size)
		return refuse(l, "its entries are not those that the host has signed", error);
	if ((r = check_checkpoint(l, found)) != 0)
		return r;
	l->checkpoint = cp->size;
	if (fstat(l->log, &st) < 0)
		return -errno;
	past->torn = (uint64_t)st.st_size - f->offset;
	if (past->torn > 0)
		log_warn("the ledger ends inside an entry (%s): %" PRIu64 " bytes dropped",
		    err_text(error), past->torn);
	if (ftruncate(l->log, (off_t)f->offset) < 0 || fdatasync(l->log) < 0)
		return -errno;
	ledger_hashes_end(l);
	l->on_disk = l->tree.size;
	return 0;
}

/* The key that the ledger names is the one that signs from here on. */
static int settle_key(const struct ledger *l)
{
	int r = notary_host_key(l->c->notary, host_chain_newest(&l->c->keys));

	if (r == E_KEY)
		log_error("%s does not have the key that the ledger names: one of the two was put "
		    "back to an earlier state", l->c->paths.key);
	return r;
}

/* The clock since the last entry, where that was written since the host began. */
static void take_course(struct ledger *l, const struct ledger_file *f, int same_boot)
{
	struct clock_reading *from = &l->course.from;

	clock_read(from);
	if (!same_boot || f->boot_ns > from->boot_ns)
		return;
	/* the raw clock of that time is not known: only a clock that was set shows */
	from->wall_ns = f->wall_ns;
	from->mono_ns -= from->boot_ns - f->boot_ns;
	from->raw_ns -= from->boot_ns - f->boot_ns;
	from->boot_ns = f->boot_ns;
}

static int add_genesis(struct ledger *l)
{
	struct entry e = {.type = ENTRY_GENESIS};
	int r;

	memcpy(e.u.genesis.boot_id, l->c->boot_id, BOOT_ID_SIZE);
	r = ledger_append_signed(l, &e);
	if (r != 0)
		return refuse(l, "it cannot be begun", r);
	memcpy(l->epoch_pk, e.u.genesis.epoch_pk, PK_SIZE);
	log_info("began the ledger %s/" LEDGER_DIR, l->c->paths.store);
	return 0;
}

/* Was there no end?  From now on there is none. */
static int look_at_end(const struct ledger *l, int *clean)
{
	int fd = openat(l->dir, RUNNING_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	*clean = fd < 0 && errno == ENOENT;
	if (fd < 0)
		fd = openat(l->dir, RUNNING_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return fsync(l->dir) < 0 ? -errno : 0;
}

static int add_boot(struct ledger *l)
{
	struct entry e = {.type = ENTRY_BOOT};

	memcpy(e.u.boot.boot_id, l->c->boot_id, BOOT_ID_SIZE);
	return ledger_append(l, &e);
}

/* Reads what is there. */
static int take_over(struct ledger *l, struct ledger_past *past)
{
	struct ledger_checkpoint cp;
	struct ledger_file f;
	int r, error, ours = 0;

	r = read_checkpoint(l, &cp);
	if (r != 0)
		return r;
	ledger_file_init(&f, l->log, NULL);
	error = read_log(l, &f, &cp.at, past, &ours);
	if (ours != 0)
		r = refuse(l, "it was begun with another host key", ours);
	if (r == 0)
		r = drop_torn(l, &f, error, &cp, past);
	if (r == 0)
		r = settle_key(l);
	if (r == 0) {
		past->power_cut = memcmp(f.boot_id, l->c->boot_id, BOOT_ID_SIZE) != 0;
		take_course(l, &f, !past->power_cut && f.tree.size > 0);
		take_state(l, &f);
	}
	ledger_file_end(&f);
	free(cp.text);
	return r;
}

int ledger_open(struct ledger **out, struct collector *c)
{
	struct ledger_past past = {0};
	struct ledger *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return -ENOMEM;
	ledger_init(l, c);
	r = open_files(l);
	if (r == 0)
		r = take_over(l, &past);
	if (r == 0)
		r = look_at_end(l, &past.clean);
	if (r == 0)
		r = l->tree.size == 0 ? add_genesis(l) : ledger_recover(l, &past);
	if (r == 0)
		r = add_boot(l);
	if (r == 0)
		r = ledger_sync_now(l);
	if (r == 0)
		ledger_keys_write(l);
	free(past.found);
	if (r != 0) {
		log_error("the ledger cannot be begun: %s", err_text(r));
		ledger_free(l);
		return r;
	}
	*out = l;
	return 0;
}

int ledger_start(struct ledger *l)
{
	int r;

	ledger_configured(l);
	r = ledger_epoch_sync(l);
	if (r == 0)
		r = ledger_epoch_timer(l);
	if (r != 0)
		log_error("the ledger's first epoch: %s", err_text(r));
	return r;
}

void ledger_close(struct ledger *l)
{
	int r;

	if (l == NULL)
		return;
	l->stopping = 1;
	l->step = STEP_NONE;
	r = ledger_epoch_sync(l);
	if (r != 0)
		log_error("the ledger's last epoch: %s", err_text(r));
	else
		unlinkat(l->dir, RUNNING_FILE, 0);
	ledger_free(l);
}

static void close_source(struct ledger *l, struct source *s)
{
	loop_del(&l->c->loop, s);
	if (s->fd >= 0)
		close(s->fd);
}

void ledger_free(struct ledger *l)
{
	struct ledger_waiter *w;
	struct ledger_owed *o;

	while ((w = STAILQ_FIRST(&l->waiters)) != NULL) {
		STAILQ_REMOVE_HEAD(&l->waiters, link);
		free(w);
	}
	while ((o = STAILQ_FIRST(&l->owed)) != NULL) {
		STAILQ_REMOVE_HEAD(&l->owed, link);
		free(o);
	}
	close_source(l, &l->timer_source);
	close_source(l, &l->set_source);
	loop_timer_clear(&l->calm_timer);
	loop_timer_clear(&l->owed_timer);
	ledger_live_free(&l->live);
	free(l->keys);
	if (l->hashes >= 0)
		close(l->hashes);
	if (l->log >= 0)
		close(l->log);
	if (l->dir >= 0)
		close(l->dir);
	free(l);
}
