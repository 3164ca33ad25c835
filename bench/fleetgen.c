/* SPDX-License-Identifier: ISC */
/*
 * Makes up rows of a fleet's tables, as psql's "copy ... from stdin" reads them, the same ones
 * on each call but for keys and ids:
 *
 *	fleetgen host|session|stream|process|piece HOSTS DAYS FIRST USER DAY
 *
 * Of each host and day 80 sessions of 100 processes each, of a hundred users; the first day is
 * FIRST, in days since 1970.  Rows are all there.  Evidence, which piece makes, is that of one
 * question alone, USER's on the DAY-th day from 0 on: all process records of that day, and
 * USER's sessions of it, and the first one on each host, from which names come.  No ledger.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "process_record.h"
#include "process_text.h"
#include "smallsession.h"

#define SESSIONS 80   /* of a host and day */
#define PROCESSES 100 /* of a session */
#define USERS 100
#define EACH 3        /* slots of a process: EXEC, TEXT, ACCT */
#define SPACING_S 1000
#define STEP_CS 4320  /* between two processes of a session */
#define DAY_S INT64_C(86400)
#define SECOND INT64_C(1000000000)
#define PIECE ((size_t)65536)

struct fleet {
	unsigned hosts, days, user, day;
	int64_t first_s;
};

/* Process i of a day by its end: which one of which session. */
struct made {
	unsigned session, process;
	uint32_t end_cs; /* of the day */
};

static struct made made[SESSIONS * PROCESSES];

static int by_end(const void *a, const void *b)
{
	const struct made *x = a, *y = b;

	if (x->end_cs != y->end_cs)
		return x->end_cs < y->end_cs ? -1 : 1;
	return x->session < y->session ? -1 : x->session > y->session;
}

static void make_day(void)
{
	unsigned s, p;

	for (s = 0; s < SESSIONS; s++)
		for (p = 0; p < PROCESSES; p++)
			made[s * PROCESSES + p] = (struct made){ s, p,
				s * SPACING_S * 100 + (p + 1) * STEP_CS };
	qsort(made, SESSIONS * PROCESSES, sizeof made[0], by_end);
}

static unsigned user_of(unsigned host, unsigned day, unsigned session)
{
	return (session * 13 + host * 7 + day * 31) % USERS;
}

static uint64_t number_of(unsigned day, unsigned session)
{
	return (uint64_t)day * SESSIONS + session + 1;
}

static const char *host_id(unsigned host)
{
	static char text[4 + 2 * ID_SIZE];

	snprintf(text, sizeof text, "\\\\x%032x", host + 1);
	return text;
}

/* "2026-11-22", or with the time of day */
static const char *date(int64_t cs, int with_time)
{
	static char text[4][40];
	static unsigned at;
	char *p = text[at++ % 4];
	time_t t = (time_t)(cs / 100);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(p, 40, with_time ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d", &tm);
	if (with_time)
		snprintf(p + strlen(p), 40 - strlen(p), ".%02d+00", (int)(cs % 100));
	return p;
}

static void put_hex(const uint8_t *p, size_t len)
{
	static char text[2 * FRAME_MAX * 8 + 1];

	hex_put(text, p, len);
	fputs("\\\\x", stdout);
	fwrite(text, 1, 2 * len, stdout);
}

/* bytes, and their hash for a table that wants one: nobody compares it here */
static void put_piece(unsigned host, const char *day, int kind, uint64_t n, uint64_t seq,
    const uint8_t *p, size_t len)
{
	uint8_t hash[32];

	crypto_hash_sha256(hash, p, len);
	printf("%s\t%s\t%d\t%" PRIu64 "\t%" PRIu64 "\t", host_id(host), day, kind, n, seq);
	put_hex(hash, sizeof hash);
	putchar('\t');
	put_hex(p, len);
	putchar('\n');
}

static int64_t day_s(const struct fleet *f, unsigned day)
{
	return f->first_s + day * DAY_S;
}

static void print_host(const struct fleet *f, unsigned host)
{
	(void)f;
	printf("%s\tdb%u\tshellac_host_db%u\n", host_id(host), host, host);
}

static void print_session(const struct fleet *f, unsigned host, unsigned day, unsigned s)
{
	uint64_t n = number_of(day, s);
	int64_t start_cs = (day_s(f, day) + s * SPACING_S) * 100;
	unsigned u = user_of(host, day, s);

	printf("%s\t%" PRIu64 "\t\\\\x%016x%016" PRIx64 "\t%s\t%u\tuser%u\tpts/3\t192.0.2.1\t", host_id(host),
	    n, host + 1, n, date(start_cs, 0), 1000 + u, u);
	printf("%s\t%s\t%s\n", date(start_cs, 1), date(start_cs + STEP_CS * (PROCESSES + 1), 1),
	    small_session_is_cut(n) ? "cut" : "closed");
}

/* Accounting, as the kernel writes it. */
struct life {
	uint8_t raw[ACCT_SIZE];
	uint32_t pid, uid;
	uint64_t session, start_ticks;
	char comm[ACCT_COMM];
};

static void make_life(struct life *l, const struct fleet *f, unsigned host, unsigned day, unsigned i)
{
	static const char *const names[] = { "sh", "cat", "sed", "grep", "ls", "git", "make", "cc1" };
	const struct made *m = &made[i];
	uint32_t ticks = 1 + (i * 7919 + host) % 900;
	float etime = (float)ticks;

	memset(l, 0, sizeof *l);
	l->pid = 2 + (day * SESSIONS * PROCESSES + i) % 4000000;
	l->uid = 1000 + user_of(host, day, m->session);
	l->session = number_of(day, m->session);
	l->start_ticks = (uint64_t)day * (uint64_t)DAY_S * 100 + m->end_cs - ticks;
	snprintf(l->comm, sizeof l->comm, "%s", names[(i + host) % 8]);
	l->raw[1] = 3;
	put_u16(l->raw + 2, 0x8803);
	put_u32(l->raw + 8, l->uid);
	put_u32(l->raw + 12, 1000);
	put_u32(l->raw + 16, l->pid);
	put_u32(l->raw + 20, 1);
	put_u32(l->raw + 24, (uint32_t)(f->first_s + (int64_t)(l->start_ticks / 100)));
	memcpy(l->raw + 28, &etime, sizeof etime);
	memcpy(l->raw + 48, l->comm, ACCT_COMM);
}

static void print_process(const struct fleet *f, unsigned host, unsigned day, unsigned i)
{
	struct life l;
	int64_t start_cs;

	make_life(&l, f, host, day, i);
	start_cs = f->first_s * 100 + (int64_t)l.start_ticks;
	printf("%s\t%s\t%u\t%u\t%u\t%u\t%s\t%s\t%u\t1000\tuser%u\t%" PRIu64 "\t%u\t1\t%" PRIu64 "\tpts/3\t",
	    host_id(host), date(start_cs, 0), day + 1, (i + 1) * EACH, day + 1, (i + 1) * EACH - 2,
	    date(start_cs, 1), date((day_s(f, day)) * 100 + made[i].end_cs, 1), l.uid, l.uid - 1000,
	    l.session, l.pid, l.start_ticks);
	printf("%s\t/usr/bin/%s\t/home\t%s --file %u\t%.2f\n", l.comm, l.comm, l.comm, i,
	    (double)made[i].end_cs / 1e4);
}

static uint8_t *put_slot(uint8_t *p, const struct process_record *r)
{
	process_record_put(p, r);
	return p + PROCESS_SIZE;
}

static uint8_t *put_life(uint8_t *p, const struct fleet *f, const struct life *l, unsigned i)
{
	struct process_exec e = { .pid = l->pid, .uid = l->uid, .euid = l->uid,
		.audit_session = CERT_UNSET, .have = EXEC_EXE | EXEC_CWD | EXEC_ARGS,
		.boot_ns = l->start_ticks * UINT64_C(10000000) };
	struct process_record r = { .kind = PROCESS_EXEC, .session = l->session,
		.read_wall_ns = f->first_s * SECOND + (int64_t)e.boot_ns, .reason = REASON_FORK,
		.certainty = CERTAIN_EXACT, .start_ticks = l->start_ticks, .parent_pid = 1 };
	char text[PROCESS_BODY] = "";

	e.text_len = (uint32_t)snprintf(text, sizeof text, "/usr/bin/%.15s%c/home%c%.15s%c--file%c%u",
	    l->comm, 0, 0, l->comm, 0, 0, i) + 1;
	memcpy(e.comm, l->comm, ACCT_COMM);
	process_exec_put(r.body, &e);
	p = put_slot(p, &r);
	r.kind = PROCESS_TEXT;
	memcpy(r.body, text, sizeof text);
	p = put_slot(p, &r);
	r.kind = PROCESS_ACCT;
	memcpy(r.body, l->raw, ACCT_SIZE);
	return put_slot(p, &r);
}

#define SEGMENT (PROCESS_HEADER + (1 + SESSIONS * PROCESSES * EACH) * PROCESS_SIZE)

/* The records of the day that is asked for, in pieces. */
static void print_segment(const struct fleet *f, unsigned host)
{
	static uint8_t segment[SEGMENT];
	const struct process_boot boot = { f->first_s * SECOND, 100 };
	struct process_record r = { .kind = PROCESS_BOOT };
	uint8_t boot_id[BOOT_ID_SIZE] = { (uint8_t)host, 1 }, *p = segment + PROCESS_HEADER;
	struct life l;
	size_t at;
	unsigned i;

	process_header_put(segment, boot_id, f->day + 1);
	process_boot_put(r.body, &boot);
	p = put_slot(p, &r);
	for (i = 0; i < SESSIONS * PROCESSES; i++) {
		make_life(&l, f, host, f->day, i);
		p = put_life(p, f, &l, i);
	}
	for (at = 0; at < SEGMENT; at += PIECE)
		put_piece(host, date(day_s(f, f->day) * 100, 0), 2, f->day + 1, at, segment + at,
		    SEGMENT - at < PIECE ? SEGMENT - at : PIECE);
}

static void print_chunks(const struct fleet *f, unsigned host, unsigned day, unsigned s,
    const struct small_host *known)
{
	static struct small_session x;
	size_t from = 0;
	unsigned i;

	x.n = number_of(day, s);
	x.user = user_of(host, day, s);
	x.wall_ns = (day_s(f, day) + s * SPACING_S) * SECOND;
	small_session_make(&x, known);
	for (i = 0; i < x.chunks; from = x.end[i++])
		put_piece(host, date(day_s(f, day) * 100, 0), 1, x.n, i, x.file + from, x.end[i] - from);
}

static void print_evidence(const struct fleet *f, unsigned host)
{
	struct small_host known = { .name = "host.example" };
	unsigned day, s;
	int first = 1;

	print_segment(f, host);
	crypto_sign_keypair(known.pk, known.sk);
	for (day = 0; day < f->days; day++)
		for (s = 0; s < SESSIONS; s++) {
			if (user_of(host, day, s) != f->user || (!first && day != f->day))
				continue;
			print_chunks(f, host, day, s, &known);
			first = 0;
		}
}

static void print_stream(const struct fleet *f, unsigned host)
{
	printf("%s\t2\t%u\t%s\t%d\t0\n", host_id(host), f->day + 1, date(day_s(f, f->day) * 100, 0),
	    (int)SEGMENT);
}

static void print_days(const struct fleet *f, unsigned host, int processes)
{
	unsigned day, i;

	for (day = 0; day < f->days; day++)
		for (i = 0; i < (processes ? SESSIONS * PROCESSES : SESSIONS); i++)
			if (processes)
				print_process(f, host, day, i);
			else
				print_session(f, host, day, i);
}

static int print(const struct fleet *f, const char *what, unsigned host)
{
	if (strcmp(what, "host") == 0)
		print_host(f, host);
	else if (strcmp(what, "session") == 0)
		print_days(f, host, 0);
	else if (strcmp(what, "process") == 0)
		print_days(f, host, 1);
	else if (strcmp(what, "piece") == 0)
		print_evidence(f, host);
	else if (strcmp(what, "stream") == 0)
		print_stream(f, host);
	else
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct fleet f;
	unsigned host;

	if (argc != 7 || sodium_init() < 0) {
		fputs("usage: fleetgen host|session|stream|process|piece HOSTS DAYS FIRST USER DAY\n", stderr);
		return 2;
	}
	f = (struct fleet){ .hosts = (unsigned)strtoul(argv[2], NULL, 10),
		.days = (unsigned)strtoul(argv[3], NULL, 10), .first_s = strtol(argv[4], NULL, 10) * DAY_S,
		.user = (unsigned)strtoul(argv[5], NULL, 10), .day = (unsigned)strtoul(argv[6], NULL, 10) };
	make_day();
	for (host = 0; host < f.hosts; host++)
		if (print(&f, argv[1], host) != 0)
			return 2;
	return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}
