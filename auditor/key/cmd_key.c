/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "cert.h"
#include "key/key.h"

enum { OPT_AUDITOR = OPT_LONG, OPT_NAME, OPT_POLICY, OPT_REASON, OPT_SIGN };

const struct opt key_opts[] = {
	{ OPT_AUDITOR, "auditor", "VKEY", "check: the key that must have signed, or its file" },
	{ OPT_NAME, "name", "NAME", "auditor: the new key's name (default: auditor)" },
	{ OPT_POLICY, "policy", "FILE", "enrol: the witnesses (default: as configured)" },
	{ OPT_REASON, "reason", "TEXT", "approve: why" },
	{ OPT_SIGN, "sign", "FILE", "enrol, sign, approve: an auditor's secret key" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

#define BIT(option) (1u << ((option) - OPT_LONG))

static const struct verb {
	const char *name;
	int (*run)(struct auditor *a, const struct key_args *args);
	int files;        /* arguments behind it; negative: one or more */
	unsigned may, must; /* options */
} verbs[] = {
	{ "new", key_new, 0, 0, 0 },
	{ "show", key_show, 0, 0, 0 },
	{ "rotate", key_rotate, 0, 0, 0 },
	{ "enrol", key_enrol, 0, BIT(OPT_POLICY) | BIT(OPT_SIGN), 0 },
	{ "sign", key_sign, 1, BIT(OPT_SIGN), BIT(OPT_SIGN) },
	{ "check", key_check, 1, BIT(OPT_AUDITOR), BIT(OPT_AUDITOR) },
	{ "auditor", key_auditor, 1, BIT(OPT_NAME), 0 },
	{ "approve", key_approve, -1, BIT(OPT_SIGN) | BIT(OPT_REASON),
	    BIT(OPT_SIGN) | BIT(OPT_REASON) },
};

static const struct verb *find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (name != NULL && strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

void key_print(const struct host_pub *k, const uint8_t *newest)
{
	char line[KEY_LINE_MAX], log[NOTE_VKEY_MAX], hex[2 * ID_SIZE + 1];
	struct enrolment e;

	enrolment_init(&e, "", k->pk, newest);
	hex_put(hex, e.host_id, ID_SIZE);
	key_pub_format(line, k);
	note_key_format(log, &e.key);
	printf("host id   %s\nhost key  %s\nlog key   %s\n", hex, line, log);
}

int key_show(struct auditor *a, const struct key_args *args)
{
	(void)args;
	auditor_load_key(a);
	if (!a->have_key) {
		complain("%s/host.pub: there is no such key", a->store_path);
		return AUDIT_CANNOT;
	}
	key_print(&a->key, host_chain_newest(&a->keys));
	return AUDIT_OK;
}

/* Options and arguments of a verb that takes them. */
static int run(struct auditor *a, const struct verb *v, const struct key_args *args, int files,
    unsigned given)
{
	if (v == NULL) {
		complain("key wants one of: new, show, rotate, enrol, sign NOTE, check NOTE, auditor FILE, "
		    "approve ID...");
		return AUDIT_USAGE;
	}
	if (v->files < 0 ? files == 0 : files != v->files) {
		complain(v->files < 0 ? "key %s wants sessions" : v->files > 0 ?
		    "key %s wants one file" : "key %s takes no further argument",
		    v->name);
		return AUDIT_USAGE;
	}
	if ((given & ~v->may) != 0 || (v->must & ~given) != 0) {
		complain("key %s: %s; see shellac key --help", v->name, (given & ~v->may) != 0 ?
		    "an option that it does not have" : "it needs an option");
		return AUDIT_USAGE;
	}
	return v->run(a, args);
}

int cmd_key(struct auditor *a, int argc, char **argv)
{
	struct key_args args = { 0 };
	unsigned given = 0;
	int c, done;

	while ((c = command_next(command_find("key"), argc, argv, &done)) != OPT_END) {
		switch (c) {
		case OPT_AUDITOR: args.auditor = optarg; break;
		case OPT_NAME: args.name = optarg; break;
		case OPT_REASON: args.reason = optarg; break;
		case OPT_POLICY: args.policy = optarg; break;
		case OPT_SIGN: args.sign = optarg; break;
		default: return AUDIT_USAGE;
		}
		given |= BIT(c);
	}
	if (done)
		return AUDIT_OK;
	if (argc - optind > 1) {
		args.file = argv[optind + 1];
		args.files = argv + optind + 1;
		args.count = argc - optind - 1;
	}
	return run(a, find(argv[optind]), &args, argc - optind - 1, given);
}
