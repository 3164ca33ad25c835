/* SPDX-License-Identifier: ISC */
#include "fleet/hosts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "sessions/sessions.h"
#include "store/fleet_query.h"
#include "store/fleet_store.h"
#include "store/select.h"

#define SHOWN_MAX 8 /* hosts that have such a session */

static void bad_key(const char *path, int r)
{
	complain("%s: %s; no host's key is taken from it", path, err_text(r));
}

static int cannot_connect(int r, const char *why)
{
	switch (r) {
	case -EPERM:
		complain("the fleet: %s; only members of the role shellac_auditor may read it", why);
		break;
	case -ENOENT:
		complain("the fleet: %s; this database has none of its tables: shellac fleet init "
		    "makes them", why);
		break;
	case -EPROTONOSUPPORT:
		complain("the fleet: %s; a newer shellac reads it", why);
		break;
	default:
		complain("the fleet: %s", why[0] != '\0' ? why : err_text(r));
	}
	return AUDIT_CANNOT;
}

int hosts_connect(struct auditor *a)
{
	char why[FLEET_WHY];
	int r;

	if (a->fleet != NULL)
		return AUDIT_OK;
	r = fleet_open(&a->fleet, a->conninfo, why);
	if (r != 0)
		return cannot_connect(r, why);
	snprintf(a->store_path, sizeof a->store_path, "%s", fleet_name(a->fleet));
	if (fleet_is_exposed(a->fleet))
		complain("%s: the connection is not encrypted; sslmode=verify-full wants a server "
		    "that can prove itself", a->store_path);
	fleet_know_all(a->fleet, bad_key);
	return AUDIT_OK;
}

int host_key(const struct fleet_host *h, struct host_pub *key)
{
	if (!h->have_key)
		return -ENOENT;
	*key = h->known.key;
	return 0;
}

static int cannot_read(const struct auditor *a, int r)
{
	complain("%s: %s", a->store_path, err_text(r));
	return AUDIT_CANNOT;
}

int hosts_open(struct auditor *a, const struct fleet_host *h)
{
	int r = fleet_store_open(&a->store, a->fleet, h);

	if (r != 0)
		return cannot_read(a, r);
	a->host = h;
	snprintf(a->store_path, sizeof a->store_path, "%s/%s", fleet_name(a->fleet), h->name);
	fleet_store_narrow(&a->store, a->narrow);
	r = store_walk(&a->store);
	if (r != 0)
		return cannot_read(a, r);
	auditor_load_key(a);
	if (!a->have_key)
		complain("%s: no key of this host is known here, and none of the fleet's is taken: "
		    "keep its enrolment in %s", h->name, fleet_folder(a->fleet));
	return AUDIT_OK;
}

int hosts_open_only(struct auditor *a)
{
	int status = hosts_connect(a);

	if (status != AUDIT_OK)
		return status;
	if (fleet_hosts(a->fleet) == 1)
		return hosts_open(a, fleet_host(a->fleet, 0));
	if (fleet_hosts(a->fleet) == 0) {
		complain("%s: there is no host in it; shellac fleet add adds one", a->store_path);
		return AUDIT_CANNOT;
	}
	complain("%s has %zu hosts, and %s reads one: name it, as HOST or HOST/ID", a->store_path,
	    fleet_hosts(a->fleet), a->command);
	return AUDIT_USAGE;
}

static const struct fleet_host *no_host(const struct auditor *a, const char *text, int *status)
{
	complain("%s: no such host in %s; shellac fleet list shows all", text, a->store_path);
	*status = AUDIT_CANNOT;
	return NULL;
}

static const struct fleet_host *ambiguous(const char *text, struct fleet_host *const *host,
    long found)
{
	char list[SHOWN_MAX * (FLEET_NAME_MAX + 64)];
	size_t len = 0;
	long i;

	list[0] = '\0';
	for (i = 0; i < found && i < SHOWN_MAX; i++)
		len += (size_t)snprintf(list + len, sizeof list - len, "%s%s/%.32s",
		    i > 0 ? ", " : "", host[i]->name, text);
	complain("%s: more than one host has such a session: %s%s", text, list,
	    found > SHOWN_MAX ? ", ..." : "");
	return NULL;
}

/* Which of several hosts. */
static const struct fleet_host *who_has(struct auditor *a, const char *text, int *status)
{
	struct fleet_host *host[SHOWN_MAX];
	static struct store none;
	long found, other;

	*status = AUDIT_USAGE;
	if (select_session(&none, text, &other) == SELECT_NO_ID) {
		complain("%s: not a session: give HOST/ID, its number, at least %d digits of its id, "
		    "or \"last\"", text, SELECT_PREFIX_MIN);
		return NULL;
	}
	found = fleet_who_has(a->fleet, text, host, SHOWN_MAX);
	if (found == 1)
		return host[0];
	if (found > 1)
		return ambiguous(text, host, found);
	*status = AUDIT_CANNOT;
	if (found == 0)
		complain("%s: no such session in %s; \"shellac list\" shows all", text, a->store_path);
	return NULL;
}

const struct fleet_host *hosts_find(struct auditor *a, const char *text, int whole, int *status)
{
	const char *slash = strchr(text, '/');
	const struct fleet_host *h;
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);

	*status = hosts_connect(a);
	if (*status != AUDIT_OK)
		return NULL;
	if (slash == NULL && !whole && fleet_hosts(a->fleet) != 1)
		return who_has(a, text, status);
	if (slash == NULL && !whole)
		return fleet_host(a->fleet, 0);
	h = fleet_host_named(a->fleet, text, len);
	return h != NULL ? h : no_host(a, text, status);
}

int auditor_open_for(struct auditor *a, const char *text)
{
	const struct fleet_host *h;
	int status;

	if (a->conninfo == NULL)
		return auditor_open(a, 1);
	h = hosts_find(a, text, 0, &status);
	return h != NULL ? hosts_open(a, h) : status;
}

void hosts_close(struct auditor *a)
{
	const char *why = a->fleet != NULL ? fleet_trouble(a->fleet) : NULL;

	if (why != NULL)
		complain("the database said: %s", why);
	fleet_free(a->fleet);
	a->fleet = NULL;
	a->host = NULL;
}

int hosts_open_child(struct auditor *child, const struct auditor *a, const struct fleet_host *h)
{
	*child = (struct auditor){ .conninfo = a->conninfo, .fleet = a->fleet,
		.command = a->command, .reason = a->reason, .narrow = a->narrow,
		.store = { .fd = -1 } };
	return hosts_open(child, h);
}

void hosts_close_child(struct auditor *child)
{
	child->fleet = NULL; /* the parent's */
	auditor_close(child);
}

/* Which hosts are to be opened: those that the words can be about, and that have any session
 * they can be about. */
static int choose(uint8_t *fits, struct auditor *a, const struct session_asked *asked)
{
	size_t i, n = fleet_hosts(a->fleet);
	int r = 0;

	memset(fits, 1, n);
	if (asked == NULL)
		return 0;
	if (session_asked_narrows(asked))
		r = fleet_narrow_hosts(a->fleet, &asked->narrow, fits);
	for (i = 0; i < n; i++)
		fits[i] = fits[i] && session_asked_host(asked, fleet_host(a->fleet, i)->name);
	return r;
}

/* Those are asked the same, one after the other. */
static int together(struct fleet *f, const uint8_t *fits)
{
	const struct fleet_host **group = calloc(fleet_hosts(f) + 1, sizeof *group);
	size_t i, n = 0;
	int r;

	if (group == NULL)
		return -ENOMEM;
	for (i = 0; i < fleet_hosts(f); i++)
		if (fits[i])
			group[n++] = fleet_host(f, i);
	r = fleet_together(f, group, n);
	free(group);
	return r;
}

static int open_fleet(struct hosts *all, struct auditor *a, const struct session_asked *asked)
{
	int status = hosts_connect(a), r;
	uint8_t *fits = NULL;
	size_t n, i;

	if (status != AUDIT_OK)
		return status;
	n = fleet_hosts(a->fleet);
	all->host = calloc(n + 1, sizeof *all->host);
	all->own = calloc(n + 1, sizeof *all->own);
	fits = malloc(n + 1);
	r = all->host == NULL || all->own == NULL || fits == NULL ? -ENOMEM : choose(fits, a, asked);
	if (r == 0)
		r = together(a->fleet, fits);
	if (r != 0)
		status = cannot_read(a, r);
	a->narrow = asked != NULL && session_asked_narrows(asked) ? &asked->narrow : NULL;
	for (i = 0; i < n && status == AUDIT_OK; i++) {
		if (!fits[i])
			continue;
		all->host[all->hosts] = &all->own[all->hosts];
		status = hosts_open_child(all->host[all->hosts++], a, fleet_host(a->fleet, i));
	}
	free(fits);
	return status;
}

int hosts_open_asked(struct hosts *all, struct auditor *a, const struct session_asked *asked)
{
	memset(all, 0, sizeof *all);
	if (a->conninfo != NULL)
		return open_fleet(all, a, asked);
	all->host = malloc(sizeof *all->host);
	if (all->host == NULL)
		return cannot_read(a, -ENOMEM);
	all->host[all->hosts++] = a;
	return auditor_open(a, 1);
}

void hosts_release(struct hosts *all)
{
	size_t i;

	for (i = 0; all->own != NULL && i < all->hosts; i++)
		hosts_close_child(&all->own[i]);
	free(all->host);
	free(all->own);
	memset(all, 0, sizeof *all);
}
