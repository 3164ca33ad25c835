/* SPDX-License-Identifier: ISC */
#include "verify/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auditor.h"
#include "bytes.h"
#include "err.h"
#include "verify/verify_print.h"

static void print_own(struct verify *v, const struct session_name *name, const char *kind,
    const char *text)
{
	struct finding f = { .chunk = -1, .kind = kind };

	snprintf(f.text, sizeof f.text, "%s", text);
	verify_print_finding(v, name != NULL ? name->n : 0, name != NULL ? name->id : NULL, &f);
}

static void print_findings(struct verify *v, const struct session_name *name,
    const struct verdict *verdict, const struct grade *g)
{
	char text[160];
	unsigned i;

	for (i = 0; i < verdict->findings; i++)
		verify_print_finding(v, name != NULL ? name->n : 0, name != NULL ? name->id : NULL,
		    &verdict->finding[i]);
	if (g->unopened)
		print_own(v, name, "missing", "the ledger has no OPEN of this session");
	if (verdict->status == STATUS_PURGED && !g->purged)
		print_own(v, name, "purged",
		    "its payload is gone, and no PURGE under a checkpoint says so");
	if (verdict->level >= v->level || v->level == 0)
		return;
	snprintf(text, sizeof text, "level %d is not reached: %s", v->level, g->why);
	print_own(v, name, "level", text);
}

void verify_conclude(struct verify *v, const struct session_name *name,
    const struct verdict *verdict, const struct grade *g)
{
	int good = verdict_good(verdict) || (g->purged && verdict->status == STATUS_PURGED);
	int gone = g->unopened && good;

	v->sessions++;
	v->count[gone ? VERIFY_MISSING : (int)verdict->status]++;
	v->judged = verdict;
	verify_print_session(v, name != NULL ? name->n : 0, name != NULL ? name->id : NULL,
	    gone ? "MISSING" : verdict_word(verdict->status), verdict->level, g->purged);
	v->judged = NULL;
	print_findings(v, name, verdict, g);
	if (!good)
		v->bad = 1;
	else if (verdict->findings == 0 && !gone && verdict->level >= 0)
		v->at_level[verdict->level]++;
}

/* Its OPEN may have been written since the ledger was read. */
static int expect(struct verify *v, const struct store *s, uint64_t n, struct expect *x)
{
	static const struct timespec wait = { .tv_nsec = VERIFY_AGAIN_NS };

	if (evidence_expect(&v->evidence, n, x))
		return 1;
	if (v->again || !evidence_must_know(&v->evidence, n))
		return 0;
	v->again = 1;
	nanosleep(&wait, NULL);
	return verify_begin(v, s, 1) == 0 && evidence_expect(&v->evidence, n, x);
}

void verify_session(struct verify *v, const struct store *s, struct store_session *e)
{
	static struct verdict verdict;
	struct expect x;
	struct judge_how how = { 0 };
	struct grade g;
	int r;

	if (expect(v, s, e->name.n, &x))
		how.expect = &x;
	how.host_pk = evidence_host_pk(&v->evidence, how.expect, v->host_pk);
	how.host_id = v->evidence.host_id;
	how.fast = v->fast && how.expect != NULL && evidence_has_close(&v->evidence, &x);
	r = judge_session(s, e, &how, &verdict);
	if (r != 0) {
		complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
		v->cannot = 1;
		return;
	}
	verify_grade(v, e, how.expect, &verdict, &g);
	verify_conclude(v, &e->name, &verdict, &g);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int judge_fd(struct verify *v, int fd, const struct store_session *e)
{
	static const struct grade g = { .why = "it needs a ledger, and this is one file" };
	static struct verdict verdict;
	const struct judge_how how = { .host_pk = v->host_pk, .host_id = v->host_id };
	struct session_name told;
	const struct session_name *name = e != NULL ? &e->name : NULL;
	int r;

	if (verify_is_bundle(fd))
		return verify_bundle(v, fd);
	r = judge_whole(fd, e, &how, &verdict);
	if (r != 0)
		return r;
	if (name == NULL && verdict.chain.have_cert) {
		told.n = verdict.chain.cert.n;
		memcpy(told.id, verdict.chain.cert.id, ID_SIZE);
		name = &told;
	}
	verify_conclude(v, name, &verdict, &g);
	return 0;
}

int verify_file(struct verify *v, const char *path)
{
	struct store_session e = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		r = -errno;
	else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		r = -EINVAL;
	else
		r = judge_fd(v, fd, store_name_parse(&e.name, last_part(path)) == 0 ? &e : NULL);
	if (fd >= 0)
		close(fd);
	if (r != 0) {
		complain("%s: %s", path, r == -EINVAL ? "not a regular file" : err_text(r));
		v->cannot = 1;
	}
	return 1;
}
