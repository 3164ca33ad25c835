/* SPDX-License-Identifier: ISC */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../../collector/admit.h"
#include "../../collector/notary_keep.h"
#include "../../collector/quota.h"
#include "../../collector/session_ledger.h"
#include "../lib/scratch.h"
#include "../lib/suite.h"
#include "clock.h"
#include "io.h"
#include "procfs.h"

struct collector host;

static void enter(void)
{
	static int entered;

	if (entered)
		return;
	ck_assert_int_ge(sodium_init(), 0);
	scratch_enter();
	entered = 1;
}

static int synced(struct collector *c)
{
	struct sync_job *j;
	int n = 0;

	sync_ack(c->syncer);
	while ((j = sync_done(c->syncer)) != NULL) {
		j->done(j->owner, j);
		n++;
	}
	return n;
}

static void sync_event(void *arg, uint32_t events)
{
	(void)events;
	synced(arg);
}

static int idle(void *arg)
{
	const struct collector *c = arg;

	if (STAILQ_EMPTY(&c->ledger->waiters) && c->ledger->step == STEP_NONE)
		host.loop.stop = 1;
	return -1;
}

static void make_parts(struct collector *c)
{
	const struct accounting_config cfg = {.store_fd = c->store.dir};

	ck_assert_int_eq(loop_init(&c->loop), 0);
	ck_assert_int_eq(sync_new(&c->syncer), 0);
	ck_assert_int_eq(loop_add(&c->loop, &c->sync_source, sync_fd(c->syncer), EPOLLIN,
	    sync_event, c), 0);
	c->loop.turn = idle;
	c->loop.arg = c;
	ck_assert_int_eq(notary_keep_watch(c), 0);
	ck_assert_int_eq(accounting_new(&c->acct, &cfg), 0);
}

int host_try(void)
{
	struct collector *c = &host;
	int r;

	enter();
	*c = (struct collector){.fifo_dir = -1, .spool_dir = AT_FDCWD};
	ck_assert_int_eq(paths_init(&c->paths, scratch_path), 0);
	conf_defaults(&c->conf);
	c->conf.epoch_s = 3600;
	c->conf.compress = 0;
	memset(c->policy, 1, HASH_SIZE);
	registry_init(&c->registry);
	TAILQ_INIT(&c->ready);
	quota_init(&c->quota);
	ck_assert_int_eq(procfs_boot_id(c->boot_id), 0);
	ck_assert_int_eq(store_open(&c->store, c->paths.store), 0);
	ck_assert_int_eq(notary_keep_start(c), 0);
	cert_host_id(c->host_id, c->pk);
	make_parts(c);
	r = ledger_open(&c->ledger, c);
	if (r == 0)
		ck_assert_int_eq(store_saw(&c->store, ledger_number(c->ledger)), 0);
	if (r == 0)
		ck_assert_int_eq(ledger_start(c->ledger), 0);
	else
		host_crash();
	return r;
}

void host_up(void)
{
	ck_assert_int_eq(host_try(), 0);
}

static void drop(struct collector *c)
{
	while (!LIST_EMPTY(&c->registry.sessions))
		session_free(LIST_FIRST(&c->registry.sessions));
	quota_release(&c->quota);
	accounting_free(c->acct);
	notary_keep_end(c);
	host_chain_free(&c->keys);
	loop_release(&c->loop);
	store_close(&c->store);
}

void host_down(void)
{
	sync_free(host.syncer);
	ledger_close(host.ledger);
	host.ledger = NULL;
	drop(&host);
}

void host_crash(void)
{
	sync_free(host.syncer);
	if (host.ledger != NULL)
		ledger_free(host.ledger);
	host.ledger = NULL;
	drop(&host);
}

void host_settle(void)
{
	host.loop.stop = 0;
	ck_assert_int_eq(loop_run(&host.loop), 0);
}

static void take(struct session *s, const uint8_t *p, size_t len)
{
	struct intake_result r;

	ck_assert_int_eq(intake_take(&s->in, p, len, host.pk, &r), 0);
	ck_assert_int_eq(r.error, 0);
	ck_assert_uint_eq(r.take, len);
	ck_assert_int_eq(intake_settle(&s->in), 0);
}

void session_grow(struct session *s, struct sealer *k, enum seal_kind kind)
{
	const struct sealer_end end = {.kind = kind, .wall_ns = 1, .boot_ns = 1,
		.reason = kind == SEAL_END ? END_EXIT : 0};
	const struct event e = {.type = FRAME_OUTPUT, .dt = 5, .data = (const uint8_t *)"hello",
		.len = 5};
	const struct window w = {.rows = 24, .cols = 80};
	uint8_t p[3 * FRAME_MAX];
	size_t len;

	len = sealer_begin(k, p, 1, &w);
	len += sealer_event(k, p + len, &e);
	memcpy(p + len, "hello", 5);
	len += 5;
	if (kind != 0)
		len += sealer_seal(k, p + len, &end);
	take(s, p, len);
	session_vouch(s);
	session_vouched(s);
}

struct session *session_make(struct sealer *k)
{
	struct cert cert = {.pid = 1, .start_ticks = 1, .wall_ns = clock_wall()};
	uint8_t frame0[FRAME_MAX], again[FRAME_MAX];
	struct session *s;
	ssize_t n;
	int folder;

	sealer_init(k);
	memcpy(cert.id, k->id, ID_SIZE);
	memcpy(cert.pk, k->pk, PK_SIZE);
	ck_assert_int_eq(admit_cert(&host, &cert, -1, &s, &folder), 0);
	close(folder);
	n = pread(s->in.fd, frame0, sizeof(frame0), 0);
	ck_assert_int_gt(n, FRAME_HEADER);
	sealer_cert(k, again, frame0 + FRAME_HEADER, (size_t)n - FRAME_HEADER);
	return s;
}

struct entry *ledger_read(size_t *count)
{
	struct ledger_file f;
	struct entry *all = NULL, e;
	size_t n = 0;
	int fd = open("store/" LEDGER_DIR "/" LEDGER_LOG, O_RDONLY | O_CLOEXEC), r;

	ck_assert_int_ge(fd, 0);
	ledger_file_init(&f, fd, host.pk);
	while ((r = ledger_file_next(&f, &e)) > 0) {
		all = reallocarray(all, n + 1, sizeof(*all));
		ck_assert_ptr_nonnull(all);
		all[n++] = e;
	}
	ck_assert_int_eq(r, 0);
	ledger_file_end(&f);
	close(fd);
	*count = n;
	return all;
}

size_t ledger_count(uint8_t type)
{
	size_t n, i, found = 0;
	struct entry *e = ledger_read(&n);

	for (i = 0; i < n; i++)
		found += e[i].type == type;
	free(e);
	return found;
}

struct entry ledger_last(uint8_t type)
{
	struct entry found = {0};
	size_t n, i;
	struct entry *e = ledger_read(&n);

	for (i = 0; i < n; i++)
		if (e[i].type == type)
			found = e[i];
	free(e);
	ck_assert_uint_eq(found.type, type);
	return found;
}

struct bytes file_bytes(const char *path)
{
	struct bytes b;

	ck_assert_int_eq(io_read_file(AT_FDCWD, path, 1 << 20, &b.p, &b.len), 0);
	return b;
}

off_t file_size(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}
