/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "verify/bundle.h"
#include "err.h"
#include "io.h"
#include "verify/verify.h"

#define COPY 65536

int verify_is_bundle(int fd)
{
	char magic[4];

	return io_pread_all(fd, magic, sizeof magic, 0) == sizeof magic &&
	    memcmp(magic, BUNDLE_MAGIC, sizeof magic) == 0;
}

/* Header and proofs, and that the session fills the rest of the file. */
static int read_proofs(int fd, struct bundle_head *h, uint8_t **proofs)
{
	uint8_t head[BUNDLE_HEADER];
	struct stat st;
	size_t len;
	ssize_t n = io_pread_all(fd, head, sizeof head, 0);
	int r;

	if (n != (ssize_t)sizeof head)
		return n < 0 ? (int)n : E_SHORT;
	if ((r = bundle_head_parse(h, head)) != 0)
		return r;
	if (fstat(fd, &st) != 0)
		return -errno;
	if ((uint64_t)st.st_size != bundle_session_at(h) + h->session)
		return (uint64_t)st.st_size < bundle_session_at(h) + h->session ? E_SHORT : E_END;
	len = (size_t)bundle_session_at(h) - BUNDLE_HEADER;
	*proofs = malloc(len);
	if (*proofs == NULL)
		return -ENOMEM;
	n = io_pread_all(fd, *proofs, len, BUNDLE_HEADER);
	return n == (ssize_t)len ? 0 : n < 0 ? (int)n : E_SHORT;
}

/* The session as a file of its own, without a name. */
static int session_of(int fd, const struct bundle_head *h, FILE **out)
{
	uint8_t buf[COPY];
	uint64_t at = 0;
	FILE *f = tmpfile();
	int r = f != NULL ? 0 : -errno;

	while (r == 0 && at < h->session) {
		size_t want = h->session - at < COPY ? (size_t)(h->session - at) : COPY;
		ssize_t n = io_pread_all(fd, buf, want, bundle_session_at(h) + at);

		r = n < 0 ? (int)n : n == 0 ? E_SHORT : io_write_all(fileno(f), buf, (size_t)n);
		at += n > 0 ? (uint64_t)n : 0;
	}
	if (r == 0) {
		*out = f;
		return 0;
	}
	if (f != NULL)
		fclose(f);
	return r;
}

static void grade(const struct verify *v, const struct bundle_claim *c, struct verdict *verdict,
    struct grade *g)
{
	uint64_t at = 0;

	if (verdict->level < 0)
		return;
	verdict->level = 1;
	g->why = "a bundle gets there by witnesses, and no --policy names them";
	if (v->policy == NULL)
		return;
	g->why = "its checkpoint has not the cosignatures that the policy wants";
	if (policy_check(v->policy, &c->note, &at) == 1 && at > 0)
		verdict->level = 3;
}

static int judge_claim(struct verify *v, int fd, const struct bundle_head *h,
    const struct bundle_claim *c)
{
	static struct verdict verdict;
	const struct judge_how how = { .host_pk = c->host_pk, .host_id = c->host_id,
		.expect = &c->expect, .fast = v->fast };
	struct session_name name = { .n = c->expect.n };
	struct grade g = { .why = "a check failed" };
	FILE *f = NULL;
	unsigned i;
	int r = session_of(fd, h, &f);

	if (r != 0)
		return r;
	r = judge_whole(fileno(f), NULL, &how, &verdict);
	fclose(f);
	if (r != 0)
		return r;
	for (i = 0; i < verdict.findings; i++)
		verdict.finding[i].offset += bundle_session_at(h);
	memcpy(name.id, c->expect.id, ID_SIZE);
	grade(v, c, &verdict, &g);
	verify_conclude(v, &name, &verdict, &g);
	return 0;
}

/* What proves nothing is shown as nothing but that. */
static void refuse(struct verify *v, int code)
{
	static const struct grade g = { .why = "the bundle proves nothing" };
	struct verdict verdict = { .status = STATUS_TAMPERED, .level = LEVEL_NONE, .findings = 1 };
	struct finding *f = &verdict.finding[0];

	f->code = code;
	f->chunk = -1;
	f->kind = "bundle";
	snprintf(f->text, sizeof f->text, "%s", code == E_KEY ?
	    "this host's key did not sign the checkpoint" : code == E_DIGEST ?
	    "an entry is not in the tree of the checkpoint" : code == E_CHAIN ?
	    "its proofs are not of one session and one checkpoint" : err_text(code));
	verify_conclude(v, NULL, &verdict, &g);
}

int verify_bundle(struct verify *v, int fd)
{
	struct bundle_claim claim;
	struct bundle_head head;
	uint8_t *proofs = NULL;
	int r = read_proofs(fd, &head, &proofs);

	if (r == 0)
		r = bundle_check(&claim, &head, proofs, v->host_pk, v->host_id);
	if (r == 0)
		r = judge_claim(v, fd, &head, &claim);
	else if (r <= E_FORMAT && r >= E_REFUSED) {
		refuse(v, r);
		r = 0;
	}
	free(proofs);
	return r;
}
