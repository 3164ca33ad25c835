/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "bytes.h"
#include "err.h"
#include "io.h"
#include "procs/procs.h"

/*
 * A file that a kernel wrote as acct(5) says, whole or not: what is no record is passed
 * over byte by byte until records begin again, two in a row or one at the end.
 */

#define BLOCK (256 * 1024)

struct reading {
	const char *path;
	int fd, at_end, adrift;
	int other_order;         /* of the file's first record */
	int version;             /* of the last record, -1 for none yet */
	struct procs_filter *filter;
	struct procs_sink sink;
	size_t at, len;          /* in buf */
	uint64_t before;         /* bytes of the file in front of buf */
	uint64_t foreign;        /* bytes passed over since adrift began */
	uint64_t records, markers;
	uint8_t buf[BLOCK];
};

/* Moves what is left to the front and reads on.  0 or -errno. */
static int fill(struct reading *g)
{
	ssize_t got;

	memmove(g->buf, g->buf + g->at, g->len - g->at);
	g->before += g->at;
	g->len -= g->at;
	g->at = 0;
	got = io_read_all(g->fd, g->buf + g->len, sizeof g->buf - g->len);
	if (got < 0)
		return (int)got;
	g->at_end = (size_t)got < sizeof g->buf - g->len;
	g->len += (size_t)got;
	return 0;
}

/* A mark of the caller of acct(2) can be told from a thread of the kernel by its parent,
 * which older versions do not have. */
static void give(struct reading *g, const struct acct_record *a)
{
	struct procs_row r = { .host = g->filter->host, .acct = a };

	g->records++;
	if (a->pid != 0 && acct_record_is_marker(a)) {
		g->markers++;
		return;
	}
	r.start_ns = procs_start(a, NULL, NULL);
	if (procs_filter_takes(g->filter, &r))
		g->sink.row(g->sink.ctx, &r);
}

/* What no kernel writes: flags that there are not, no wait status, a name without end, a
 * page of zeros. */
static int is_plausible(const uint8_t *p)
{
	int old = p[1] < 3;

	return (p[0] & 0xc0) == 0 && get_u32(p + (old ? 32 : 4)) <= 0xffff &&
	    get_u16(p + (old ? 28 : 46)) == 0 && p[old ? 52 : 63] == 0 &&
	    get_u32(p + (old ? 8 : 24)) != 0;
}

static int parse(const uint8_t *p, struct acct_record *a)
{
	int r = acct_record_parse_any(p, ACCT_SIZE, a);

	return r < 0 ? r : is_plausible(p);
}

/* Is there a record at g->at, with ACCT_SIZE bytes there?  After foreign bytes it is of
 * the version before (one of version 0 has little to tell it by), and the next is one too;
 * so it is where another version begins. */
static int is_record(struct reading *g, struct acct_record *a)
{
	const uint8_t *p = g->buf + g->at;
	int version = p[1], r = parse(p, a);
	struct acct_record next;

	if (r == E_BYTE_ORDER && g->before + g->at == 0)
		g->other_order = 1;
	if (r <= 0)
		return 0;
	if (g->adrift && (g->version < 0 ? version == 0 : version != g->version))
		return 0;
	if (!g->adrift && (version == g->version || g->version < 0))
		return 1;
	return g->len - g->at < 2 * ACCT_SIZE || parse(p + ACCT_SIZE, &next) > 0;
}

static void say_foreign(const struct reading *g, uint64_t end)
{
	complain("%s, offset %llu: %llu bytes that are no accounting record, left out", g->path,
	    (unsigned long long)(end - g->foreign), (unsigned long long)g->foreign);
}

/* The records in buf, as far as they can be told. */
static void take(struct reading *g)
{
	struct acct_record a;

	while (g->len - g->at >= ACCT_SIZE) {
		if (g->len - g->at < 2 * ACCT_SIZE && !g->at_end)
			return;
		if (is_record(g, &a)) {
			if (g->adrift)
				say_foreign(g, g->before + g->at);
			g->adrift = 0;
			g->foreign = 0;
			g->version = g->buf[g->at + 1];
			give(g, &a);
			g->at += ACCT_SIZE;
		} else {
			g->adrift = 1;
			g->foreign++;
			g->at++;
		}
	}
}

static void say_end(struct reading *g)
{
	size_t rest = g->len - g->at;

	if (g->adrift) {
		g->foreign += rest;
		say_foreign(g, g->before + g->len);
	} else if (rest > 0) {
		complain("%s, offset %llu: the last record is not whole (%zu of %d bytes), left out",
		    g->path, (unsigned long long)(g->before + g->at), rest, ACCT_SIZE);
	}
	if (g->markers > 0)
		complain("%s: %llu marks of whoever turned accounting on or off, left out", g->path,
		    (unsigned long long)g->markers);
}

static int read_all(struct reading *g)
{
	int r;

	do {
		r = fill(g);
		if (r != 0) {
			complain("%s: %s", g->path, err_text(r));
			return AUDIT_CANNOT;
		}
		take(g);
	} while (!g->at_end);
	if (g->records == 0 && g->other_order)
		complain("%s: records of a machine with another byte order; they cannot be read here",
		    g->path);
	else
		say_end(g);
	return g->records == 0 && g->before + g->len > 0 ? AUDIT_CANNOT : AUDIT_OK;
}

int procs_file(const char *path, struct procs_filter *filter, struct procs_sink sink)
{
	struct reading *g = calloc(1, sizeof *g);
	int status;

	if (g == NULL) {
		complain("no memory");
		return AUDIT_CANNOT;
	}
	g->path = path;
	g->version = -1;
	g->filter = filter;
	g->sink = sink;
	g->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (g->fd < 0) {
		complain("%s: %s", path, err_text(-errno));
		status = AUDIT_CANNOT;
	} else {
		status = read_all(g);
	}
	if (g->fd > STDIN_FILENO)
		close(g->fd);
	free(g);
	return status;
}
