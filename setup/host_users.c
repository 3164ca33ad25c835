/* SPDX-License-Identifier: ISC */
/* passwd(5) and group(5) of a host. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#include "host.h"

void host_forget_users(struct host *h)
{
	tree_release(&h->passwd);
}

int host_users(struct host *h, int (*see)(void *ctx, const struct passwd *pw), void *ctx)
{
	const struct passwd *pw;
	FILE *f;
	int r = 0;

	if (h->passwd.type == TREE_NONE)
		r = tree_look(&h->tree, "/etc/passwd", &h->passwd);
	if (r != 0 || h->passwd.type != TREE_FILE) {
		snprintf(h->failed, sizeof(h->failed), "/etc/passwd");
		return r != 0 ? r : -ENOENT;
	}
	if (h->passwd.len == 0)
		return 0;
	f = fmemopen(h->passwd.data, h->passwd.len, "r");
	if (f == NULL)
		return -errno;
	while (r == 0 && (pw = fgetpwent(f)) != NULL)
		r = see(ctx, pw);
	fclose(f);
	return r;
}

struct wanted {
	const char *name;
	struct passwd *out;
};

static int is_wanted(void *ctx, const struct passwd *pw)
{
	const struct wanted *w = ctx;

	if (strcmp(pw->pw_name, w->name) != 0)
		return 0;
	*w->out = *pw;
	return 1;
}

int host_user(struct host *h, const char *name, struct passwd *pw)
{
	struct wanted w = { name, pw };
	int r = host_users(h, is_wanted, &w);

	return r == 1 ? 0 : r < 0 ? r : -ENOENT;
}

static int is_member(const struct group *gr, const struct passwd *pw)
{
	char *const *name;

	if (gr->gr_gid == pw->pw_gid)
		return 1;
	for (name = gr->gr_mem; *name != NULL; name++)
		if (strcmp(*name, pw->pw_name) == 0)
			return 1;
	return 0;
}

int host_in_group(struct host *h, const struct passwd *pw, const char *group)
{
	struct tree_file text = { 0 };
	const struct group *gr;
	FILE *f;
	int r = tree_look(&h->tree, "/etc/group", &text);

	if (r != 0) {
		snprintf(h->failed, sizeof(h->failed), "/etc/group");
		return r;
	}
	r = -ENOENT;
	f = text.len > 0 ? fmemopen(text.data, text.len, "r") : NULL;
	while (f != NULL && r == -ENOENT && (gr = fgetgrent(f)) != NULL)
		if (strcmp(gr->gr_name, group) == 0)
			r = is_member(gr, pw);
	if (f != NULL)
		fclose(f);
	tree_release(&text);
	return r;
}
