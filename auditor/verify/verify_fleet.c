/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "checkpoint.h"
#include "err.h"
#include "escape.h"
#include "fleet/fleet_state.h"
#include "fleet/hosts.h"
#include "store/fleet_store.h"
#include "store/select.h"
#include "verify/verify.h"
#include "verify/verify_print.h"

/* What was asked for: a session, or all of a host. */
struct wanted {
	const struct fleet_host *host;
	const char *id; /* NULL: all */
};

struct wants {
	struct wanted *wanted;
	size_t count;
	int cannot, usage; /* of arguments that name nothing */
};

static int take_keys(struct fleet *f, const char *const *keys, size_t count)
{
	size_t i;
	int r;

	for (i = 0; i < count; i++) {
		r = fleet_know(f, keys[i]);
		if (r == 1)
			continue;
		complain("%s: %s", keys[i], r == 0 ? "it is of no host in this fleet" :
		    err_text(r));
		return AUDIT_CANNOT;
	}
	return AUDIT_OK;
}

/* A kept checkpoint is of the one host that signs by its first line. */
static int is_seen_of(const char *path, const struct fleet_host *h)
{
	char origin[NOTE_NAME_MAX + 1];
	struct pin p;
	size_t len;
	int same;

	checkpoint_origin_id(origin, h->id);
	len = strlen(origin);
	pin_load(&p, AT_FDCWD, path);
	same = p.error == 0 && p.text != NULL && p.note.text_len > len &&
	    memcmp(p.note.text, origin, len) == 0 && p.note.text[len] == '\n';
	pin_release(&p);
	return same;
}

static void set_host(struct verify *v, const struct verify *how, const struct auditor *a)
{
	const struct fleet_host *h = a->host;

	*v = *how;
	v->host = h->name;
	if (v->seen != NULL && !is_seen_of(v->seen, h))
		v->seen = NULL;
	if (!h->have_key)
		return;
	v->host_pk = h->known.key.pk;
	v->host_id = h->known.host_id;
	v->epoch_pk = h->known.epoch_pk;
	if (v->policy == NULL)
		v->policy = h->known.policy;
}

static void find(struct verify *v, const char *kind, const struct fleet_fault *x)
{
	struct finding f = { .chunk = x->chunk, .offset = x->offset, .kind = kind };

	snprintf(f.text, sizeof f.text, "%s", x->text);
	v->loose++;
	verify_print_finding(v, x->n, NULL, &f);
}

static void find_tamper(void *arg, const struct fleet_fault *x)
{
	find(arg, "tamper", x);
}

static void find_faults(struct verify *v, const struct store *s)
{
	const struct fleet_fault *fault;
	size_t i, count = fleet_store_faults(s, &fault);

	for (i = 0; i < count; i++)
		find(v, "fleet", &fault[i]);
}

/* What came twice is told of each by itself. */
static void find_state(void *arg, const char *kind, const char *text)
{
	struct fleet_fault x = { .chunk = -1 };

	if (strcmp(kind, "tamper") == 0)
		return;
	snprintf(x.text, sizeof x.text, "%s", text);
	find(arg, kind, &x);
}

/* Is it silent, or behind its own ledger? */
static void find_states(struct verify *v, struct auditor *a)
{
	struct fleet_state state;

	if (fleet_state_read(&state, a->fleet, a->host) == 0)
		(void)fleet_state_findings(&state, a->host, find_state, v);
	else
		v->cannot = 1;
}

/* Its ledger proves nothing then, and is not asked. */
static int has_key(struct verify *v, const struct fleet_host *h)
{
	struct fleet_fault x = { .chunk = -1 };

	if (h->have_key)
		return 1;
	snprintf(x.text, sizeof x.text, "no key of this host is known here: give --key with its "
	    "enrolment, or keep that with the others");
	find(v, "certificate", &x);
	return 0;
}

static void verify_host(struct verify *v, struct auditor *a)
{
	struct store *s = &a->store;

	if (has_key(v, a->host) && verify_begin(v, s, 0) != 0)
		return;
	fleet_store_by_pieces(s, 1);
	if (store_walk(s) != 0) {
		complain("%s: its sessions cannot be read", a->store_path);
		v->cannot = 1;
		return;
	}
	verify_store(v, s);
	find_faults(v, s);
	if (fleet_store_tampers(s, find_tamper, v) != 0)
		v->cannot = 1;
	find_states(v, a);
	verify_ledger(v, 1);
}

static void verify_sessions(struct verify *v, struct auditor *a, const struct wants *w)
{
	struct store_session *e;
	int status;
	size_t i;

	if (has_key(v, a->host) && verify_begin(v, &a->store, 0) != 0)
		return;
	for (i = 0; i < w->count; i++) {
		if (w->wanted[i].host != a->host)
			continue;
		e = select_or_complain(a, w->wanted[i].id, &status);
		if (e != NULL)
			verify_session(v, &a->store, e);
		else if (status == AUDIT_USAGE)
			v->usage = 1;
		else
			v->cannot = 1;
	}
	find_faults(v, &a->store);
	verify_ledger(v, 0);
}

/* -1: nothing of this host was asked for; 1: all of it; 0: sessions */
static int is_wanted(const struct wants *w, const struct fleet_host *h)
{
	int r = w->count == 0 ? 1 : -1;
	size_t i;

	for (i = 0; i < w->count && r < 1; i++)
		if (w->wanted[i].host == h)
			r = w->wanted[i].id == NULL;
	return r;
}

static int status_of(const struct verify *v)
{
	return v->usage ? AUDIT_USAGE : v->bad ? AUDIT_FINDING :
	    v->cannot ? AUDIT_CANNOT : AUDIT_OK;
}

/* A finding of one host is never hidden behind another. */
static int worse(int a, int b)
{
	static const int rank[] = { [AUDIT_OK] = 0, [AUDIT_CANNOT] = 1, [AUDIT_FINDING] = 2,
		[AUDIT_USAGE] = 3 };

	return rank[a] > rank[b] ? a : b;
}

static int one_host(struct auditor *a, const struct verify *how, const struct wants *w,
    const struct fleet_host *h, int all)
{
	static struct auditor child;
	static struct verify v;
	char name[FLEET_NAME_MAX * 4];
	int status;

	status = hosts_open_child(&child, a, h);
	if (status == AUDIT_OK) {
		set_host(&v, how, &child);
		if (!v.json)
			printf("%s\n", escape_str(name, sizeof name, h->name));
		if (all)
			verify_host(&v, &child);
		else
			verify_sessions(&v, &child, w);
		verify_summary(&v);
		status = status_of(&v);
	}
	hosts_close_child(&child);
	return status;
}

static void want(struct wants *w, struct auditor *a, const char *text)
{
	int status, whole = strchr(text, '/') == NULL &&
	    fleet_host_named(a->fleet, text, strlen(text)) != NULL;
	const struct fleet_host *h = hosts_find(a, text, whole, &status);

	if (h != NULL)
		w->wanted[w->count++] = (struct wanted){ h, whole ? NULL : text };
	w->cannot |= status == AUDIT_CANNOT;
	w->usage |= status == AUDIT_USAGE;
}

static int each_host(struct auditor *a, const struct verify *how, const struct wants *w)
{
	int status = AUDIT_OK, all;
	size_t i;

	for (i = 0; i < fleet_hosts(a->fleet); i++) {
		const struct fleet_host *h = fleet_host(a->fleet, i);

		all = is_wanted(w, h);
		if (all >= 0)
			status = worse(status, one_host(a, how, w, h, all));
	}
	return status;
}

int verify_fleet(struct auditor *a, const struct verify *how, const char *const *keys,
    size_t key_count, int argc, char **argv)
{
	struct wants w = { .count = 0 };
	int status = hosts_connect(a), i;

	if (status == AUDIT_OK)
		status = take_keys(a->fleet, keys, key_count);
	if (status != AUDIT_OK)
		return status;
	w.wanted = calloc((size_t)argc + 1, sizeof *w.wanted);
	if (w.wanted == NULL) {
		complain("%s", err_text(-ENOMEM));
		return AUDIT_CANNOT;
	}
	for (i = 0; i < argc; i++)
		want(&w, a, argv[i]);
	if (argc == 0 || w.count > 0)
		status = each_host(a, how, &w);
	if (w.usage || w.cannot)
		status = worse(status, w.usage ? AUDIT_USAGE : AUDIT_CANNOT);
	free(w.wanted);
	return status;
}
