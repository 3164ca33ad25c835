/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fleet/hosts.h"
#include "procs/procs_fleet_internal.h"
#include "store/fleet_store.h"
#include "store/fleet_users.h"
#include "store/select.h"

int procs_fleet_cannot(const struct procs_fleet *x, int r)
{
	complain("%s: %s", x->a->store_path, err_text(r));
	return AUDIT_CANNOT;
}

/* The number of a session, and its host's store for that time. */
static int session_number(struct procs_fleet *x, const struct fleet_host *h, const char *text)
{
	struct auditor one;
	struct procs_filter *f = x->ask->filter;
	struct store_session *e = NULL;
	const char *slash = strrchr(text, '/');
	struct cert cert;
	int status = hosts_open_child(&one, x->a, h);

	if (status == AUDIT_OK)
		e = select_or_complain(&one, slash != NULL ? slash + 1 : text, &status);
	if (e != NULL) {
		f->session = e->name.n;
		if (procs_session(&one.store, e, &cert) == 0)
			f->began_ns = cert.wall_ns;
	}
	hosts_close_child(&one);
	return status;
}

static int add_host(struct procs_fleet *x, const struct fleet_host *h)
{
	struct procs_fleet_host *p = &x->host[x->hosts];

	p->host.name = h->name;
	p->host.users = users_new(NULL, 0);
	if (p->host.users == NULL)
		return -ENOMEM;
	x->chosen[x->hosts++] = h;
	return 0;
}

/* Those of which anything can be asked for. */
static int choose(struct procs_fleet *x)
{
	const struct fleet_host *only = NULL;
	size_t i, n = fleet_hosts(x->a->fleet);
	int r = 0, status;

	if (x->ask->session != NULL) {
		only = hosts_find(x->a, x->ask->session, 0, &status);
		if (only == NULL || (status = session_number(x, only, x->ask->session)) != AUDIT_OK)
			return status;
	}
	x->chosen = calloc(n + 1, sizeof *x->chosen);
	x->host = calloc(n + 1, sizeof *x->host);
	if (x->chosen == NULL || x->host == NULL)
		return procs_fleet_cannot(x, -ENOMEM);
	for (i = 0; i < n && r == 0; i++) {
		const struct fleet_host *h = fleet_host(x->a->fleet, i);

		if ((only == NULL || only == h) && procs_filter_host(x->ask->filter, h->name))
			r = add_host(x, h);
	}
	x->at = n + 1;
	return r == 0 ? AUDIT_OK : procs_fleet_cannot(x, r);
}

int procs_fleet_open(struct procs_fleet **out, struct auditor *a, struct procs_fleet_ask *ask)
{
	struct procs_fleet *x = calloc(1, sizeof *x);
	int status;

	if (x == NULL) {
		complain("no memory");
		return AUDIT_CANNOT;
	}
	x->a = a;
	x->ask = ask;
	x->source = (struct procs_source){ .filter = ask->filter, .sink = ask->sink,
		.running = ask->running };
	status = hosts_connect(a);
	if (status == AUDIT_OK)
		status = choose(x);
	if (status == AUDIT_OK)
		*out = x;
	else
		procs_fleet_free(x);
	return status;
}

void procs_fleet_free(struct procs_fleet *x)
{
	size_t i;

	if (x == NULL)
		return;
	for (i = 0; i < x->hosts; i++) {
		users_free(x->host[i].host.users);
		free(x->host[i].asked);
	}
	procs_lives_free(x->source.lives);
	procs_gaps_free(x->source.gaps);
	free(x->chosen);
	free(x->host);
	free(x);
}

int procs_fleet_at(struct procs_fleet *x, size_t host)
{
	if (x->at == host)
		return 0;
	x->at = host;
	x->ask->filter->host = &x->host[host].host;
	procs_lives_free(x->source.lives); /* those of the host before */
	x->source.lives = x->ask->execs ? procs_lives_new() : NULL;
	if (x->ask->execs && x->source.lives == NULL)
		return -ENOMEM;
	if (x->ask->host != NULL)
		x->ask->host(x->ask->sink.ctx, x->host[host].host.name);
	return 0;
}

static long walk_host(struct procs_fleet *x, size_t i)
{
	struct store store;
	long r = fleet_store_open(&store, x->a->fleet, x->chosen[i]);

	if (r != 0)
		return r;
	x->source.store = &store;
	r = fleet_users_all(x->a->fleet, x->chosen[i], x->host[i].host.users);
	if (r == 0)
		r = procs_store(&x->source);
	store_close(&store);
	x->source.store = NULL;
	return r;
}

/* All records of a host. */
static int read_host(struct procs_fleet *x, size_t i)
{
	const struct procs_filter *f = x->ask->filter;
	long r;

	x->source.gaps = procs_gaps_new();
	if (x->source.gaps == NULL || procs_fleet_at(x, i) != 0)
		return procs_fleet_cannot(x, -ENOMEM);
	r = walk_host(x, i);
	procs_gaps_say(x->source.gaps, x->chosen[i]->name,
	    f->from_ns > f->began_ns ? f->from_ns : f->began_ns, f->to_ns);
	procs_gaps_free(x->source.gaps);
	x->source.gaps = NULL;
	if (r < 0)
		return procs_fleet_cannot(x, (int)r);
	if (r == 0)
		complain("%s: no process records", x->chosen[i]->name);
	return AUDIT_OK;
}

int procs_fleet_run(struct procs_fleet *x)
{
	struct process_index_query q;
	int status = AUDIT_OK;
	size_t i;

	if (!x->ask->whole && !x->ask->running && procs_filter_query(x->ask->filter, &q))
		return procs_fleet_by_index(x);
	for (i = 0; i < x->hosts && status == AUDIT_OK; i++)
		status = read_host(x, i);
	return status;
}
