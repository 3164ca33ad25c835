/* SPDX-License-Identifier: ISC */
#include "store/fleet_users.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "array.h"
#include "fleet/pg_array.h"
#include "io.h"
#include "session_file.h"
#include "store/fleet_query.h"
#include "store/temp_file.h"

/* Where a session begins: more than any certificate has. */
#define HEAD "16384"

/* The certificate that these bytes of a session begin with is for that user. */
static void learn(const struct fleet_user *u, const uint8_t *p, size_t len)
{
	struct session_file file;
	struct frame frame;
	struct event ev;
	int fd = temp_file();

	if (fd < 0)
		return;
	if (io_write_all(fd, p, len) == 0) {
		if (session_file_open(&file, fd) == 0 &&
		    session_file_next(&file, NULL, &frame, &ev) == 1 && file.chain.cert.uid == u->uid)
			users_learn(u->users, u->uid, file.chain.cert.user);
		session_file_release(&file);
	}
	close(fd);
}

struct learning {
	const struct fleet_user *user;
	size_t count;
};

static int take(void *arg, const PGresult *r, int row)
{
	const struct learning *l = arg;
	int64_t i = fleet_number(r, row, 0);
	size_t len;
	const uint8_t *p = fleet_bytes(r, row, 1, &len);

	if (i >= 1 && (uint64_t)i <= l->count)
		learn(&l->user[i - 1], p, len);
	return 0;
}

/* The first session of each. */
#define FIRST "unnest($1::bytea[], $2::int8[]) with ordinality as w(host, uid, i)" \
	" cross join lateral (select s.n, s.day from shellac.session s where s.host = w.host" \
	" and s.uid = w.uid order by s.n limit 1) s"

int fleet_users_learn(struct fleet *f, const struct fleet_user *user, size_t count)
{
	struct pg_array host = { .text = NULL }, uid = { .text = NULL };
	struct learning l = { user, count };
	struct fleet_ask a = { .count = 0 };
	const char *hosts, *uids;
	PGresult *days;
	size_t i;
	int r = -ENOMEM;

	for (i = 0; i < count; i++) {
		pg_array_bytes(&host, user[i].host->id, ID_SIZE);
		pg_array_number(&uid, user[i].uid);
	}
	hosts = pg_array_text(&host);
	uids = pg_array_text(&uid);
	if (hosts != NULL && uids != NULL) {
		fleet_ask_text(&a, hosts);
		fleet_ask_text(&a, uids);
		r = fleet_rows(f, &days, "select coalesce(array_agg(distinct s.day), '{}')::text"
		    " from " FIRST, &a);
	}
	if (r == 0) {
		fleet_ask_days(&a, fleet_text(days, 0, 0));
		r = fleet_each(f, "select w.i, p.head from " FIRST
		    " cross join lateral (select substr(data, 1, " HEAD ") as head from shellac.piece"
		    "  where host = w.host and kind = 1 and n = s.n and seq = 0 and day = s.day"
		    "  and day = any($3)) p", &a, take, &l);
		PQclear(days);
	}
	pg_array_release(&host);
	pg_array_release(&uid);
	return r;
}

int fleet_users_all(struct fleet *f, const struct fleet_host *h, struct users *users)
{
	struct fleet_ask a = { .count = 0 };
	struct fleet_user *user;
	PGresult *r;
	int i, n, e;

	fleet_ask_bytes(&a, h->id, ID_SIZE);
	e = fleet_rows(f, &r, "select uid from shellac.session where host = $1 and uid is not null"
	    " group by uid", &a);
	if (e != 0)
		return e;
	n = PQntuples(r);
	user = calloc((size_t)n + 1, sizeof *user);
	for (i = 0; user != NULL && i < n; i++)
		user[i] = (struct fleet_user){ h, (uint32_t)fleet_number(r, i, 0), users };
	e = user != NULL ? fleet_users_learn(f, user, (size_t)n) : -ENOMEM;
	free(user);
	PQclear(r);
	return e;
}
