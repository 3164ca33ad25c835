/* SPDX-License-Identifier: ISC */
#include "setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "err.h"
#include "ways.h"

#define LOCK "lock"

static int open_root(struct host *h)
{
	const char *root = h->q->root;

	h->tree.owner = root != NULL ? geteuid() : 0;
	if (root == NULL && geteuid() != 0) {
		host_wrong(h, "", "only root may do this");
		return SETUP_CANNOT;
	}
	h->tree.root = open(root != NULL ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->tree.root >= 0)
		return SETUP_OK;
	host_wrong(h, root != NULL ? root : "/", "%s", err_text(-errno));
	return SETUP_CANNOT;
}

/* One at a time.  Held until the process ends. */
static int lock(int folder)
{
	int fd = openat(folder, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	r = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	if (r != 0)
		close(fd);
	return r;
}

static int changes(const struct setup_request *q)
{
	return q->verb != SETUP_STATUS && !q->dry_run;
}

/* Nothing is set up any more: nothing stays, unless an original is kept for somebody. */
static void clear(const struct host *h)
{
	const char *path = SETUP_STATEDIR;
	char above[sizeof(SETUP_STATEDIR)] = SETUP_STATEDIR;
	int up;

	*strrchr(above, '/') = '\0';
	(void)unlinkat(h->folder, RECORD_NAME, 0);
	(void)unlinkat(h->folder, LOCK, 0);
	if ((up = tree_folder(&h->tree, above)) < 0)
		return;
	(void)unlinkat(up, strrchr(path, '/') + 1, AT_REMOVEDIR);
	close(up);
}

static int open_record(struct host *h)
{
	int r;

	h->folder = record_folder(&h->tree, SETUP_STATEDIR, changes(h->q));
	if (h->folder == -ENOENT)
		return SETUP_OK;
	if (h->folder < 0) {
		host_wrong(h, SETUP_STATEDIR, "%s", h->folder == -EPERM ? "this folder, or one above "
		    "it, is not root's alone, who knows what is in it: put it aside" :
		    err_text(h->folder));
		return SETUP_CANNOT;
	}
	r = changes(h->q) ? lock(h->folder) : 0;
	if (r == -EWOULDBLOCK)
		host_wrong(h, "", "another shellac setup is running");
	else if (r != 0)
		host_wrong(h, SETUP_STATEDIR "/" LOCK, "%s", err_text(r));
	else if ((r = record_load(&h->record, h->folder)) != 0)
		host_wrong(h, SETUP_STATEDIR "/" RECORD_NAME, "%s: nobody knows what was there before; put "
		    "it aside, and take out by hand what shellac setup did", err_text(r));
	h->is_loaded = r == 0;
	return r != 0 ? SETUP_CANNOT : SETUP_OK;
}

static int usage(struct host *h, const char *name, const char *text)
{
	host_wrong(h, name, "%s", text);
	return SETUP_USAGE;
}

static int run_way(struct host *h, const struct way *way, const struct names *users)
{
	h->what = way->name;
	h->wrong = 0;
	switch (h->q->verb) {
	case SETUP_ENABLE:
		return enable(h, way, users);
	case SETUP_DISABLE:
		return disable(h, way, users);
	default:
		return status(h, way);
	}
}

/* Takes a WHAT and its users from word i on; the next one's place. */
static int take(const struct setup_request *q, int i, const struct way **way,
    struct names *users)
{
	*way = way_find(q->words[i++]);
	*users = (struct names){ .name = q->words + i };
	if (*way != NULL && (*way)->takes_users)
		users->count = q->count - i;
	return i + users->count;
}

/* Before anything is done: all of it makes sense. */
static int check_words(struct host *h)
{
	const struct setup_request *q = h->q;
	const struct way *way;
	struct names users;
	int i, takes = 0;

	if (q->count == 0 && q->verb != SETUP_STATUS)
		return usage(h, "", "what? profile, login-shell USER..., forcecommand [USER...] or "
		    "accounting");
	if (q->count == 1 && strcmp(q->words[0], "all") == 0 && q->verb != SETUP_ENABLE)
		return SETUP_OK;
	for (i = 0; i < q->count; ) {
		const char *word = q->words[i];

		i = take(q, i, &way, &users);
		if (way == NULL)
			return usage(h, word, "is nothing to set up: profile, login-shell, forcecommand, "
			    "accounting, and to disable all");
		takes |= way->takes_users;
		if (strcmp(word, "login-shell") == 0 && q->verb == SETUP_ENABLE &&
		    users.count == 0 && q->group == NULL)
			return usage(h, word, "wants users, or --group GROUP");
		if (users.count > 0 && strcmp(word, "forcecommand") == 0 && q->verb != SETUP_ENABLE)
			return usage(h, word, "is given up for all users or for none");
	}
	if (q->group != NULL && (!takes || q->verb != SETUP_ENABLE))
		return usage(h, "--group", "goes with enable login-shell and enable forcecommand");
	return SETUP_OK;
}

static int run_all(struct host *h)
{
	const struct names nobody = { 0 };
	int r, worst = SETUP_OK;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		r = run_way(h, &ways[i], &nobody);
		worst = r > worst ? r : worst;
	}
	return worst;
}

static int run_words(struct host *h)
{
	const struct setup_request *q = h->q;
	const struct way *way;
	struct names users;
	int i = 0, r = SETUP_OK;

	if (q->count == 0 || strcmp(q->words[0], "all") == 0)
		return run_all(h);
	while (i < q->count && r == SETUP_OK) {
		i = take(q, i, &way, &users);
		r = run_way(h, way, &users);
	}
	return r;
}

int setup_run(const struct setup_request *q)
{
	struct host h = { .q = q, .tree = { .root = -1 }, .what = "", .folder = -1 };
	int r = check_words(&h);

	if (r != SETUP_OK)
		return r;
	signal(SIGPIPE, SIG_IGN); /* who reads may go; what was begun is ended */
	if ((r = open_root(&h)) == SETUP_OK && (r = open_record(&h)) == SETUP_OK &&
	    (q->verb == SETUP_STATUS || (r = recover(&h)) == SETUP_OK))
		r = run_words(&h);
	if (h.is_loaded && changes(q) && h.record.count == 0)
		clear(&h);
	record_release(&h.record);
	host_forget_users(&h);
	if (h.folder >= 0)
		close(h.folder);
	if (h.tree.root >= 0)
		close(h.tree.root);
	return r;
}
