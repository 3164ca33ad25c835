/* SPDX-License-Identifier: ISC */
#include "processes.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define LIVES 8192 /* whose program is remembered; another of the same place forgets it */
#define NAMES 256
#define SECOND INT64_C(1000000000)
#define READ_WALL 88 /* offset in a slot of every kind */

struct life {
	uint32_t pid;
	uint16_t ordinal;
	uint64_t start_ticks, segment, slot;
	char *text; /* of the EXEC: exe, cwd, arguments, each ended by a zero; one more behind */
};

struct processes {
	uint64_t segment;
	uint8_t version;
	struct process_boot boot;
	struct life life[LIVES];
	struct life *filling;      /* whose text goes on */
	size_t filled, wanted;
	struct {
		uint32_t uid;
		char name[64];         /* "" unknown */
		int known;
	} name[NAMES];
};

int processes_new(struct processes **out)
{
	struct processes *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -ENOMEM;
	*out = p;
	return 0;
}

void processes_free(struct processes *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < LIVES; i++)
		free(p->life[i].text);
	free(p);
}

void processes_day(char day[STORE_DAY_MAX], const uint8_t first[PROCESS_SIZE])
{
	store_day(day, (int64_t)get_u64(first + READ_WALL));
}

int processes_begin(struct processes *p, uint64_t segment, const uint8_t header[PROCESS_HEADER],
    const uint8_t first[PROCESS_SIZE])
{
	uint8_t boot_id[BOOT_ID_SIZE];
	struct process_record r;
	uint64_t k;
	int e = process_header_parse(header, boot_id, &k, &p->version);

	p->segment = segment;
	p->filling = NULL;
	p->boot = (struct process_boot){.ticks_per_s = 100};
	if (e == 0 && process_record_parse_in(p->version, first, &r) == 0 && r.kind == PROCESS_BOOT)
		e = process_boot_parse(r.body, &p->boot);
	return e;
}

static struct life *life_of(struct processes *p, uint32_t pid, const struct process_record *r)
{
	return &p->life[(pid * UINT32_C(2654435761) ^ r->start_ticks) % LIVES];
}

static int is_life(const struct life *l, uint32_t pid, const struct process_record *r)
{
	return l->pid == pid && l->start_ticks == r->start_ticks && l->ordinal == r->ordinal;
}

static void take_exec(struct processes *p, uint64_t slot, const struct process_record *r)
{
	struct process_exec e;
	struct life *l;

	if (process_exec_parse(r->body, &e) != 0 || r->start_ticks == 0)
		return;
	l = life_of(p, e.pid, r);
	free(l->text);
	*l = (struct life){.pid = e.pid, .ordinal = r->ordinal, .start_ticks = r->start_ticks,
		.segment = p->segment, .slot = slot, .text = calloc(1, e.text_len + PROCESS_BODY + 3)};
	p->filling = l->text != NULL && e.text_len > 0 ? l : NULL;
	p->filled = 0;
	p->wanted = e.text_len;
}

static void take_text(struct processes *p, const struct process_record *r)
{
	if (p->filling == NULL)
		return;
	memcpy(p->filling->text + p->filled, r->body, PROCESS_BODY);
	p->filled += PROCESS_BODY;
	if (p->filled < p->wanted)
		return;
	memset(p->filling->text + p->wanted, 0, 3);
	p->filling = NULL;
}

static const char *name_of(struct processes *p, uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096];
	unsigned i = uid % NAMES;

	if (!p->name[i].known || p->name[i].uid != uid) {
		p->name[i].known = 1;
		p->name[i].uid = uid;
		p->name[i].name[0] = '\0';
		if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 && found != NULL &&
		    strlen(found->pw_name) < sizeof(p->name[i].name))
			memcpy(p->name[i].name, found->pw_name, strlen(found->pw_name) + 1);
	}
	return p->name[i].name;
}

/* Path, folder and arguments, these with a space between. */
static void put_text(struct rows *rows, char *text)
{
	char *cwd, *args, *p;

	if (text == NULL) {
		rows_null(rows);
		rows_null(rows);
		rows_null(rows);
		return;
	}
	cwd = text + strlen(text) + 1;
	args = cwd + strlen(cwd) + 1;
	rows_text(rows, text);
	rows_text(rows, cwd);
	for (p = args; *p != '\0' && p[strlen(p) + 1] != '\0'; )
		p[strlen(p)] = ' ';
	rows_text(rows, args);
}

static void put_session(struct rows *rows, uint64_t n)
{
	if (n != 0)
		rows_int(rows, (int64_t)n);
	else
		rows_null(rows);
}

static void put_who(struct processes *p, struct rows *rows, const struct process_record *r,
    const struct acct_record *a)
{
	rows_int(rows, a->uid);
	rows_int(rows, a->gid);
	rows_text(rows, name_of(p, a->uid));
	put_session(rows, r->session);
	put_session(rows, r->outer);
	rows_int(rows, a->pid);
	rows_int(rows, r->parent_pid != 0 ? r->parent_pid : a->ppid);
	rows_int(rows, (int64_t)r->start_ticks);
	rows_int(rows, r->ordinal);
}

static void put_end(struct rows *rows, const struct process_record *r,
    const struct acct_record *a)
{
	rows_int(rows, (int32_t)a->status);
	rows_int(rows, a->flags);
	rows_int(rows, r->flags);
	rows_int(rows, r->reason);
	rows_int(rows, r->certainty);
	rows_int(rows, r->origin);
	rows_float(rows, a->elapsed_s);
	rows_float(rows, a->user_s + a->system_s);
}

static void add_row(struct processes *p, uint64_t slot, const struct process_record *r,
    const struct acct_record *a, struct life *l, struct rows *rows)
{
	char tty[TTY_NAME_SIZE];
	int64_t started = r->start_ticks != 0 ? process_boot_date(&p->boot, r->start_ticks) : 0;

	if (started == 0)
		started = a->btime * SECOND;
	rows_int(rows, (int64_t)p->segment);
	rows_int(rows, (int64_t)slot);
	if (l != NULL) {
		rows_int(rows, (int64_t)l->segment);
		rows_int(rows, (int64_t)l->slot);
	} else {
		rows_null(rows);
		rows_null(rows);
	}
	rows_time(rows, started);
	rows_time(rows, started + (int64_t)(a->elapsed_s * 1e9));
	put_who(p, rows, r, a);
	acct_tty_name(tty, a->tty);
	rows_text(rows, a->tty != 0 ? tty : NULL);
	if (a->comm[0] != '\0')
		rows_text(rows, a->comm);
	else
		rows_bytes(rows, "", 0);
	put_text(rows, l != NULL ? l->text : NULL);
	put_end(rows, r, a);
}

int processes_slot(struct processes *p, uint64_t number, const uint8_t slot[PROCESS_SIZE],
    struct rows *rows)
{
	struct process_record r;
	struct acct_record a;
	struct life *l;

	if (process_record_parse_in(p->version, slot, &r) != 0)
		return 0;
	if (r.kind != PROCESS_TEXT)
		p->filling = NULL;
	if (r.kind == PROCESS_EXEC)
		take_exec(p, number, &r);
	else if (r.kind == PROCESS_TEXT)
		take_text(p, &r);
	if (r.kind != PROCESS_ACCT || acct_record_parse(r.body, &a) != 0)
		return 0;
	l = life_of(p, a.pid, &r);
	if (!is_life(l, a.pid, &r) || r.start_ticks == 0)
		l = NULL;
	if (rows != NULL)
		add_row(p, number, &r, &a, l, rows);
	if (l == NULL)
		return rows != NULL;
	free(l->text);
	*l = (struct life){0};
	return rows != NULL;
}
