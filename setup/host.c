/* SPDX-License-Identifier: ISC */
#include "host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "places.h"
#include "run.h"

#define SAID_MAX (2 * PATH_MAX)
#define USERMOD "/usr/sbin/usermod"
#define USERMOD_MS 60000

static void __attribute__((format(printf, 4, 0)))
say(const struct host *h, enum setup_word word, const char *name, const char *fmt, va_list ap)
{
	char text[SAID_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	h->q->say(h->q->ctx, &(struct setup_said){
	    .word = word, .what = h->what, .name = name, .text = text });
}

void host_say(const struct host *h, enum setup_word word, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(h, word, name, fmt, ap);
	va_end(ap);
}

void host_wrong(struct host *h, const char *name, const char *fmt, ...)
{
	va_list ap;

	h->wrong++;
	va_start(ap, fmt);
	say(h, SETUP_WRONG, name, fmt, ap);
	va_end(ap);
}

void host_doubt(struct host *h, const char *name, const char *fmt, ...)
{
	va_list ap;

	h->wrong += !h->q->force;
	va_start(ap, fmt);
	say(h, h->q->force ? SETUP_NOTE : SETUP_WRONG, name, fmt, ap);
	va_end(ap);
}

void host_could_not(struct host *h, const char *name, const char *what, int r)
{
	host_wrong(h, name, "%s%s%s", what, err_text(r), r != -EPERM ? "" :
	    "; somebody else than root may write to a folder above it, or it is immutable");
}

int host_is_recorder(const struct host *h, const char *path)
{
	struct stat a, b;

	return path[0] == '/' && tree_stat(&h->tree, path, &a) == 0 &&
	    tree_stat(&h->tree, RECORDER, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Calls see with each line of shells(5) that is a path, until it is not 0. */
static int shells(const struct host *h, int (*see)(void *ctx, const char *line), void *ctx)
{
	struct tree_file f = { 0 };
	char *rest, *line;
	int r;

	if ((r = tree_look(&h->tree, "/etc/shells", &f)) != 0)
		return r;
	rest = f.type == TREE_FILE ? (char *)f.data : NULL;
	while (r == 0 && (line = strsep(&rest, "\n")) != NULL)
		if (line[0] == '/')
			r = see(ctx, line);
	tree_release(&f);
	return r;
}

static int is_line(void *ctx, const char *line)
{
	return strcmp(ctx, line) == 0;
}

int host_shell_is_listed(const struct host *h, const char *path)
{
	return shells(h, is_line, (void *)(uintptr_t)path) == 1;
}

struct named {
	const struct host *host;
	const char *name;
	char *path;
	size_t size;
};

static int is_named(void *ctx, const char *line)
{
	const struct named *n = ctx;
	struct stat st;

	if (strcmp(strrchr(line, '/') + 1, n->name) != 0 ||
	    tree_stat(&n->host->tree, line, &st) != 0 || (st.st_mode & 0111) == 0 ||
	    host_is_recorder(n->host, line))
		return 0;
	snprintf(n->path, n->size, "%s", line);
	return 1;
}

int host_listed_shell(const struct host *h, const char *name, char *path, size_t size)
{
	struct named n = { h, name, path, size };

	return shells(h, is_named, &n) == 1 ? 0 : -ENOENT;
}

static int look_shell(struct host *h, const char *user, struct tree_file *f)
{
	struct passwd pw;
	int r = host_user(h, user, &pw);

	if (r == -ENOENT) {
		*f = (struct tree_file){ 0 };
		return 0;
	}
	if (r == 0) /* none is /bin/sh, passwd(5) */
		r = tree_text(f, TREE_LINK, pw.pw_shell[0] != '\0' ? pw.pw_shell : "/bin/sh",
		    strlen(pw.pw_shell[0] != '\0' ? pw.pw_shell : "/bin/sh"));
	return r;
}

int host_look(struct host *h, const struct item *item, struct tree_file *f)
{
	int r = item->kind == ITEM_FILE ? tree_look(&h->tree, item->name, f) :
	    look_shell(h, item->name, f);

	if (r != 0 && item->kind == ITEM_FILE)
		snprintf(h->failed, sizeof(h->failed), "%s", item->name);
	return r;
}

/* usermod(8) knows how passwd(5) is locked and written. */
static int put_shell(struct host *h, const char *user, const struct tree_file *f)
{
	const char *argv[] = { USERMOD, "-s", (const char *)f->data, "--", user, NULL, NULL, NULL };
	char said[RUN_SAID_MAX], root[PATH_MAX];
	struct tree_file now;
	int r;

	if (h->q->root != NULL) {
		if (realpath(h->q->root, root) == NULL) /* usermod is run in / */
			return -errno;
		argv[3] = "--prefix";
		argv[4] = root;
		argv[5] = user;
	}
	r = run_program(argv, NULL, USERMOD_MS, said);
	host_forget_users(h);
	if (r != 0) {
		host_say(h, SETUP_NOTE, user, USERMOD ": %s", r < 0 ? err_text(r) : said);
		return r < 0 ? r : -EIO;
	}
	if ((r = look_shell(h, user, &now)) != 0)
		return r;
	r = tree_same(&now, f) ? 0 : -EIO;
	tree_release(&now);
	return r;
}

int host_put(struct host *h, const struct item *item, const struct tree_file *f)
{
	if (item->kind == ITEM_FILE)
		return tree_put(&h->tree, item->name, f);
	return f->type == TREE_LINK ? put_shell(h, item->name, f) : -EINVAL;
}
