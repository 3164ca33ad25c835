/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auditor.h"
#include "escape.h"
#include "output/json.h"
#include "procs/procs.h"

/*
 * What sa(8) gives: how often, computing and elapsed time, memory, input and output.
 * Memory is weighted by computing time, as there.
 */

#define FIRST_SLOTS 1024 /* a power of two */

struct total {
	const struct procs_host *host;
	uint8_t key[ACCT_COMM]; /* name, user id or session */
	uint64_t count;         /* 0: an empty slot */
	double cpu_s, elapsed_s, memory_s, memory; /* memory_s: KiB * seconds of cpu */
	double io;
	uint64_t faults;
};

struct procs_sum {
	void (*key)(uint8_t key[ACCT_COMM], const struct procs_row *r);
	const char *by;
	int json, reverse, fleet;
	struct total all;
	struct total *slot;
	size_t slots, used;
};

static void key_of_command(uint8_t key[ACCT_COMM], const struct procs_row *r)
{
	memcpy(key, r->acct->comm, strnlen(r->acct->comm, ACCT_COMM));
}

static void key_of_user(uint8_t key[ACCT_COMM], const struct procs_row *r)
{
	memcpy(key, &r->acct->uid, sizeof r->acct->uid);
}

static void key_of_session(uint8_t key[ACCT_COMM], const struct procs_row *r)
{
	if (r->record != NULL)
		memcpy(key, &r->record->session, sizeof r->record->session);
}

static const struct {
	const char *by;
	void (*key)(uint8_t key[ACCT_COMM], const struct procs_row *r);
} kinds[] = {
	{ "command", key_of_command }, { "user", key_of_user }, { "session", key_of_session },
};

#define KINDS (sizeof kinds / sizeof kinds[0])

int procs_sum_is(const char *by)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].by, by) == 0)
			return 1;
	return 0;
}

struct procs_sum *procs_sum_new(const char *by, int json, int reverse, int fleet)
{
	struct procs_sum *s = calloc(1, sizeof *s);
	size_t i;

	if (s == NULL)
		return NULL;
	s->json = json;
	s->reverse = reverse;
	s->fleet = fleet;
	s->slots = FIRST_SLOTS;
	s->slot = calloc(s->slots, sizeof *s->slot);
	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].by, by) == 0) {
			s->key = kinds[i].key;
			s->by = kinds[i].by;
		}
	if (s->slot == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

/* Where this key of a host is, or would be. */
static struct total *find(const struct procs_sum *s, const struct procs_host *host,
    const uint8_t key[ACCT_COMM])
{
	uint64_t a, b;
	size_t i;

	memcpy(&a, key, sizeof a);
	memcpy(&b, key + sizeof a, sizeof b);
	b ^= (uintptr_t)host;
	a = (a ^ b * UINT64_C(0xff51afd7ed558ccd)) * UINT64_C(0x9e3779b97f4a7c15);
	for (i = (size_t)(a >> 32);; i++) {
		struct total *t = &s->slot[i & (s->slots - 1)];

		if (t->count == 0 || (t->host == host && memcmp(t->key, key, ACCT_COMM) == 0))
			return t;
	}
}

static void grow(struct procs_sum *s)
{
	struct total *old = s->slot;
	size_t n = s->slots, i;

	s->slot = calloc(2 * n, sizeof *s->slot);
	if (s->slot == NULL) {
		complain("no memory for more than %zu sums", s->used);
		exit(AUDIT_CANNOT);
	}
	s->slots = 2 * n;
	for (i = 0; i < n; i++)
		if (old[i].count > 0)
			*find(s, old[i].host, old[i].key) = old[i];
	free(old);
}

static void add(struct total *t, const struct acct_record *a)
{
	double cpu = a->user_s + a->system_s;

	t->count++;
	t->cpu_s += cpu;
	t->elapsed_s += a->elapsed_s;
	t->memory_s += (double)a->memory * cpu;
	t->memory += (double)a->memory;
	t->io += (double)a->io;
	t->faults += a->minor_faults + a->major_faults;
}

void procs_sum_row(void *sum, const struct procs_row *r)
{
	struct procs_sum *s = sum;
	uint8_t key[ACCT_COMM] = { 0 };
	struct total *t;

	if (r->running)
		return;
	s->key(key, r);
	t = find(s, r->host, key);
	if (t->count == 0) {
		if (2 * ++s->used > s->slots) {
			grow(s);
			t = find(s, r->host, key);
		}
		t->host = r->host;
		memcpy(t->key, key, ACCT_COMM);
	}
	add(t, r->acct);
	add(&s->all, r->acct);
}

/* Most computing first, as sa; then by key, so that the order is always the same. */
static int compare(const void *a, const void *b)
{
	const struct total *x = a, *y = b;

	if (x->cpu_s > y->cpu_s || x->cpu_s < y->cpu_s)
		return x->cpu_s > y->cpu_s ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->host != y->host)
		return strcmp(x->host->name, y->host->name);
	return memcmp(x->key, y->key, ACCT_COMM);
}

/* The key as text, as it is, into a buffer that lives until the next call. */
static const char *name_of(const struct procs_sum *s, const struct total *t)
{
	static char text[ACCT_COMM + 16];
	const char *user;
	uint64_t session;
	uint32_t uid;

	if (s->key == key_of_command) {
		snprintf(text, sizeof text, "%.*s", ACCT_COMM, (const char *)t->key);
	} else if (s->key == key_of_user) {
		memcpy(&uid, t->key, sizeof uid);
		if ((user = users_name(t->host->users, uid)) != NULL)
			return user;
		snprintf(text, sizeof text, "%lu", (unsigned long)uid);
	} else {
		memcpy(&session, t->key, sizeof session);
		snprintf(text, sizeof text, session != 0 ? "%llu" : "-", (unsigned long long)session);
	}
	return text;
}

static double memory_of(const struct total *t)
{
	if (t->cpu_s > 0)
		return t->memory_s / t->cpu_s;
	return t->count > 0 ? t->memory / (double)t->count : 0;
}

static void print_text(const struct procs_sum *s, const struct total *t, const char *name)
{
	char safe[256];
	double n = t->count > 0 ? (double)t->count : 1;

	if (s->fleet)
		printf("%-12s ", t->host != NULL ?
		    escape_str(safe, sizeof safe, t->host->name) : "(all)");
	printf("%9llu %12.2f %14.2f %10.3f %12.3f %9.0f %8.0f %s\n", (unsigned long long)t->count,
	    t->cpu_s, t->elapsed_s, t->cpu_s / n, t->elapsed_s / n, memory_of(t), t->io,
	    escape_str(safe, sizeof safe, name));
}

static void print_json(const struct procs_sum *s, const struct total *t)
{
	json_t *o = json_object();
	uint64_t session;
	uint32_t uid;

	if (s->key == key_of_session) {
		memcpy(&session, t->key, sizeof session);
		json_object_set_new(o, s->by, session != 0 ? json_u64(session) : json_null());
	} else {
		json_object_set_new(o, s->by, json_bytes(name_of(s, t)));
	}
	if (t->host->name != NULL)
		json_object_set_new(o, "host", json_bytes(t->host->name));
	if (s->key == key_of_user) {
		memcpy(&uid, t->key, sizeof uid);
		json_object_set_new(o, "uid", json_u64(uid));
	}
	json_object_set_new(o, "count", json_u64(t->count));
	json_object_set_new(o, "cpu_s", json_real(t->cpu_s));
	json_object_set_new(o, "elapsed_s", json_real(t->elapsed_s));
	json_object_set_new(o, "memory_k", json_real(memory_of(t)));
	json_object_set_new(o, "io", json_real(t->io));
	json_object_set_new(o, "faults", json_u64(t->faults));
	json_line(o);
}

void procs_sum_end(struct procs_sum *s)
{
	size_t i, n = 0, at;

	for (i = 0; i < s->slots; i++)
		if (s->slot[i].count > 0)
			s->slot[n++] = s->slot[i];
	qsort(s->slot, n, sizeof *s->slot, compare);
	if (!s->json) {
		if (s->fleet)
			printf("%-12s ", "HOST");
		printf("%9s %12s %14s %10s %12s %9s %8s %s\n", "COUNT", "CPU", "ELAPSED", "CPU/N",
		    "ELAPSED/N", "MEMORY", "IO", s->key == key_of_command ? "COMMAND" :
		    s->key == key_of_user ? "USER" : "SESSION");
		print_text(s, &s->all, "(all)");
	}
	for (i = 0; i < n; i++) {
		at = s->reverse ? n - 1 - i : i;
		if (s->json)
			print_json(s, &s->slot[at]);
		else
			print_text(s, &s->slot[at], name_of(s, &s->slot[at]));
	}
	free(s->slot);
	free(s);
}
