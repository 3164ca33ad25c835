/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "auditor.h"
#include "backup/backup.h"

enum { OPT_JSON = OPT_LONG, OPT_PURGE, OPT_NO_VERIFY };

const struct opt backup_opts[] = {
	{ OPT_PURGE, "purge", NULL, "purge there, too, what was purged since" },
	{ OPT_NO_VERIFY, "no-verify", NULL, "do not verify the copy at the end" },
	{ OPT_JSON, "json", NULL, "one JSON object" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

struct asked {
	int json, purge, no_verify;
};

static int read_options(struct asked *o, int argc, char **argv, int *done)
{
	int c;

	while ((c = command_next(command_find("backup"), argc, argv, done)) != OPT_END) {
		if (c == OPT_USAGE)
			return -1;
		o->json |= c == OPT_JSON;
		o->purge |= c == OPT_PURGE;
		o->no_verify |= c == OPT_NO_VERIFY;
	}
	if (*done || argc - optind == 1)
		return 0;
	complain("backup takes one folder");
	return -1;
}

/* What verify says of the copy; its lines, one a session, are left out. */
static int verify(const char *path)
{
	static struct auditor copy;
	char name[] = "verify";
	char *argv[] = { name, NULL };
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC), r;

	copy = (struct auditor){ .command = "backup", .store = { .fd = -1 } };
	snprintf(copy.store_path, sizeof copy.store_path, "%s", path);
	fflush(stdout);
	if (out < 0 || null < 0 || dup2(null, STDOUT_FILENO) < 0)
		return AUDIT_CANNOT;
	optind = 0;
	r = cmd_verify(&copy, 1, argv);
	fflush(stdout);
	auditor_close(&copy);
	if (dup2(out, STDOUT_FILENO) < 0)
		r = AUDIT_CANNOT;
	close(out);
	close(null);
	return r;
}

static const char *verdict(const struct asked *o, int status)
{
	return o->no_verify ? "not verified" : status == AUDIT_OK ? "right" :
	    status == AUDIT_FINDING ? "findings" : "cannot be verified";
}

static int say(const struct backup *b, const struct asked *o, int verified)
{
	json_t *j;

	if (!o->json) {
		printf("%s: %llu session%s, %llu files, %llu of them new or longer, %llu bytes written; "
		    "%s\n", b->path, b->sessions, b->sessions == 1 ? "" : "s", b->files,
		    b->files - b->same, b->bytes, verdict(o, verified));
		if (b->purged > 0 && !b->purge)
			printf("%llu were purged since, and are kept here; --purge deletes them\n", b->purged);
		if (b->left_out > 0)
			printf("without what root alone may read: texts of accesses, approvals, holds\n");
		if (verified == AUDIT_FINDING)
			printf("shellac -S %s verify says which\n", b->path);
		return 0;
	}
	j = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:s}", "path", b->path,
	    "sessions", (json_int_t)b->sessions, "files", (json_int_t)b->files,
	    "copied", (json_int_t)(b->files - b->same), "bytes", (json_int_t)b->bytes,
	    "purged", (json_int_t)b->purged, "complete", b->left_out == 0, "findings", b->findings,
	    "verify", verdict(o, verified));
	if (j == NULL || json_dumpf(j, stdout, JSON_COMPACT) != 0)
		return -ENOMEM;
	putchar('\n');
	json_decref(j);
	return 0;
}

int cmd_backup(struct auditor *a, int argc, char **argv)
{
	struct backup b = { .dir = -1 };
	struct asked o = { 0 };
	int done, status, verified = AUDIT_OK;
	const char *path;

	if (read_options(&o, argc, argv, &done) != 0)
		return AUDIT_USAGE;
	if (done)
		return AUDIT_OK;
	path = argv[optind];
	if (a->conninfo != NULL) {
		complain("a fleet is no store: fleet restore makes one of what it has of a host");
		return AUDIT_USAGE;
	}
	if ((status = auditor_open(a, 1)) != AUDIT_OK)
		return status;
	if (!a->have_key) {
		complain("%s: no host.pub, so no store", a->store_path);
		return AUDIT_CANNOT;
	}
	b.purge = o.purge;
	if ((status = backup_open(&b, a, path)) != AUDIT_OK)
		return status;
	status = backup_run(&b);
	if (status == AUDIT_OK && !b.findings && !o.no_verify)
		verified = verify(path);
	if (status == AUDIT_OK && say(&b, &o, verified) != 0)
		status = AUDIT_CANNOT;
	backup_close(&b);
	if (b.findings || verified == AUDIT_FINDING)
		return AUDIT_FINDING;
	return status != AUDIT_OK ? status : verified;
}
