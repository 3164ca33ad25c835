/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "select.h"
#include "verify.h"

enum { OPT_JSON = OPT_LONG, OPT_KEY, OPT_LEVEL };

#define LEVEL_MAX 3

const struct opt verify_opts[] = {
	{ OPT_KEY, "key", "FILE", "the host's public key (default: host.pub of the store)" },
	{ OPT_LEVEL, "level", "N", "what must hold, 0 to 3 (default: 0, chain and certificate)" },
	{ OPT_JSON, "json", NULL, "a line for each session and each finding" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static int load_key(struct auditor *a, const char *path)
{
	int r = key_pub_load(&a->key, path);

	a->have_key = r == 0;
	if (r == 0)
		return AUDIT_OK;
	complain("%s: %s; --key wants the host.pub of the host that recorded", path, err_text(r));
	return AUDIT_CANNOT;
}

/* Without a key nothing can be proved, so nothing is said. */
static int need_key(const struct auditor *a)
{
	if (a->have_key)
		return AUDIT_OK;
	complain("no key to verify with: %s/host.pub is not there; give --key FILE with the "
	    "host.pub of the host that recorded", a->store_path);
	return AUDIT_CANNOT;
}

static void verify_argument(struct auditor *a, struct verify *v, const char *arg)
{
	long other = 0, i = SELECT_NO_ID;
	struct store_session *e;
	int status;

	if (strchr(arg, '/') == NULL)
		i = select_session(&a->store, arg, &other);
	if (i >= 0) {
		verify_session(v, &a->store, &a->store.session[i]);
	} else if (i != SELECT_AMBIGUOUS && verify_file(v, arg)) {
		return;
	} else if (strchr(arg, '/') != NULL) {
		complain("%s: no such file", arg);
		v->cannot = 1;
	} else {
		e = select_or_complain(a, arg, &status);
		v->cannot |= e == NULL && status == AUDIT_CANNOT;
		v->usage |= e == NULL && status == AUDIT_USAGE;
	}
}

static int verify_all(struct auditor *a, struct verify *v, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		verify_argument(a, v, argv[i]);
	if (argc == 0)
		verify_store(v, &a->store);
	if (v->sessions > 0 || argc == 0)
		verify_summary(v);
	if (v->usage)
		return AUDIT_USAGE;
	if (v->bad)
		return AUDIT_FINDING;
	return v->cannot ? AUDIT_CANNOT : AUDIT_OK;
}

/* Is every argument a file, so that no more than a key is needed? */
static int only_files(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (strchr(argv[i], '/') == NULL && access(argv[i], F_OK) != 0)
			return 0;
	return argc > 0;
}

static int verify_run(struct auditor *a, struct verify *v, const char *key, int argc, char **argv)
{
	int status = AUDIT_OK;

	if (!only_files(argc, argv))
		status = auditor_open(a, 1);
	else if (key == NULL)
		auditor_load_key(a);
	if (status != AUDIT_OK)
		return status;
	status = key != NULL ? load_key(a, key) : need_key(a);
	if (status != AUDIT_OK)
		return status;
	v->host_pk = a->key.pk;
	return verify_all(a, v, argc, argv);
}

int cmd_verify(struct auditor *a, int argc, char **argv)
{
	struct verify v = { 0 };
	const char *key = NULL;
	unsigned long long level = 0;
	int c, done;

	while ((c = command_next(command_find("verify"), argc, argv, &done)) != OPT_END) {
		if (c == OPT_JSON) {
			v.json = 1;
		} else if (c == OPT_KEY) {
			key = optarg;
		} else if (c != OPT_LEVEL) {
			return AUDIT_USAGE;
		} else if (opt_number(optarg, LEVEL_MAX, &level) != 0) {
			complain("--level %s: a number from 0 to %d is wanted", optarg, LEVEL_MAX);
			return AUDIT_USAGE;
		}
	}
	if (done)
		return AUDIT_OK;
	v.level = (int)level;
	return verify_run(a, &v, key, argc - optind, argv + optind);
}
