/* SPDX-License-Identifier: ISC */
#include "store/fleet_pieces.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "io.h"
#include "ledger_file.h"
#include "process_record.h"
#include "store/fleet_query.h"

#define PLACE_MAX (INT64_C(1) << 42) /* a piece that says it is behind that is not written */

struct writing {
	int fd, kind;
	uint64_t n;
	uint64_t next;    /* chunk, or offset, that comes next */
	uint64_t at;      /* where it goes in the file */
	uint64_t length;  /* that the index says, 0: unknown */
	int found;
	const char *path;
	void (*fault)(void *arg, const struct fleet_fault *x);
	void *arg;
};

static int day_of(char out[STORE_DAY_MAX], const char *path)
{
	size_t i;

	if (strnlen(path, 11) < 11 || path[10] != '/')
		return 0;
	memcpy(out, path, 10);
	out[10] = '\0';
	for (i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? out[i] != '/' : out[i] < '0' || out[i] > '9')
			return 0;
	out[4] = out[7] = '-';
	return 1;
}

void fleet_place(struct fleet_place *p, const char *path)
{
	struct session_name name;
	char day[STORE_DAY_MAX] = "";

	*p = (struct fleet_place){ .kind = PIECE_FILE, .path = path };
	if (strncmp(path, "session/", 8) == 0 && day_of(day, path + 8) &&
	    store_name_parse(&name, path + 19) == 0) {
		p->kind = PIECE_SESSION;
		memcpy(p->day, day, sizeof day);
		p->n = name.n;
	} else if (strncmp(path, "process/", 8) == 0 &&
	    (p->n = process_file_number(path + 8)) != 0) {
		p->kind = PIECE_PROCESS;
	} else if (strcmp(path, LEDGER_DIR "/" LEDGER_LOG) == 0) {
		p->kind = PIECE_LEDGER;
	}
}

__attribute__((format(printf, 4, 5)))
static void tell(const struct writing *w, int64_t chunk, uint64_t offset, const char *fmt, ...)
{
	struct fleet_fault x = { .n = w->kind == PIECE_SESSION ? w->n : 0, .chunk = chunk,
		.offset = offset };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(x.text, sizeof x.text, fmt, ap);
	va_end(ap);
	w->fault(w->arg, &x);
}

/* What should have stood between w->next and seq. */
static void tell_hole(const struct writing *w, uint64_t seq)
{
	if (w->kind != PIECE_SESSION)
		tell(w, -1, w->next, "%s: %" PRIu64 " bytes are not in the fleet's store", w->path,
		    seq - w->next);
	else if (seq - w->next == 1)
		tell(w, (int64_t)w->next, w->at, "chunk %" PRIu64 " is not in the fleet's store",
		    w->next);
	else
		tell(w, (int64_t)w->next, w->at, "chunks %" PRIu64 " to %" PRIu64
		    " are not in the fleet's store", w->next, seq - 1);
}

/* A piece: seq, how long it is, what it holds if that is not too long, length. */
static int take_piece(void *arg, const PGresult *r, int row)
{
	struct writing *w = arg;
	uint64_t seq = (uint64_t)fleet_number(r, row, 0);
	const uint8_t *p;
	size_t len;

	w->found = 1;
	w->length = (uint64_t)fleet_number(r, row, 3);
	if (PQgetisnull(r, row, 0))
		return 0;
	p = fleet_bytes(r, row, 2, &len);
	if (PQgetisnull(r, row, 2) || seq > PLACE_MAX || seq < w->next) {
		tell(w, -1, seq, "%s: a piece at %" PRIu64 " of %" PRIi64 " bytes cannot be one",
		    w->path, seq, fleet_number(r, row, 1));
		return 0;
	}
	if (seq > w->next)
		tell_hole(w, seq);
	if (w->kind != PIECE_SESSION)
		w->at = w->kind == PIECE_FILE ? 0 : seq;
	w->next = w->kind == PIECE_SESSION ? seq + 1 : seq + len;
	w->at += len;
	return io_pwrite_all(w->fd, p, len, w->at - len);
}

#define DATA "p.seq, octet_length(p.data)::int8," \
	" case when octet_length(p.data) <= 16777216 then p.data end"

static const char chunks[] = "select " DATA ", 0::int8 from shellac.piece p"
	" where p.host = $1 and p.kind = 1 and p.n = $2 and p.day = $3 order by p.seq";

static const char stream[] = "select " DATA ", t.length from shellac.stream t"
	" left join shellac.piece p on p.host = t.host and p.kind = t.kind and p.n = t.n"
	" and p.day = t.day and p.day = any($4)"
	" where t.host = $1 and t.kind = $2 and t.n = $3 order by p.seq";

/* The newest version, which is all of the file: it stands at 0. */
#define FILE_OF(host) "select 0::int8, octet_length(p.data)::int8," \
	" case when octet_length(p.data) <= 16777216 then p.data end, t.length" \
	" from shellac.stream t left join shellac.piece p on p.host = t.host and p.kind = 4" \
	" and p.n = t.n and p.seq = t.version and p.day = '1970-01-01'" \
	" where t.host = " host " and t.kind = 4 and t.path = $2 and t.gone is null"

/* Small files that every host is read by. */
static int is_everywhere(const char *path)
{
	return strcmp(path, LEDGER_DIR "/" LEDGER_KEYS) == 0 ||
	    strcmp(path, LEDGER_DIR "/" LEDGER_CHECKPOINT) == 0 ||
	    strcmp(path, LEDGER_DIR "/" LEDGER_COSIGNED) == 0;
}

static int read_file(struct fleet *f, const struct fleet_host *h, const char *path,
    struct writing *w)
{
	struct fleet_ask a = { .count = 0 };
	int together = is_everywhere(path), r;

	if (together)
		fleet_ask_host(&a);
	else
		fleet_ask_bytes(&a, h->id, ID_SIZE);
	fleet_ask_text(&a, path);
	r = together ? fleet_each_of(f, h, FILE_OF("w.host"), &a, take_piece, w) :
	    fleet_each(f, FILE_OF("$1"), &a, take_piece, w);
	return r == 0 && !w->found ? -ENOENT : r;
}

static int read_session(struct fleet *f, const struct fleet_host *h, const struct fleet_place *p,
    struct writing *w)
{
	struct fleet_ask a = { .count = 0 };
	int r = read_file(f, h, p->path, w); /* what a purge left of it */

	if (r != -ENOENT)
		return r;
	w->kind = PIECE_SESSION;
	fleet_ask_bytes(&a, h->id, ID_SIZE);
	fleet_ask_number(&a, (int64_t)p->n);
	fleet_ask_day(&a, p->day);
	return fleet_each(f, chunks, &a, take_piece, w);
}

#define DAYS "{1970-01-01}" /* as long as any such array of one */

/* The day of its pieces, or none. */
static int stream_days(struct fleet *f, const struct fleet_host *h, const struct fleet_place *p,
    char out[sizeof DAYS])
{
	struct fleet_ask a = { .count = 0 };
	PGresult *r;
	int e;

	snprintf(out, sizeof DAYS, "%s", DAYS);
	if (p->kind != PIECE_PROCESS)
		return 0;
	fleet_ask_bytes(&a, h->id, ID_SIZE);
	fleet_ask_number(&a, (int64_t)p->n);
	e = fleet_rows(f, &r, "select to_char(day, '{YYYY-MM-DD}') from shellac.stream"
	    " where host = $1 and kind = 2 and n = $2", &a);
	if (e != 0)
		return e;
	snprintf(out, sizeof DAYS, "%s", PQntuples(r) == 1 ? fleet_text(r, 0, 0) : "{}");
	PQclear(r);
	return 0;
}

static int read_stream(struct fleet *f, const struct fleet_host *h, const struct fleet_place *p,
    struct writing *w)
{
	struct fleet_ask a = { .count = 0 };
	char days[sizeof DAYS];
	int r = stream_days(f, h, p, days);

	if (r != 0)
		return r;
	fleet_ask_bytes(&a, h->id, ID_SIZE);
	fleet_ask_number(&a, p->kind);
	fleet_ask_number(&a, (int64_t)p->n);
	fleet_ask_days(&a, days);
	r = fleet_each(f, stream, &a, take_piece, w);
	if (r == 0 && !w->found)
		return -ENOENT;
	if (r == 0 && w->next < w->length)
		tell_hole(w, w->length);
	return r;
}

int fleet_pieces(struct fleet *f, const struct fleet_host *h, const struct fleet_place *p, int fd,
    void (*fault)(void *arg, const struct fleet_fault *x), void *arg)
{
	struct writing w = { .fd = fd, .kind = PIECE_FILE, .n = p->n, .path = p->path,
		.fault = fault, .arg = arg };

	if (p->kind == PIECE_FILE)
		return read_file(f, h, p->path, &w);
	if (p->kind == PIECE_SESSION)
		return read_session(f, h, p, &w);
	w.kind = p->kind;
	return read_stream(f, h, p, &w);
}
