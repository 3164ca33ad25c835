/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "verify/bundle_write.h"
#include "err.h"
#include "output/new_file.h"
#include "output/outcome.h"
#include "store/select.h"

const struct opt bundle_opts[] = {
	{ 'o', "output", "FILE", "write it there, - is standard output (default: N.shlb here)" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static int evidence_for(struct auditor *a, struct evidence *e)
{
	const struct evidence_ask ask = { .host_pk = auditor_pk(a) };
	int r;

	if (ask.host_pk == NULL) {
		if (a->host == NULL) /* else it was said */
			complain("no key of the host: %s/host.pub is not there", a->store_path);
		return AUDIT_CANNOT;
	}
	r = evidence_read(e, &a->store, &ask);
	if (r == 0)
		return AUDIT_OK;
	complain("the ledger: %s", err_text(r));
	return AUDIT_CANNOT;
}

static int write_it(void *ctx, int fd)
{
	return bundle_write(ctx, fd);
}

/* What goes into it, judged once more, so that nobody takes it for better than it is. */
static int judge_it(struct auditor *a, struct store_session *s, const struct expect *x)
{
	static struct verdict verdict;
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys,
		.expect = x };
	int r = judge_session(&a->store, s, &how, &verdict);

	if (r == 0)
		return outcome_stop(s, &verdict);
	complain("session %llu: %s", (unsigned long long)s->name.n, err_text(r));
	return AUDIT_CANNOT;
}

static int bundle_session(struct auditor *a, struct evidence *e, struct store_session *s,
    const char *path)
{
	char name[40];
	struct bundle_sources b = { .evidence = e, .fd = -1 };
	int status, r;

	if (!evidence_expect(e, s->name.n, &b.expect) || !evidence_has_close(e, &b.expect)) {
		complain("session %llu: no checkpoint of the ledger covers its CLOSE yet; once it has "
		    "ended, \"shellac rotate\" makes one", (unsigned long long)s->name.n);
		return AUDIT_CANNOT;
	}
	snprintf(name, sizeof name, "%llu.shlb", (unsigned long long)s->name.n);
	b.fd = store_open_session(&a->store, s);
	r = b.fd < 0 ? b.fd : bundle_sources_read(&b);
	if (r != 0) {
		complain("session %llu: %s", (unsigned long long)s->name.n, err_text(r));
		status = AUDIT_CANNOT;
	} else {
		status = new_file(path != NULL ? path : name, write_it, &b) == 0 ? AUDIT_OK :
		    AUDIT_CANNOT;
	}
	bundle_sources_free(&b);
	return status == AUDIT_OK ? judge_it(a, s, &b.expect) : status;
}

int cmd_bundle(struct auditor *a, int argc, char **argv)
{
	static struct evidence evidence;
	struct store_session *s;
	const char *path = NULL;
	int c, done, status;

	while ((c = command_next(command_find("bundle"), argc, argv, &done)) != OPT_END) {
		if (c != 'o')
			return AUDIT_USAGE;
		path = optarg;
	}
	if (done)
		return AUDIT_OK;
	if (optind != argc - 1) {
		complain("bundle takes one session: its number, the start of its id, or \"last\"");
		return AUDIT_USAGE;
	}
	status = auditor_open_for(a, argv[optind]);
	if (status == AUDIT_OK && (s = select_or_complain(a, argv[optind], &status)) != NULL &&
	    (status = evidence_for(a, &evidence)) == AUDIT_OK)
		status = bundle_session(a, &evidence, s, path);
	evidence_release(&evidence);
	return status;
}
