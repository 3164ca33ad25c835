/* SPDX-License-Identifier: ISC */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "link_local.h"
#include "link_stream.h"
#include "syslog_message.h"
#include "tls.h"

struct link {
	const struct link_options *o;
	struct patience *patience;
	struct tls *tls; /* NULL without */
	int fd;          /* or -1 */
	char reason[LINK_REASON];
};

int link_new(struct link **out, const struct link_options *o, struct patience *p, char *reason)
{
	struct link *k = calloc(1, sizeof(*k));
	int r;

	if (k == NULL) {
		snprintf(reason, LINK_REASON, "no memory");
		return -ENOMEM;
	}
	k->o = o;
	k->patience = p;
	k->fd = -1;
	if (o->kind == LINK_TLS && (r = tls_new(&k->tls, o, reason)) != 0) {
		free(k);
		return r;
	}
	*out = k;
	return 0;
}

static void hang_up(struct link *k)
{
	if (k->tls != NULL)
		tls_stop(k->tls);
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

void link_free(struct link *k)
{
	if (k == NULL)
		return;
	hang_up(k);
	tls_free(k->tls);
	free(k);
}

/* The result of a step; a failed one closes the link and has a reason. */
static int step(struct link *k, int r)
{
	if (r >= 0)
		return r;
	if (k->reason[0] == '\0')
		snprintf(k->reason, sizeof(k->reason), "%s", err_text(r));
	hang_up(k);
	return r;
}

int link_open(struct link *k)
{
	const struct link_options *o = k->o;

	if (k->fd >= 0)
		return 0;
	k->reason[0] = '\0';
	k->fd = o->kind == LINK_LOCAL ? link_local_open(o->path) :
	    link_stream_open(o->host, o->port, k->patience, k->reason);
	if (k->fd < 0)
		return step(k, k->fd);
	return k->tls != NULL ? step(k, tls_start(k->tls, k->fd, k->patience, k->reason)) : 0;
}

int link_send(struct link *k, const char *message, size_t len)
{
	char frame[SYSLOG_LARGEST + 16];
	size_t n;

	k->reason[0] = '\0';
	if (k->o->kind == LINK_LOCAL)
		return step(k, link_local_send(k->fd, k->patience, message, len));
	if (link_stream_ended(k->fd))
		return step(k, -ECONNRESET);
	n = (size_t)snprintf(frame, sizeof(frame), "%zu ", len);
	memcpy(frame + n, message, len);
	return step(k, k->tls != NULL ?
	    tls_send(k->tls, k->patience, frame, n + len, k->reason) :
	    link_stream_send(k->fd, k->patience, frame, n + len));
}

int link_prove(struct link *k)
{
	int r = 0;

	k->reason[0] = '\0';
	if (k->o->kind == LINK_LOCAL)
		return step(k, link_local_prove(k->fd, k->patience));
	if (!k->o->half_close)
		return step(k, link_stream_arrived(k->fd, k->patience));
	if (k->tls != NULL)
		r = tls_finish(k->tls, k->patience, k->reason);
	if (r == 0)
		r = link_stream_finish(k->fd, k->patience);
	r = step(k, r);
	hang_up(k);
	return r;
}

const char *link_reason(const struct link *k)
{
	return k->reason;
}
