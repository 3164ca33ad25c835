/* SPDX-License-Identifier: ISC */
#include "sessions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "bytes.h"
#include "err.h"
#include "session_judge.h"
#include "session_ledger.h"
#include "session_processes.h"
#include "sessions_internal.h"
#include "users.h"

static void no_memory(void)
{
	complain("sessions: %s", err_text(-ENOMEM));
}

/* p is freed with x.  0; or -ENOMEM, and it is free already. */
static int keep(struct sessions *x, void *p)
{
	if (p == NULL || array_room(&x->kept, x->keeps, &x->keep_room, sizeof *x->kept) != 0) {
		free(p);
		return -ENOMEM;
	}
	x->kept[x->keeps++] = p;
	return 0;
}

/* Makes the record that was judged the next one of x, its strings with it. */
static int add_record(struct sessions *x, struct store_session *e, const struct session_record *r)
{
	struct session_record *own = &x->record[x->count];
	uint8_t *packed;
	struct rest b;
	int err = session_record_pack(&packed, &b.len, r);

	if (err != 0 || (err = keep(x, packed)) != 0)
		return err;
	b.p = packed;
	if ((err = session_record_unpack(own, &b)) != 0)
		return err;
	own->row.entry = e;
	x->count++;
	return 0;
}

static int judge_one(struct sessions *x, struct session_ledger *l, struct session_judged *j,
    struct store_session *e)
{
	struct judge_how how;
	struct expect expect;
	int r;

	session_ledger_how(l, e->name.n, &expect, &how);
	r = session_judge(j, &x->a->store, e, &how);
	if (r != 0) {
		complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
		x->cannot++;
		return 0;
	}
	session_ledger_grade(l, &j->record, how.expect);
	return add_record(x, e, &j->record);
}

static int judge_all(struct sessions *x, struct session_ledger *l)
{
	struct session_judged *j = malloc(sizeof *j);
	struct store *s = &x->a->store;
	size_t i;
	int r = j == NULL ? -ENOMEM : 0;

	for (i = 0; i < s->sessions && r == 0; i++)
		r = judge_one(x, l, j, &s->session[i]);
	free(j);
	return r;
}

/* "root,bob": whom the processes of w ran as but for its own user. */
static int name_users(struct sessions *x, struct session_row *w, const struct session_sum *sum)
{
	char text[SESSION_UIDS * 64], number[16];
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < sum->uids; i++) {
		const char *name = users_name(x->users, sum->uid[i]);

		if (w->have_cert && sum->uid[i] == w->uid)
			continue;
		snprintf(number, sizeof number, "%u", sum->uid[i]);
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%.60s", len > 0 ? "," : "",
		    name != NULL ? name : number);
	}
	if (len == 0)
		return 0;
	w->as = strdup(text);
	return keep(x, (void *)(uintptr_t)w->as);
}

static int add_processes(struct sessions *x)
{
	struct session_sums sums;
	const struct session_sum *sum;
	size_t i;
	int r = session_processes_read(&sums, &x->a->store);

	if (r != 0 && r != -ENOMEM) {
		complain("process records: %s; commands are not counted", err_text(r));
		sums.known = 0;
		r = 0;
	}
	for (i = 0; i < x->count && r == 0 && sums.known; i++) {
		struct session_row *w = &x->record[i].row;

		w->have_commands = 1;
		sum = session_sums_of(&sums, x->record[i].name.n, 0);
		if (sum == NULL)
			continue;
		w->commands = sum->commands;
		r = name_users(x, w, sum);
	}
	session_sums_release(&sums);
	return r;
}

static int learn_users(struct sessions *x)
{
	size_t i;

	x->users = users_new(NULL, x->a->control[0] != '\0');
	if (x->users == NULL)
		return -ENOMEM;
	for (i = 0; i < x->count; i++)
		users_learn(x->users, x->record[i].row.uid, x->record[i].row.user);
	return 0;
}

static int fill(struct sessions *x, const struct witness_policy *policy)
{
	struct session_ledger *l = calloc(1, sizeof *l);
	int r;

	x->record = calloc(x->a->store.sessions + 1, sizeof *x->record);
	if (l == NULL || x->record == NULL) {
		free(l);
		return -ENOMEM;
	}
	x->cannot += session_ledger_read(l, x->a, policy) != 0;
	r = judge_all(x, l);
	session_ledger_release(l);
	free(l);
	if (r == 0 && (r = learn_users(x)) == 0)
		r = add_processes(x);
	return r;
}

int sessions_open_policy(struct sessions **out, struct auditor *a,
    const struct witness_policy *policy)
{
	struct sessions *x = calloc(1, sizeof *x);
	int r;

	if (x == NULL) {
		no_memory();
		return -ENOMEM;
	}
	x->a = a;
	if ((r = fill(x, policy)) != 0) {
		no_memory();
		sessions_free(x);
		return r;
	}
	*out = x;
	return 0;
}

int sessions_open(struct sessions **out, struct auditor *a)
{
	return sessions_open_policy(out, a, NULL);
}

void sessions_free(struct sessions *x)
{
	if (x == NULL)
		return;
	while (x->keeps > 0)
		free(x->kept[--x->keeps]);
	free(x->kept);
	free(x->record);
	users_free(x->users);
	free(x);
}

size_t sessions_count(const struct sessions *x)
{
	return x->count;
}

const struct session_row *sessions_row(const struct sessions *x, size_t i)
{
	return &x->record[i].row;
}

size_t sessions_cannot(const struct sessions *x)
{
	return x->cannot;
}

size_t sessions_first(const struct sessions *x, uint64_t n)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->record[mid].name.n < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

size_t sessions_place(const struct sessions *x, const struct session_row *w)
{
	size_t at = (size_t)((const char *)w - (const char *)&x->record[0].row);

	return at / sizeof x->record[0];
}
