/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "clock.h"
#include "err.h"
#include "escape.h"
#include "fleet/hosts.h"
#include "output/json.h"
#include "ledger/ledger_access.h"
#include "ledger_file.h"
#include "ledger/ledger_text.h"

enum { OPT_JSON = OPT_LONG, OPT_SINCE };

#define ESCAPED_MAX 2048 /* of a reason */

const struct opt ledger_opts[] = {
	{ OPT_JSON, "json", NULL, "one JSON object a line" },
	{ OPT_SINCE, "since", "SIZE", "only entries that a ledger of SIZE did not have" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static struct ledger_access access_text;

/* Who looked at what, where the store still says it and lets us read it: 1. */
static int know_access(const struct store *s, const struct entry *e, int *status)
{
	int r;

	if ((e->type != ENTRY_ACCESS && e->type != ENTRY_ACTION) || s->access != NULL)
		return 0;
	r = ledger_access_read(&access_text, s, e);
	if (r == 0)
		return 1;
	if (r == E_DIGEST || r == E_FORMAT || r == E_RANGE) {
		complain("%s/%s/%" PRIu64 " is not what entry %" PRIu64 " was made of", LEDGER_DIR,
		    LEDGER_ACCESS, e->index, e->index);
		*status = AUDIT_FINDING;
	}
	return 0;
}

static void print_access(void)
{
	const struct ledger_access *t = &access_text;
	int is_user = strncmp(t->who, "plugin ", 7) != 0; /* others begin with a number */
	char who[256], what[256], reason[ESCAPED_MAX];

	printf("%s%s: %s%s%s\n", is_user ? "user " : "", escape_str(who, sizeof who, t->who),
	    escape_str(what, sizeof what, t->what), t->reason[0] != '\0' ? ", because: " : "",
	    escape_str(reason, sizeof reason, t->reason));
}

static void print_entry(const struct entry *e, int known)
{
	char time[CLOCK_RFC3339_SIZE], text[LEDGER_TEXT_MAX];

	clock_rfc3339(time, e->wall_ns);
	printf("%8" PRIu64 "  %-10.10s %-8.8sZ  %-10s  ", e->index, time[0] != '\0' ? time : "?",
	    time[0] != '\0' ? time + 11 : "", entry_word(e->type));
	if (known) {
		print_access();
		return;
	}
	ledger_text(text, e);
	puts(text);
}

static void print_json(const struct entry *e, int known)
{
	json_t *o = ledger_json(e), *t;

	if (known) {
		t = json_object();
		json_object_set_new(t, "who", json_bytes(access_text.who));
		json_object_set_new(t, "what", json_bytes(access_text.what));
		json_object_set_new(t, "reason", json_bytes(access_text.reason));
		json_object_set_new(o, "text", t);
	} else if (e->type == ENTRY_ACCESS || e->type == ENTRY_ACTION) {
		json_object_set_new(o, "text", json_null());
	}
	json_line(o);
}

static const char *wrong(int r)
{
	switch (r) {
	case E_SHORT:
		return "torn: the log ends inside it";
	case E_CHAIN:
		return "not the one that comes next";
	case E_DIGEST:
		return "states another root than that of the entries before it";
	default:
		return err_text(r);
	}
}

/* The entry at which reading stopped, and why. */
static int report_end(const struct ledger_file *l, int r)
{
	if (r == 0)
		return AUDIT_OK;
	complain("ledger entry %" PRIu64 ", offset %" PRIu64 ": %s", l->tree.size, l->offset,
	    wrong(r));
	return r > -4096 && r < 0 ? AUDIT_CANNOT : AUDIT_FINDING;
}

/* GENESIS has the key of host.pub. */
static int check_host(const struct auditor *a, const uint8_t *first_pk)
{
	if (!a->have_key || first_pk == NULL || memcmp(a->key.pk, first_pk, PK_SIZE) == 0)
		return AUDIT_OK;
	complain("the ledger is not of the host whose key is in %s/host.pub", a->store_path);
	return AUDIT_FINDING;
}

static int show(const struct auditor *a, int fd, int json, uint64_t since)
{
	uint8_t genesis[PK_SIZE], *first_pk = NULL;
	struct ledger_file l;
	struct entry e;
	int r, known, status = AUDIT_OK, end;

	ledger_file_init(&l, fd, NULL);
	while ((r = ledger_file_next(&l, &e)) == 1) {
		if (e.type == ENTRY_GENESIS)
			first_pk = memcpy(genesis, e.u.genesis.host_pk, PK_SIZE);
		if (e.index < since)
			continue;
		known = know_access(&a->store, &e, &status);
		if (json)
			print_json(&e, known);
		else
			print_entry(&e, known);
	}
	end = report_end(&l, r);
	r = check_host(a, first_pk);
	ledger_file_end(&l);
	if (status == AUDIT_OK)
		status = end;
	return status != AUDIT_OK ? status : r;
}

static int open_log(struct auditor *a)
{
	int r = auditor_open_store(a);

	if (r != AUDIT_OK)
		return -EACCES; /* said */
	r = store_open_file(&a->store, LEDGER_DIR "/" LEDGER_LOG);
	if (r == -ENOENT)
		complain("%s: there is no ledger in this store", a->store_path);
	else if (r < 0)
		complain("%s: %s", a->store_path, err_text(r));
	return r;
}

static int show_ledger(struct auditor *a, int json, uint64_t since)
{
	int fd = open_log(a), status;

	if (fd < 0)
		return AUDIT_CANNOT;
	auditor_load_key(a);
	status = show(a, fd, json, since);
	close(fd);
	return status;
}

static int show_host(struct auditor *a, int json, uint64_t since, const char *name)
{
	const struct fleet_host *h;
	int status;

	h = hosts_find(a, name, 1, &status);
	if (h != NULL)
		status = hosts_open(a, h);
	return status == AUDIT_OK ? show_ledger(a, json, since) : status;
}

int cmd_ledger(struct auditor *a, int argc, char **argv)
{
	const struct command *c = command_find("ledger");
	unsigned long long since = 0;
	int o, done, json = 0;

	while ((o = command_next(c, argc, argv, &done)) != OPT_END) {
		if (o == OPT_USAGE)
			return AUDIT_USAGE;
		if (o == OPT_JSON) {
			json = 1;
		} else if (opt_number(optarg, UINT64_MAX, &since) != 0) {
			complain("--since wants a number of entries");
			return AUDIT_USAGE;
		}
	}
	if (done)
		return AUDIT_OK;
	if (a->conninfo != NULL && optind + 1 == argc)
		return show_host(a, json, since, argv[optind]);
	if (optind != argc) {
		complain("ledger takes no arguments, but of a fleet the name of a host");
		return AUDIT_USAGE;
	}
	return show_ledger(a, json, since);
}
