/* SPDX-License-Identifier: ISC */
/* Makes up process records, the same ones for the same seed:
 *
 *	procsgen pacct FILE COUNT SEED      as acct(2) writes them
 *	procsgen store DIR COUNT SEED       a store with segments of them
 *	procsgen events DIR COUNT SEED      the same with an EXEC for each, and its text
 *
 * Some 30 days of a busy host: 40 users of whom few do most, 300 programs likewise.  One
 * user, 4242, ran something in one hour only; it says when. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "clock.h"
#include "process_record.h"
#include "process_text.h"

#define SEGMENT (UINT64_C(64) * 1024 * 1024) /* as the collector ends them */
#define BOOT_S INT64_C(1790000000)
#define DAYS 30
#define SECOND INT64_C(1000000000)
#define HOUR_S 3600
#define TICKS 100
#define USERS 40
#define PROGRAMS 300
#define RARE_UID 4242
#define RARE_COUNT 50

struct gen {
	uint64_t random, count, k;
	int dir_fd, events;
	FILE *out;
	uint64_t written; /* to out */
	uint8_t boot_id[BOOT_ID_SIZE];
};

/* a life */
struct made {
	uint8_t raw[ACCT_SIZE];
	uint32_t pid, ppid, uid;
	uint64_t session, start_ticks, end_ns;
	char comm[ACCT_COMM];
};

static void fail(const char *what)
{
	fprintf(stderr, "procsgen: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* xorshift64* */
static uint32_t next(struct gen *g)
{
	g->random ^= g->random >> 12;
	g->random ^= g->random << 25;
	g->random ^= g->random >> 27;
	return (uint32_t)(g->random * UINT64_C(2685821657736338717) >> 32);
}

/* Below n; small ones far more often. */
static uint32_t skewed(struct gen *g, uint32_t n)
{
	uint64_t a = next(g), b = next(g), c = next(g);

	return (uint32_t)((((a * b) >> 32) * c >> 32) * n >> 32);
}

static uint16_t comp(uint64_t v)
{
	unsigned exponent = 0;

	for (; v > 0x1fff; v >>= 3)
		exponent++;
	return (uint16_t)(exponent << 13 | v);
}

static void name(struct gen *g, char comm[ACCT_COMM])
{
	static const char *const usual[] = { "sh", "bash", "cat", "sed", "grep", "ls", "true",
		"git", "make", "cc1", "as", "ld", "python3", "perl", "sshd", "cron" };
	const size_t count = sizeof usual / sizeof usual[0];
	uint32_t n = skewed(g, PROGRAMS);
	char text[ACCT_COMM + 16];

	if (n < count)
		snprintf(text, sizeof text, "%s", usual[n]);
	else
		snprintf(text, sizeof text, "program-%lu", (unsigned long)n);
	memset(comm, 0, ACCT_COMM);
	memcpy(comm, text, strnlen(text, ACCT_COMM));
}

/* Which records are the rare user's: evenly through the hour behind two thirds. */
static int is_rare(const struct gen *g, uint64_t i)
{
	uint64_t hours = DAYS * 24, an_hour = g->count / hours, first = g->count / 3 * 2;
	uint64_t step = an_hour / RARE_COUNT > 0 ? an_hour / RARE_COUNT : 1;

	return i >= first && (i - first) % step == 0 && (i - first) / step < RARE_COUNT;
}

static uint64_t end_of(const struct gen *g, uint64_t i)
{
	double part = (double)i / (double)g->count;

	return (uint64_t)(part * DAYS * 24 * HOUR_S * (double)SECOND);
}

/* Life i, by its end. */
static void make(struct gen *g, uint64_t i, struct made *m)
{
	uint64_t ticks = next(g) % 20 == 0 ? next(g) % 100000 : next(g) % 20;
	uint64_t end_ticks = end_of(g, i) / (SECOND / TICKS);
	float etime;

	memset(m, 0, sizeof *m);
	m->end_ns = end_of(g, i);
	m->start_ticks = ticks < end_ticks ? end_ticks - ticks : 0;
	etime = (float)(end_ticks - m->start_ticks);
	m->pid = 2 + (uint32_t)(i % 4000000);
	m->ppid = 1 + next(g) % 4000;
	m->uid = is_rare(g, i) ? RARE_UID : skewed(g, USERS);
	m->uid += m->uid > 0 && m->uid < USERS ? 1000 : 0;
	m->session = m->uid == 0 ? 0 : 1 + i / 5000 * 8 + m->uid % 8;
	name(g, m->comm);
	m->raw[0] = next(g) % 4 == 0 ? ACCT_F_FORK : 0;
	m->raw[1] = 3;
	put_u16(m->raw + 2, m->session != 0 ? (uint16_t)(0x8800 + m->session % 64) : 0);
	put_u32(m->raw + 4, next(g) % 10 == 0 ? 0x100 : 0);
	put_u32(m->raw + 8, m->uid);
	put_u32(m->raw + 12, m->uid);
	put_u32(m->raw + 16, m->pid);
	put_u32(m->raw + 20, m->ppid);
	put_u32(m->raw + 24, (uint32_t)(BOOT_S + (int64_t)(m->start_ticks / TICKS)));
	memcpy(m->raw + 28, &etime, sizeof etime);
	put_u16(m->raw + 32, comp(ticks / 2 < 50 ? ticks / 2 : 50));
	put_u16(m->raw + 34, comp(ticks / 3 < 20 ? ticks / 3 : 20));
	put_u16(m->raw + 36, comp(1000 + next(g) % 100000));
	put_u16(m->raw + 42, comp(100 + next(g) % 5000));
	memcpy(m->raw + 48, m->comm, ACCT_COMM);
}

static void put(struct gen *g, const void *p, size_t len)
{
	if (fwrite(p, 1, len, g->out) != len)
		fail("write");
	g->written += len;
}

static void put_slot(struct gen *g, const struct process_record *r)
{
	uint8_t p[PROCESS_SIZE];

	process_record_put(p, r);
	put(g, p, sizeof p);
}

static void begin_segment(struct gen *g)
{
	const struct process_boot boot = { BOOT_S * SECOND, TICKS };
	struct process_record r = { .kind = PROCESS_BOOT };
	uint8_t header[PROCESS_HEADER];
	char file[PROCESS_NAME_MAX];
	int fd;

	if (g->out != NULL && fclose(g->out) != 0)
		fail("close");
	fd = openat(g->dir_fd, process_file_name(file, ++g->k), O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || (g->out = fdopen(fd, "w")) == NULL)
		fail(file);
	g->written = 0;
	process_header_put(header, g->boot_id, g->k);
	put(g, header, sizeof header);
	process_boot_put(r.body, &boot);
	put_slot(g, &r);
}

static void put_exec(struct gen *g, const struct process_record *of, const struct made *m)
{
	struct process_exec e = { .pid = m->pid, .uid = m->uid, .euid = m->uid,
		.audit_session = CERT_UNSET, .have = EXEC_EXE | EXEC_CWD | EXEC_ARGS };
	struct process_record r = *of;
	char text[2 * PROCESS_BODY] = "";
	int len = snprintf(text, sizeof text, "/usr/bin/%.16s%c/home/u%lu%c%.16s%c--file%c%lu", m->comm,
	    0, (unsigned long)m->uid, 0, m->comm, 0, 0, (unsigned long)next(g));

	e.boot_ns = m->start_ticks * (uint64_t)(SECOND / TICKS);
	e.text_len = (uint32_t)len + 1;
	memcpy(e.comm, m->comm, ACCT_COMM);
	r.kind = PROCESS_EXEC;
	process_exec_put(r.body, &e);
	put_slot(g, &r);
	r.kind = PROCESS_TEXT;
	for (size_t at = 0; at < process_text_slots(e.text_len); at++) {
		memcpy(r.body, text + at * PROCESS_BODY, PROCESS_BODY);
		put_slot(g, &r);
	}
}

static void store_one(struct gen *g, uint64_t i, const struct made *m)
{
	struct process_record r = { .kernel_file = 1, .place = (uint32_t)i, .session = m->session,
		.read_wall_ns = BOOT_S * SECOND + (int64_t)m->end_ns, .certainty = CERTAIN_LIKELY,
		.reason = m->session != 0 ? REASON_ANCESTRY : REASON_NO_RECORDER };

	if (g->out == NULL || g->written >= SEGMENT)
		begin_segment(g);
	if (g->events) {
		r.reason = m->session != 0 ? REASON_FORK : REASON_NO_RECORDER;
		r.certainty = CERTAIN_EXACT;
		r.start_ticks = m->start_ticks;
		r.parent_pid = m->ppid;
		put_exec(g, &r, m);
	}
	memcpy(r.body, m->raw, ACCT_SIZE);
	put_slot(g, &r);
}

static void run(struct gen *g, int is_store)
{
	struct made m;

	for (uint64_t i = 0; i < g->count; i++) {
		make(g, i, &m);
		if (is_store)
			store_one(g, i, &m);
		else
			put(g, m.raw, ACCT_SIZE);
	}
	if (g->out != NULL && fclose(g->out) != 0)
		fail("close");
}

static void tell(const struct gen *g)
{
	char from[CLOCK_RFC3339_SIZE], to[CLOCK_RFC3339_SIZE];
	int64_t at = BOOT_S * SECOND + (int64_t)end_of(g, g->count / 3 * 2);

	printf("%" PRIu64 " records; uid %d from %s to %s\n", g->count, RARE_UID,
	    clock_rfc3339(from, at - HOUR_S * SECOND / 2), clock_rfc3339(to, at + HOUR_S * SECOND / 2 * 3));
}

static void open_store(struct gen *g, const char *dir)
{
	if ((mkdir(dir, 0700) != 0 && errno != EEXIST) || chdir(dir) != 0 ||
	    (mkdir("process", 0700) != 0 && errno != EEXIST))
		fail(dir);
	g->dir_fd = open("process", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (g->dir_fd < 0)
		fail("process");
}

int main(int argc, char **argv)
{
	struct gen g = { .boot_id = { 'p', 'r', 'o', 'c', 's', 'g', 'e', 'n' } };
	int is_pacct = argc == 5 && strcmp(argv[1], "pacct") == 0;

	g.events = argc == 5 && strcmp(argv[1], "events") == 0;
	if (!is_pacct && !g.events && (argc != 5 || strcmp(argv[1], "store") != 0)) {
		fprintf(stderr, "usage: procsgen pacct|store|events PATH COUNT SEED\n");
		return 2;
	}
	g.count = strtoull(argv[3], NULL, 10);
	g.random = strtoull(argv[4], NULL, 10) * 2 + 1;
	if (!is_pacct)
		open_store(&g, argv[2]);
	else if ((g.out = fopen(argv[2], "w")) == NULL)
		fail(argv[2]);
	run(&g, !is_pacct);
	tell(&g);
	return 0;
}
