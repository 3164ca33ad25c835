/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "procs/procs.h"

#define BUCKETS 16384 /* a power of two */
#define LIVES_MAX 262144 /* the oldest is forgotten: its record never came */

struct life {
	TAILQ_ENTRY(life) age;
	LIST_ENTRY(life) chain;
	struct process_record record;
	struct procs_exec exec;
	char text[]; /* exe, cwd, args */
};

TAILQ_HEAD(ages, life);
LIST_HEAD(bucket, life);

struct procs_lives {
	uint8_t boot_id[BOOT_ID_SIZE];
	struct bucket bucket[BUCKETS];
	struct ages oldest_first;
	size_t count;
	struct life *taken; /* out already, kept for the caller */
};

struct procs_lives *procs_lives_new(void)
{
	struct procs_lives *l = calloc(1, sizeof *l);

	if (l != NULL)
		TAILQ_INIT(&l->oldest_first);
	return l;
}

static void unlink_life(struct procs_lives *l, struct life *f)
{
	TAILQ_REMOVE(&l->oldest_first, f, age);
	LIST_REMOVE(f, chain);
	l->count--;
}

static void drop_all(struct procs_lives *l)
{
	struct life *f;

	while ((f = TAILQ_FIRST(&l->oldest_first)) != NULL) {
		unlink_life(l, f);
		free(f);
	}
	free(l->taken);
	l->taken = NULL;
}

void procs_lives_free(struct procs_lives *l)
{
	if (l == NULL)
		return;
	drop_all(l);
	free(l);
}

void procs_lives_boot(struct procs_lives *l, const uint8_t boot_id[BOOT_ID_SIZE])
{
	if (memcmp(l->boot_id, boot_id, BOOT_ID_SIZE) == 0)
		return;
	drop_all(l);
	memcpy(l->boot_id, boot_id, BOOT_ID_SIZE);
}

static struct bucket *bucket_of(struct procs_lives *l, uint32_t pid)
{
	return &l->bucket[(pid * UINT32_C(2654435761)) >> 18];
}

static struct life *find(struct procs_lives *l, uint32_t pid, const struct process_record *p)
{
	struct life *f;

	LIST_FOREACH(f, bucket_of(l, pid), chain)
		if (f->exec.exec.pid == pid && f->record.start_ticks == p->start_ticks &&
		    f->record.ordinal == p->ordinal)
			return f;
	return NULL;
}

/* A copy of s at *at, which moves on; NULL for NULL. */
static const char *keep(char **at, const char *s, size_t size)
{
	char *to = *at;

	if (s == NULL)
		return NULL;
	memcpy(to, s, size);
	*at += size;
	return to;
}

static struct life *life_new(const struct process_text *t)
{
	const char *exe = process_text_path(t, EXEC_EXE), *cwd = process_text_path(t, EXEC_CWD);
	size_t args_len = 0;
	const char *args = process_text_args(t, &args_len);
	size_t exe_size = exe != NULL ? strlen(exe) + 1 : 0;
	size_t cwd_size = cwd != NULL ? strlen(cwd) + 1 : 0;
	struct life *f = malloc(sizeof *f + exe_size + cwd_size + args_len);
	char *at;

	if (f == NULL)
		return NULL;
	at = f->text;
	f->record = t->record;
	f->exec = (struct procs_exec){ .exec = t->exec };
	f->exec.exe = keep(&at, exe, exe_size);
	f->exec.cwd = keep(&at, cwd, cwd_size);
	f->exec.args = keep(&at, args, args_len);
	f->exec.args_len = args != NULL ? args_len : 0;
	return f;
}

void procs_lives_exec(struct procs_lives *l, const struct process_text *t)
{
	struct life *old = find(l, t->exec.pid, &t->record), *f = life_new(t);

	if (f == NULL)
		return;
	if (old == NULL && l->count == LIVES_MAX)
		old = TAILQ_FIRST(&l->oldest_first);
	if (old != NULL) {
		unlink_life(l, old);
		free(old);
	}
	TAILQ_INSERT_TAIL(&l->oldest_first, f, age);
	LIST_INSERT_HEAD(bucket_of(l, t->exec.pid), f, chain);
	l->count++;
}

const struct procs_exec *procs_lives_take(struct procs_lives *l, uint32_t pid,
    const struct process_record *p)
{
	struct life *f = p->start_ticks != 0 ? find(l, pid, p) : NULL;

	if (f == NULL)
		return NULL;
	unlink_life(l, f);
	free(l->taken);
	l->taken = f;
	return &f->exec;
}

void procs_lives_each(const struct procs_lives *l,
    void (*got)(void *arg, const struct process_record *p, const struct procs_exec *e), void *arg)
{
	const struct life *f;

	TAILQ_FOREACH(f, &l->oldest_first, age)
		got(arg, &f->record, &f->exec);
}
