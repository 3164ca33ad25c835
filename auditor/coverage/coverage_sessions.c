/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "auditor.h"
#include "coverage/coverage.h"
#include "err.h"
#include "session_file.h"

/* Who it was, by the certificate at the head of the file: its seals are verify's. */
static int read_cert(const struct store *s, struct store_session *e, struct cert *out)
{
	struct session_file file;
	struct frame f;
	struct event ev;
	int fd = store_open_session(s, e), r;

	if (fd < 0)
		return fd;
	r = session_file_open(&file, fd);
	if (r == 0 && (r = session_file_next(&file, NULL, &f, &ev)) == 1) {
		*out = file.chain.cert;
		r = file.chain.have_cert ? 0 : E_FORMAT;
	} else if (r == 0) {
		r = E_SHORT;
	}
	session_file_release(&file);
	close(fd);
	return r;
}

static int add(struct cover *c, const struct store_session *e, const struct cert *cert, int64_t end)
{
	struct cover_row *r = cover_add(c, COVER_SESSION);

	if (r == NULL)
		return -ENOMEM;
	r->n = e->name.n;
	r->from_ns = cert->wall_ns;
	r->live = e->name.state == SESSION_LIVE;
	r->ended = end != 0;
	r->to_ns = end;
	r->uid = cert->uid;
	r->tty_dev = cert->tty_dev;
	snprintf(r->user, sizeof r->user, "%s", cert->user);
	snprintf(r->tty, sizeof r->tty, "%s", cert->tty);
	snprintf(r->from, sizeof r->from, "%s", cert->from);
	if (e->name.state == SESSION_CUT)
		snprintf(r->what, sizeof r->what, "CUT");
	return 0;
}

int cover_sessions(struct cover *c, const struct store *s)
{
	static struct cert cert;
	size_t i;
	int r = 0;

	for (i = 0; i < s->sessions && r == 0; i++) {
		struct store_session e = s->session[i];
		uint64_t n = e.name.n;
		int64_t end = n < c->closed_room ? c->closed[n] : 0;

		if (end != 0 && end < c->since_ns)
			continue;
		r = read_cert(s, &e, &cert);
		if (r == 0) {
			r = add(c, &e, &cert, e.name.state == SESSION_LIVE ? 0 : end);
		} else if (r == E_FORMAT || r == E_SHORT || r == E_RANGE || r == -ENOENT) {
			complain("session %" PRIu64 ": its beginning cannot be read; shellac verify "
			    "says more", n);
			r = 0;
		}
	}
	return r;
}
