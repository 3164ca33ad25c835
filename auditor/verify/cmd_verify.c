/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "clock.h"
#include "err.h"
#include "verify/known_host.h"
#include "store/select.h"
#include "verify/verify.h"

enum { OPT_JSON = OPT_LONG, OPT_KEY, OPT_LEVEL, OPT_POLICY, OPT_SEEN, OPT_FAST, OPT_KEPT };

#define LEVEL_MAX 3
#define KEPT_MAX 36500
#define HOUR_NS INT64_C(3600000000000)

const struct opt verify_opts[] = {
	{ OPT_KEY, "key", "FILE", "the host's public key or its enrolment (default: "
	    "host.pub of the store)" },
	{ OPT_LEVEL, "level", "N", "what must hold, 0 to 3 (default: 0, chain and certificate)" },
	{ OPT_POLICY, "policy", "FILE", "whose cosignatures count (level 3)" },
	{ OPT_SEEN, "seen", "NOTE", "a checkpoint of this host that was kept: nothing behind it "
	    "may be gone" },
	{ OPT_KEPT, "kept", "DAYS", "in a fleet, what is older may have been deleted" },
	{ OPT_FAST, "fast", NULL, "no seals' signatures where the ledger proves the last of them" },
	{ OPT_JSON, "json", NULL, "a line for each session and each finding" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

/* An enrolment says also with what the ledger began, and, unless another policy was
 * given, whose cosignatures count. */
static int load_key(struct verify *v, struct known_host *known, const char *path)
{
	int r = known_host_load(known, path);

	if (r != 0) {
		complain("%s: %s; --key wants the host.pub or the enrolment of the host that "
		    "recorded", path, err_text(r));
		return AUDIT_CANNOT;
	}
	v->host_id = known->host_id;
	v->epoch_pk = known->epoch_pk;
	if (v->policy == NULL)
		v->policy = known->policy;
	return AUDIT_OK;
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

/* What is written as an ID is one, whatever the current folder holds. */
static int is_id(const char *s)
{
	size_t digits = strspn(s, "0123456789abcdef");

	return strcmp(s, "last") == 0 || (digits > 0 && s[digits] == '\0');
}

static int is_folder(const char *path)
{
	struct stat st;

	return !is_id(path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void whole_store(struct verify *v, struct store *s)
{
	if (verify_begin(v, s, 0) != 0)
		return;
	verify_store(v, s);
	verify_ledger(v, 1);
}

/* Another store, by --key or its own host.pub. */
static void verify_folder(struct verify *v, const char *path, int own_key)
{
	static struct auditor other;
	const uint8_t *pk = v->host_pk;

	memset(&other, 0, sizeof other);
	other.store.fd = -1;
	if (snprintf(other.store_path, sizeof other.store_path, "%s", path) >=
	    (int)sizeof other.store_path || auditor_open(&other, 0) != AUDIT_OK ||
	    (own_key && need_key(&other) != AUDIT_OK)) {
		v->cannot = 1;
	} else {
		v->host_pk = own_key ? other.key.pk : pk;
		v->folders = 1;
		whole_store(v, &other.store);
		v->host_pk = pk;
	}
	auditor_close(&other);
}

static void verify_argument(struct auditor *a, struct verify *v, const char *arg)
{
	long found = 0, i = SELECT_NO_ID;
	struct store_session *e;
	int status;

	if (strchr(arg, '/') == NULL)
		i = select_session(&a->store, arg, &found);
	if (i >= 0) {
		if (verify_begin(v, &a->store, 0) == 0)
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

static int verify_all(struct auditor *a, struct verify *v, int own_key, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!is_folder(argv[i]))
			verify_argument(a, v, argv[i]);
	verify_ledger(v, 0);
	for (i = 0; i < argc; i++)
		if (is_folder(argv[i]))
			verify_folder(v, argv[i], own_key);
	if (argc == 0)
		whole_store(v, &a->store);
	if (v->sessions > 0 || v->folders || argc == 0)
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
		if (is_id(argv[i]) || (strchr(argv[i], '/') == NULL && access(argv[i], F_OK) != 0))
			return 0;
	return argc > 0;
}

static int only_folders(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!is_folder(argv[i]))
			return 0;
	return argc > 0;
}

static int verify_run(struct auditor *a, struct verify *v, struct known_host *known,
    const char *key, int argc, char **argv)
{
	int status = key != NULL ? load_key(v, known, key) : AUDIT_OK;

	if (status != AUDIT_OK)
		return status;
	a->knows_more = v->seen != NULL || v->host_id != NULL;
	if (!only_files(argc, argv))
		status = auditor_open(a, 1);
	else if (key == NULL)
		auditor_load_key(a);
	if (status != AUDIT_OK)
		return status;
	if (key != NULL) {
		a->key = known->key;
		a->have_key = 1;
	} else if (!only_folders(argc, argv)) {
		status = need_key(a);
	}
	if (status != AUDIT_OK)
		return status;
	v->host_pk = a->key.pk;
	return verify_all(a, v, key == NULL, argc, argv);
}

static int load_policy(struct witness_policy **out, const char *path)
{
	unsigned line = 0;
	int r = policy_load(out, path, &line);

	if (r == 0)
		return AUDIT_OK;
	complain_policy(path, line, r);
	return AUDIT_CANNOT;
}

/* A kept checkpoint that is none proves nothing, and must not seem to. */
static int check_seen(const char *path)
{
	struct pin p;
	int status = AUDIT_OK;

	pin_load(&p, AT_FDCWD, path);
	if (p.error != 0 || p.text == NULL) {
		complain("%s: %s; --seen wants a checkpoint that was kept", path,
		    err_text(p.error != 0 ? p.error : -ENOENT));
		status = AUDIT_CANNOT;
	}
	pin_release(&p);
	return status;
}

#define KEYS_MAX 256

struct verify_options {
	const char *key[KEYS_MAX], *policy;
	size_t keys;
	int done;
};

static int two_keys(void)
{
	complain("--key may stand more than once for a fleet alone, and at most %d times", KEYS_MAX);
	return AUDIT_USAGE;
}

/* Days go by the clock of the server that deletes them, which may be an hour off. */
static int take_kept(struct verify *v)
{
	unsigned long long days;

	if (opt_number(optarg, KEPT_MAX, &days) != 0) {
		complain("--kept %s: a number of days is wanted", optarg);
		return -1;
	}
	v->kept_ns = clock_wall() - (int64_t)days * 24 * HOUR_NS + HOUR_NS;
	return 0;
}

static int parse_options(struct verify *v, struct verify_options *o, int argc, char **argv)
{
	unsigned long long level = 0;
	int c;

	while ((c = command_next(command_find("verify"), argc, argv, &o->done)) != OPT_END) {
		if (c == OPT_JSON) {
			v->json = 1;
		} else if (c == OPT_FAST) {
			v->fast = 1;
		} else if (c == OPT_KEY) {
			if (o->keys == KEYS_MAX)
				return two_keys();
			o->key[o->keys++] = optarg;
		} else if (c == OPT_POLICY) {
			o->policy = optarg;
		} else if (c == OPT_SEEN) {
			v->seen = optarg;
		} else if (c == OPT_KEPT) {
			if (take_kept(v) != 0)
				return AUDIT_USAGE;
		} else if (c != OPT_LEVEL) {
			return AUDIT_USAGE;
		} else if (opt_number(optarg, LEVEL_MAX, &level) != 0) {
			complain("--level %s: a number from 0 to %d is wanted", optarg, LEVEL_MAX);
			return AUDIT_USAGE;
		}
	}
	v->level = (int)level;
	return AUDIT_OK;
}

int cmd_verify(struct auditor *a, int argc, char **argv)
{
	static struct verify v;
	static struct verify_options o;
	struct witness_policy *policy = NULL;
	struct known_host known = { .text = NULL };
	int status = parse_options(&v, &o, argc, argv);

	if (status != AUDIT_OK || o.done)
		return status;
	if (v.seen != NULL && (status = check_seen(v.seen)) != AUDIT_OK)
		return status;
	if (o.policy != NULL && (status = load_policy(&policy, o.policy)) != AUDIT_OK)
		return status;
	v.policy = policy;
	if (a->conninfo != NULL)
		status = verify_fleet(a, &v, o.key, o.keys, argc - optind, argv + optind);
	else if (o.keys > 1)
		status = two_keys();
	else
		status = verify_run(a, &v, &known, o.key[0], argc - optind, argv + optind);
	policy_free(policy);
	known_host_release(&known);
	return status;
}
