/* SPDX-License-Identifier: ISC */
#include "ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"

#define BUFFER 65536

void ledger_file_init(struct ledger_file *l, int fd, const uint8_t host_pk[PK_SIZE])
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	merkle_init(&l->tree);
	if (host_pk != NULL) {
		memcpy(l->host_pk, host_pk, PK_SIZE);
		l->host_known = 1;
	}
}

void ledger_file_end(struct ledger_file *l)
{
	free(l->buffer);
	l->buffer = NULL;
	l->from = l->to = 0;
	ledger_live_free(&l->live);
}

/* Has len bytes in the buffer, or all that the file has.  0 or -errno. */
static int fill(struct ledger_file *l, size_t len)
{
	size_t have = l->to - l->from;
	ssize_t n;

	if (have >= len)
		return 0;
	if (l->buffer == NULL && (l->buffer = malloc(BUFFER)) == NULL)
		return -ENOMEM;
	memmove(l->buffer, l->buffer + l->from, have);
	l->from = 0;
	l->to = have;
	n = io_pread_all(l->fd, l->buffer + have, BUFFER - have, l->offset + have);
	if (n < 0)
		return (int)n;
	l->to += (size_t)n;
	return 0;
}

/* The whole entry at the offset: its size and *p; 0 at the end, or a negative code. */
static int next_bytes(struct ledger_file *l, const uint8_t **p)
{
	const uint8_t *start;
	size_t have, size;
	int r = fill(l, LEDGER_SIZE + ENTRY_MAX);

	if (r != 0)
		return r;
	have = l->to - l->from;
	if (have == 0)
		return 0;
	if (have < LEDGER_SIZE)
		return E_SHORT;
	start = l->buffer + l->from;
	size = get_u16(start);
	have -= LEDGER_SIZE;
	start += LEDGER_SIZE;
	if ((r = entry_check_start(start, have < size ? have : size, size)) != 0)
		return r;
	if (have < size)
		return E_SHORT;
	*p = start;
	return (int)size;
}

static int take_genesis(struct ledger_file *l, const struct entry *e, const uint8_t *p, size_t len)
{
	if (l->host_known && memcmp(l->host_pk, e->u.genesis.host_pk, PK_SIZE) != 0)
		return E_KEY;
	if (entry_verify(p, len, e->u.genesis.host_pk) != 0)
		return E_SIGNATURE;
	memcpy(l->host_pk, e->u.genesis.host_pk, PK_SIZE);
	memcpy(l->epoch_pk, e->u.genesis.epoch_pk, PK_SIZE);
	memcpy(l->genesis_pk, e->u.genesis.epoch_pk, PK_SIZE);
	memcpy(l->boot_id, e->u.genesis.boot_id, BOOT_ID_SIZE);
	return 0;
}

/* The host may have had sessions before it had a ledger: any number is the first. */
static int check_number(const struct ledger_file *l, uint64_t n)
{
	return l->next_n == 0 || n == l->next_n ? 0 : E_CHAIN;
}

static void take_number(struct ledger_file *l, uint64_t n, uint64_t next)
{
	if (l->first_n == 0)
		l->first_n = n;
	l->next_n = next;
}

static int take_open(struct ledger_file *l, const struct entry *e)
{
	uint64_t n = e->u.open.n;
	int r;

	if (n == UINT64_MAX)
		return E_RANGE;
	if ((r = check_number(l, n)) != 0 || (r = ledger_live_add(&l->live, n, e->u.open.id)) != 0)
		return r;
	take_number(l, n, n + 1);
	return 0;
}

/* The session of that number and id, while it is open; or NULL. */
static struct ledger_session *open_session(const struct ledger_file *l, uint64_t n,
    const uint8_t id[ID_SIZE])
{
	struct ledger_session *s = ledger_live_find(&l->live, n);

	return s != NULL && memcmp(s->id, id, ID_SIZE) == 0 ? s : NULL;
}

static int take_close(struct ledger_file *l, const struct entry *e)
{
	struct ledger_session *s = open_session(l, e->u.close.n, e->u.close.id);

	if (s == NULL)
		return E_CHAIN;
	ledger_live_close(&l->live, s);
	return 0;
}

/* Was there a session of that number, as far as one can know? */
static int is_past(const struct ledger_file *l, uint64_t n)
{
	return l->next_n == 0 || n < l->next_n;
}

/* A session that has ended, or was there before the ledger. */
static int check_purge(const struct ledger_file *l, const struct entry *e)
{
	uint64_t n = e->u.purge.n;

	return is_past(l, n) && ledger_live_find(&l->live, n) == NULL ? 0 : E_CHAIN;
}

static int take_epoch(struct ledger_file *l, const struct entry *e, const uint8_t *p, size_t len)
{
	uint8_t root[MERKLE_HASH];
	int r;

	if (e->u.epoch.epoch != l->epoch + 1 ||
	    (l->epoch > 0 && e->u.epoch.records_from != l->records_to))
		return E_CHAIN;
	if ((r = check_number(l, e->u.epoch.next_n)) != 0)
		return r;
	merkle_root(&l->tree, root);
	if (memcmp(root, e->u.epoch.root, MERKLE_HASH) != 0)
		return E_DIGEST;
	if (e->index >= l->trusted && entry_verify(p, len, l->epoch_pk) != 0)
		return E_SIGNATURE;
	take_number(l, e->u.epoch.next_n, e->u.epoch.next_n);
	l->epoch++;
	l->records_to = e->u.epoch.records_to;
	memcpy(l->epoch_pk, e->u.epoch.next_pk, PK_SIZE);
	return 0;
}

static int take_recover(struct ledger_file *l, const struct entry *e, const uint8_t *p, size_t len)
{
	if (all_zero(e->u.recover.epoch_pk, PK_SIZE))
		return 0;
	if (entry_verify(p, len, l->host_pk) != 0)
		return E_SIGNATURE;
	memcpy(l->epoch_pk, e->u.recover.epoch_pk, PK_SIZE);
	l->key_lost = e->index;
	return 0;
}

static int take_key(struct ledger_file *l, const struct entry *e, const uint8_t *p, size_t len)
{
	if (entry_verify(p, len, l->host_pk) != 0)
		return E_SIGNATURE;
	memcpy(l->host_pk, e->u.key.host_pk, PK_SIZE);
	return 0;
}

/* What an entry of its type needs from those before it; nothing has moved where it is
 * not so. */
static int take(struct ledger_file *l, const struct entry *e, const uint8_t *p, size_t len)
{
	switch (e->type) {
	case ENTRY_GENESIS:
		return take_genesis(l, e, p, len);
	case ENTRY_BOOT:
		memcpy(l->boot_id, e->u.boot.boot_id, BOOT_ID_SIZE);
		return 0;
	case ENTRY_OPEN:
		return take_open(l, e);
	case ENTRY_CLOSE:
		return take_close(l, e);
	case ENTRY_EPOCH:
		return take_epoch(l, e, p, len);
	case ENTRY_GAP:
		return open_session(l, e->u.gap.n, e->u.gap.id) != NULL ? 0 : E_CHAIN;
	case ENTRY_RECOVER:
		return take_recover(l, e, p, len);
	case ENTRY_REVIEW:
		return is_past(l, e->u.review.n) ? 0 : E_CHAIN;
	case ENTRY_ACTION:
		return e->u.action.n == 0 || is_past(l, e->u.action.n) ? 0 : E_CHAIN;
	case ENTRY_PURGE:
		return check_purge(l, e);
	case ENTRY_KEY:
		return take_key(l, e, p, len);
	default:
		return 0;
	}
}

static int next_entry(struct ledger_file *l, struct entry *e)
{
	uint8_t leaf[MERKLE_HASH];
	const uint8_t *p;
	struct entry v;
	size_t len;
	int r = next_bytes(l, &p);

	if (r <= 0)
		return r;
	len = (size_t)r;
	if ((r = entry_parse(p, len, &v)) != 0)
		return r;
	if (v.index != l->tree.size)
		return E_CHAIN;
	if ((r = take(l, &v, p, len)) != 0)
		return r;
	merkle_leaf(leaf, p, len);
	merkle_add(&l->tree, leaf, NULL);
	memcpy(l->raw, p, len);
	l->raw_len = len;
	l->wall_ns = v.wall_ns;
	l->boot_ns = v.boot_ns;
	l->from += LEDGER_SIZE + len;
	l->offset += LEDGER_SIZE + len;
	*e = v;
	return 1;
}

int ledger_file_next(struct ledger_file *l, struct entry *e)
{
	int r;

	if (l->error != 0)
		return l->error;
	r = next_entry(l, e);
	if (r < 0 && r != E_SHORT)
		l->error = r;
	return r;
}

int ledger_file_all(int store, void (*each)(void *arg, const struct entry *e), void *arg)
{
	struct ledger_file l;
	struct entry e;
	int fd, r;

	fd = openat(store, LEDGER_DIR "/" LEDGER_LOG, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ledger_file_init(&l, fd, NULL);
	while ((r = ledger_file_next(&l, &e)) > 0)
		each(arg, &e);
	ledger_file_end(&l);
	close(fd);
	return r;
}
