/* SPDX-License-Identifier: ISC */
#include "ledger_world.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "io.h"

struct recording rec;
struct fixture led;
struct evidence ev;
struct store store;
uint8_t world_id[ID_SIZE];
const char *seen;

void world_put(const char *name, const void *p, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, p, len), 0);
	close(fd);
}

/* What the host signs of this ledger, under this name. */
void world_checkpoint(const char *name, const struct fixture *f)
{
	struct checkpoint c = { .size = f->tree.size };
	char text[CHECKPOINT_TEXT_MAX + NOTE_LINE_MAX + 1];
	struct note_key key;
	int len;

	checkpoint_origin(c.origin, f->first_pk);
	merkle_root(&f->tree, c.root);
	len = checkpoint_format(text, &c);
	ck_assert_int_eq(note_key_make(&key, c.origin, NOTE_ED25519, f->host_pk), 0);
	text[len] = '\n';
	len += 1 + note_sign(text + len + 1, text, (size_t)len, &key, f->host_sk, 0);
	world_put(name, text, (size_t)len);
}

void world_open(void)
{
	struct entry e;

	fixture_new(&e, ENTRY_OPEN)->u.open.n = WORLD_N;
	memcpy(e.u.open.id, world_id, ID_SIZE);
	hash_of(e.u.open.cert, rec.bytes + FRAME_HEADER, rec.frame_off[1] - FRAME_HEADER);
	fixture_add(&led, &e, NULL);
	led.next_n = WORLD_N + 1;
}

/* CLOSE of the first chunks of the recording and of the frames behind them up to len. */
static void close_of(struct entry *e, uint64_t chunks, size_t len)
{
	size_t sealed = chunks > 0 ? rec.chunk_end[chunks - 1] : 0;

	fixture_new(e, ENTRY_CLOSE)->u.close.n = WORLD_N;
	memcpy(e->u.close.id, world_id, ID_SIZE);
	e->u.close.end = chunks == RECORDING_CHUNKS ? ENTRY_END_WHOLE : ENTRY_END_CUT;
	e->u.close.chunks = chunks;
	e->u.close.sealed = sealed;
	e->u.close.size = len;
	if (chunks > 0)
		hash_of(e->u.close.head, rec.bytes + sealed - SEAL_SIZE, SEAL_SIZE);
	else
		hash_of(e->u.close.head, rec.bytes + FRAME_HEADER, rec.frame_off[1] - FRAME_HEADER);
	hash_of(e->u.close.tail, rec.bytes + sealed, len - sealed);
}

void world_close(uint64_t chunks, size_t len)
{
	struct entry e;

	close_of(&e, chunks, len);
	fixture_add(&led, &e, NULL);
}

/* An EPOCH whose table has the recording's first chunks. */
void world_epoch(uint64_t chunks)
{
	struct live_row row = { .n = WORLD_N, .chunks = chunks };
	uint8_t p[LIVE_ROW], leaf[MERKLE_HASH];
	struct merkle t;
	struct entry e;

	memcpy(row.id, world_id, ID_SIZE);
	hash_of(row.head, rec.bytes + rec.chunk_end[chunks - 1] - SEAL_SIZE, SEAL_SIZE);
	live_row_put(p, &row);
	world_put("ledger/live/1", p, sizeof p);
	merkle_init(&t);
	merkle_leaf(leaf, p, sizeof p);
	merkle_add(&t, leaf, NULL);
	fixture_next_epoch(&led, &e)->u.epoch.live = 1;
	merkle_root(&t, e.u.epoch.live_root);
	fixture_add(&led, &e, led.epoch_sk);
}

void world_make(void)
{
	scratch_enter();
	ck_assert_int_eq(mkdir("ledger", 0700), 0);
	ck_assert_int_eq(mkdir("ledger/live", 0700), 0);
	ck_assert_int_eq(store_open(&store, "."), 0);
	recording_make(&rec);
	memcpy(world_id, rec.bytes + FRAME_HEADER + 16, ID_SIZE);
	fixture_begin(&led);
	seen = NULL;
}

void world_read_as(const uint8_t *host_pk, const char *kept)
{
	const struct evidence_ask ask = { .host_pk = host_pk, .seen = kept };

	evidence_release(&ev);
	ck_assert_int_eq(evidence_read(&ev, &store, &ask), 0);
}

void world_read(void)
{
	world_put("ledger/log", led.p, led.len);
	world_read_as(led.host_pk, seen);
}

int world_level(void)
{
	const char *why;
	struct expect x;

	return evidence_expect(&ev, WORLD_N, &x) ? evidence_level(&ev, &x, &why) : -1;
}
