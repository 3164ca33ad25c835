/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "sessions_internal.h"

/* "root,bob": whom the processes of w ran as but for its own user. */
static int name_users(struct sessions *x, struct session_row *w, const struct session_sum *sum)
{
	char text[SESSION_UIDS * 64], number[16], *own;
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
	own = strdup(text);
	w->as = own;
	return sessions_keep(x, own);
}

static int learn_users(struct sessions *x)
{
	uint32_t last = 0;
	size_t i;

	x->users = users_new(NULL, x->a->control[0] != '\0');
	if (x->users == NULL)
		return -ENOMEM;
	for (i = 0; i < x->count; i++) {
		if (i > 0 && x->record[i].row.uid == last)
			continue;
		last = x->record[i].row.uid;
		users_learn(x->users, last, x->record[i].row.user);
	}
	return 0;
}

int sessions_add_processes(struct sessions *x)
{
	struct session_sums sums;
	const struct session_sum *sum;
	size_t i;
	int r = session_processes_read(&sums, &x->a->store, x->cache, x->opened_ns);

	if (r != 0 && r != -ENOMEM) {
		complain("process records: %s; commands are not counted", err_text(r));
		sums.known = 0;
		r = 0;
	}
	if (r == 0 && sums.known)
		r = learn_users(x);
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
