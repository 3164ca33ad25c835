/* SPDX-License-Identifier: ISC */
#include "session_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "io.h"

#define POLICY_MAX ((size_t)1 << 20)

static void add_number(struct hash *h, uint64_t v)
{
	uint8_t p[8];

	put_u64(p, v);
	hash_add(h, p, sizeof p, NULL, 0);
}

static void add_file(struct hash *h, const struct store *s, const char *path,
    int64_t *newest_ns)
{
	struct store_state state = { 0 };

	(void)store_file_state(s, path, &state);
	if (state.ctime_ns > *newest_ns)
		*newest_ns = state.ctime_ns;
	add_number(h, state.dev);
	add_number(h, state.ino);
	add_number(h, state.size);
	add_number(h, (uint64_t)state.mtime_ns);
	add_number(h, (uint64_t)state.ctime_ns);
}

void session_ledger_state(uint8_t out[HASH_SIZE], int64_t *newest_ns, const struct auditor *a,
    const char *policy_path)
{
	static const char *const files[] = { LEDGER_DIR "/" LEDGER_LOG,
		LEDGER_DIR "/" LEDGER_CHECKPOINT, LEDGER_DIR "/" LEDGER_COSIGNED, "epoch.key" };
	uint8_t *policy;
	struct hash h;
	size_t i, len;

	*newest_ns = 0;
	hash_begin(&h);
	for (i = 0; i < sizeof files / sizeof files[0]; i++)
		add_file(&h, &a->store, files[i], newest_ns);
	add_file(&h, &a->store, LEDGER_DIR "/" LEDGER_LIVE, newest_ns);
	if (policy_path != NULL && io_read_file(AT_FDCWD, policy_path, POLICY_MAX, &policy, &len) == 0) {
		hash_add(&h, policy, len, NULL, 0);
		free(policy);
	}
	hash_get(&h, out);
}

int session_ledger_read(struct session_ledger *l, const struct auditor *a,
    const struct witness_policy *policy)
{
	memset(l, 0, sizeof *l);
	l->a = a;
	l->v.policy = policy;
	l->v.host_pk = auditor_pk(a);
	if (l->v.host_pk == NULL)
		return 0;
	if (verify_begin(&l->v, &a->store, 0) != 0)
		return -EIO;
	l->known = 1;
	return 0;
}

void session_ledger_release(struct session_ledger *l)
{
	if (l->v.have_evidence)
		evidence_release(&l->v.evidence);
	l->v.have_evidence = l->known = 0;
}

void session_ledger_how(struct session_ledger *l, uint64_t n, struct expect *x,
    struct judge_how *how)
{
	struct evidence *e = &l->v.evidence;

	*how = (struct judge_how){ .host_pk = auditor_pk(l->a) };
	if (!l->known) {
		how->keys = &l->a->keys;
		return;
	}
	if (evidence_expect(e, n, x))
		how->expect = x;
	how->host_pk = evidence_host_pk(e, how->expect, how->host_pk);
	how->host_id = e->host_id;
}

/* The digest of what the ledger expects of a session; x NULL: nothing. */
static void digest_of(uint8_t out[SESSION_EXPECTED], const struct expect *x)
{
	uint8_t digest[HASH_SIZE];
	struct hash h;

	memset(out, 0, SESSION_EXPECTED);
	if (x == NULL)
		return;
	hash_begin(&h);
	add_number(&h, x->n);
	add_number(&h, x->open);
	add_number(&h, x->close);
	add_number(&h, x->row);
	add_number(&h, (uint64_t)x->whole);
	add_number(&h, x->chunks);
	add_number(&h, x->sealed);
	add_number(&h, x->size);
	add_number(&h, x->row_chunks);
	hash_add(&h, x->id, ID_SIZE, x->cert, HASH_SIZE);
	hash_add(&h, x->head, HASH_SIZE, x->tail, HASH_SIZE);
	hash_add(&h, x->row_head, HASH_SIZE, NULL, 0);
	hash_get(&h, digest);
	memcpy(out, digest, SESSION_EXPECTED);
}

static void find(struct session_row *w, const char *text)
{
	if (w->findings++ > 0)
		return;
	w->finding = text;
	w->finding_chunk = -1;
}

void session_ledger_grade(struct session_ledger *l, struct session_record *r,
    const struct expect *x)
{
	static struct verdict verdict;
	const struct store_session e = { .name = r->name };
	struct grade g = { 0 };

	digest_of(r->expected, x);
	r->row.findings = r->own;
	if (r->own == 0)
		r->row.finding = "";
	r->row.level = r->base;
	if (!l->known)
		return;
	verdict.status = r->row.status;
	verdict.level = r->base;
	verify_grade(&l->v, &e, x, &verdict, &g);
	r->row.level = verdict.level;
	if (g.unopened)
		find(&r->row, "the ledger has no OPEN of this session");
	if (r->row.status == STATUS_PURGED && g.purged == NULL)
		find(&r->row, "its payload is gone, and no PURGE under a checkpoint says so");
}
