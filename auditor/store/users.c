/* SPDX-License-Identifier: ISC */
#include "store/users.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session_file.h"

#define USERS_MAX 4096 /* remembered; further ones are looked up each time */

struct user {
	uint32_t uid;
	char *name; /* NULL: known to be unknown */
};

struct users {
	int local;
	size_t count;
	struct user user[USERS_MAX];
};

static struct user *find(struct users *u, uint32_t uid)
{
	size_t i;

	for (i = 0; i < u->count; i++)
		if (u->user[i].uid == uid)
			return &u->user[i];
	return NULL;
}

static const char *add(struct users *u, uint32_t uid, const char *name)
{
	struct user *e;

	if (u->count == USERS_MAX)
		return name;
	e = &u->user[u->count++];
	e->uid = uid;
	e->name = name != NULL ? strdup(name) : NULL;
	return e->name;
}

void users_learn(struct users *u, uint32_t uid, const char *name)
{
	if (name[0] != '\0' && find(u, uid) == NULL)
		add(u, uid, name);
}

static void add_session(struct users *u, const struct store *s, struct store_session e)
{
	struct session_file file;
	struct frame f;
	struct event ev;
	const struct cert *c;
	int fd = store_open_session(s, &e);

	if (fd < 0)
		return;
	if (session_file_open(&file, fd) == 0 && session_file_next(&file, NULL, &f, &ev) == 1) {
		c = &file.chain.cert;
		users_learn(u, c->uid, c->user);
	}
	session_file_release(&file);
	close(fd);
}

struct users *users_new(const struct store *s, int local)
{
	struct users *u = calloc(1, sizeof *u);
	size_t i;

	if (u == NULL)
		return NULL;
	u->local = local;
	for (i = 0; s != NULL && i < s->sessions && u->count < USERS_MAX; i++)
		add_session(u, s, s->session[i]);
	return u;
}

void users_free(struct users *u)
{
	if (u == NULL)
		return;
	while (u->count > 0)
		free(u->user[--u->count].name);
	free(u);
}

const char *users_name(struct users *u, uint32_t uid)
{
	const struct user *e = find(u, uid);
	const struct passwd *p;

	if (e != NULL)
		return e->name;
	p = u->local ? getpwuid(uid) : NULL;
	return add(u, uid, p != NULL ? p->pw_name : NULL);
}
