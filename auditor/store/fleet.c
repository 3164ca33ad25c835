/* SPDX-License-Identifier: ISC */
#include "store/fleet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../fleet/db.h"
#include "err.h"
#include "store/fleet_internal.h"

#define HOSTS_MAX 100000

/* What one reads is of one time. */
static const char begin[] = "begin isolation level repeatable read, read only";

static int exec(struct fleet *f, const char *sql)
{
	PGresult *r;
	int e = fleet_rows(f, &r, sql, NULL);

	if (e == 0)
		PQclear(r);
	return e;
}

static void set_name(struct fleet *f)
{
	snprintf(f->name, sizeof f->name, "postgresql://%s:%s/%s", PQhost(f->pg), PQport(f->pg),
	    PQdb(f->pg));
}

/* Tables of a later version are not read: they may say something else. */
static int check_version(struct fleet *f)
{
	PGresult *r;
	int64_t version;
	int e = fleet_rows(f, &r, "select version::int8 from shellac.version", NULL);

	if (e != 0)
		return e;
	version = PQntuples(r) == 1 ? fleet_number(r, 0, 0) : 0;
	PQclear(r);
	if (version == FLEET_VERSION)
		return 0;
	snprintf(f->why, sizeof f->why, "its tables are of version %" PRIi64 ", and this program "
	    "knows %d", version, FLEET_VERSION);
	return -EPROTONOSUPPORT;
}

static int dial(struct fleet *f, const char *conninfo)
{
	char why[FLEET_WHY] = "";
	int r = fleet_connect(&f->pg, conninfo, "shellac", 0, why, sizeof why);

	if (r != 0) {
		fleet_say(f->why, why);
		return r == E_REFUSED ? -ENOTCONN : r;
	}
	set_name(f);
	return 0;
}

static int take_host(struct fleet *f, const PGresult *r, int row)
{
	struct fleet_host *h = &f->host[f->hosts];
	const char *name = fleet_text(r, row, 1);
	size_t len;
	const uint8_t *id = fleet_bytes(r, row, 0, &len);

	if (len != ID_SIZE || strlen(name) > FLEET_NAME_MAX || name[0] == '\0' ||
	    strchr(name, '/') != NULL || fleet_host_named(f, name, strlen(name)) != NULL) {
		fleet_say(f->why, "its table of hosts has a row that no host can have");
		return -EIO;
	}
	memcpy(h->id, id, ID_SIZE);
	snprintf(h->name, sizeof h->name, "%s", name);
	h->heartbeat_s = (uint64_t)fleet_number(r, row, 2);
	h->added_ns = PQgetisnull(r, row, 3) ? FLEET_NEVER : fleet_number(r, row, 3);
	h->seen_ns = PQgetisnull(r, row, 4) ? FLEET_NEVER : fleet_number(r, row, 4);
	f->hosts++;
	return 0;
}

static int read_hosts(struct fleet *f)
{
	PGresult *r;
	int i, n, e;

	e = fleet_rows(f, &r, "select h.id, h.name::text, h.heartbeat_s::int8,"
	    " (extract(epoch from h.added) * 1000000000)::int8,"
	    " (extract(epoch from s.at) * 1000000000)::int8"
	    " from shellac.host h left join shellac.seen s on s.host = h.id"
	    " order by h.name collate \"C\"", NULL);
	if (e != 0)
		return e;
	n = PQntuples(r);
	f->host = n > HOSTS_MAX ? NULL : calloc((size_t)n + 1, sizeof *f->host);
	e = f->host == NULL ? -ENOMEM : 0;
	for (i = 0; i < n && e == 0; i++)
		e = take_host(f, r, i);
	PQclear(r);
	return e;
}

/* What SQLSTATE says of tables that cannot be read. */
static int reason(const struct fleet *f)
{
	if (strcmp(f->state, "42501") == 0)
		return -EPERM;
	if (strcmp(f->state, "42P01") == 0 || strcmp(f->state, "3F000") == 0)
		return -ENOENT;
	return -EIO;
}

int fleet_open(struct fleet **out, const char *conninfo, char why[FLEET_WHY])
{
	struct fleet *f = calloc(1, sizeof *f);
	int r = f == NULL ? -ENOMEM : 0;

	why[0] = '\0';
	if (r == 0)
		r = -pthread_mutex_init(&f->lock, NULL);
	if (r == 0)
		r = -pthread_mutex_init(&f->together, NULL);
	if (r == 0)
		r = dial(f, conninfo);
	if (r == 0 && ((r = exec(f, begin)) != 0 || (r = check_version(f)) != 0 ||
	    (r = read_hosts(f)) != 0))
		r = r == -EIO ? reason(f) : r;
	if (r == 0) {
		*out = f;
		return 0;
	}
	if (f != NULL)
		snprintf(why, FLEET_WHY, "%s", f->why);
	fleet_free(f);
	return r;
}

void fleet_free(struct fleet *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->hosts; i++)
		known_host_release(&f->host[i].known);
	free(f->host);
	PQfinish(f->pg);
	fleet_apart(f);
	pthread_mutex_destroy(&f->together);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

const char *fleet_name(const struct fleet *f)
{
	return f->name;
}

const char *fleet_trouble(const struct fleet *f)
{
	return f->why[0] != '\0' ? f->why : NULL;
}

int fleet_is_exposed(const struct fleet *f)
{
	const char *at = PQhostaddr(f->pg);

	if (PQsslInUse(f->pg) || at == NULL || at[0] == '\0') /* a Unix socket has no address */
		return 0;
	return strncmp(at, "127.", 4) != 0 && strcmp(at, "::1") != 0;
}

size_t fleet_hosts(const struct fleet *f)
{
	return f->hosts;
}

struct fleet_host *fleet_host(const struct fleet *f, size_t i)
{
	return &f->host[i];
}

struct fleet_host *fleet_host_named(const struct fleet *f, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < f->hosts; i++)
		if (strlen(f->host[i].name) == len && memcmp(f->host[i].name, name, len) == 0)
			return &f->host[i];
	return NULL;
}

int fleet_refresh(struct fleet *f)
{
	int r;

	fleet_apart(f);
	r = exec(f, "commit");

	return r == 0 ? exec(f, begin) : r;
}

/* The first or the last id that begins with these digits. */
static void pad(char out[2 * ID_SIZE + 1], const char *prefix, char with)
{
	size_t i, len = strlen(prefix);

	for (i = 0; i < 2 * ID_SIZE; i++)
		out[i] = i < len ? prefix[i] : with;
	out[i] = '\0';
}

static const char *question(struct fleet_ask *a, const char *text, char low[2 * ID_SIZE + 1],
    char high[2 * ID_SIZE + 1])
{
	if (strcmp(text, "last") == 0)
		return "select host from shellac.session order by started desc nulls last,"
		    " n desc limit 1";
	if (text[strspn(text, "0123456789")] == '\0') {
		fleet_ask_number(a, (int64_t)strtoll(text, NULL, 10));
		return "select host from shellac.session where n = $1 group by host";
	}
	pad(low, text, '0');
	pad(high, text, 'f');
	fleet_ask_text(a, low);
	fleet_ask_text(a, high);
	return "select host from shellac.session where id between decode($1, 'hex')"
	    " and decode($2, 'hex') group by host";
}

/* The place of the host of this id, or of none. */
static size_t place_of(const struct fleet *f, const uint8_t *id, size_t len)
{
	size_t i = 0;

	while (i < f->hosts && (len != ID_SIZE || memcmp(f->host[i].id, id, len) != 0))
		i++;
	return i;
}

long fleet_who_has(struct fleet *f, const char *text, struct fleet_host **host, size_t max)
{
	char low[2 * ID_SIZE + 1], high[2 * ID_SIZE + 1];
	struct fleet_ask a = { .count = 0 };
	const char *sql = question(&a, text, low, high);
	char *has = calloc(f->hosts + 1, 1);
	long n, found = 0;
	size_t i, len;
	PGresult *r;
	int e = has == NULL ? -ENOMEM : fleet_rows(f, &r, sql, &a);

	for (n = 0; e == 0 && n < PQntuples(r); n++) {
		const uint8_t *id = fleet_bytes(r, (int)n, 0, &len);

		has[place_of(f, id, len)] = 1;
	}
	for (i = 0; e == 0 && i < f->hosts; i++) {
		if (has[i] && (size_t)found++ < max)
			host[found - 1] = &f->host[i];
	}
	if (e == 0)
		PQclear(r);
	free(has);
	return e != 0 ? e : found;
}
