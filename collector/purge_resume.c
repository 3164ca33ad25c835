/* SPDX-License-Identifier: ISC */
/* Purges that an earlier collector did not finish. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io.h"
#include "ledger_file.h"
#include "log.h"
#include "purge_internal.h"

struct left {
	struct purge_job job;
	int recorded; /* PURGE is in the ledger */
};

/* The names below PURGE_DIR: a new array, *count of them; at most one is usual. */
static int list_left(const struct store *s, struct left **out, size_t *count)
{
	DIR *d = io_list_dir(s->dir, PURGE_DIR);
	struct left *list = NULL, *more;
	struct session_name name;
	struct dirent *e;
	size_t n = 0;

	if (d == NULL)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(d)) != NULL) {
		if (store_name_parse(&name, e->d_name) != 0)
			continue;
		more = realloc(list, (n + 1) * sizeof(*list));
		if (more == NULL) {
			free(list);
			closedir(d);
			return -ENOMEM;
		}
		list = more;
		list[n] = (struct left){.job = {.n = name.n, .name = name}};
		n++;
	}
	closedir(d);
	*out = list;
	*count = n;
	return 0;
}

struct all_left {
	struct left *list;
	size_t count;
};

static void mark(void *arg, const struct entry *e)
{
	const struct all_left *x = arg;
	size_t i;

	for (i = 0; e->type == ENTRY_PURGE && i < x->count; i++)
		if (x->list[i].job.n == e->u.purge.n)
			x->list[i].recorded = 1;
}

static void finish(const struct store *s, struct packer *packer, struct left *l)
{
	unsigned long long n = l->job.n;
	int r;

	if (!l->recorded) {
		purge_drop(s, &l->job);
		return;
	}
	r = purge_find(s, &l->job);
	if (r == 0)
		r = purge_commit(s, packer, &l->job);
	if (r == 0)
		log_info("session %llu: its payload is deleted, as the ledger says", n);
	else
		log_error("session %llu: its payload cannot be deleted (%s), though the ledger says "
		    "that it is; the next start tries again", n, purge_text(r));
}

int purge_resume(const struct store *s, struct packer *packer)
{
	struct left *list = NULL;
	size_t count = 0, i;
	int r;

	r = list_left(s, &list, &count);
	if (r == 0 && count > 0)
		r = ledger_file_all(s->dir, mark, &(struct all_left){list, count});
	for (i = 0; i < count && r == 0; i++)
		finish(s, packer, &list[i]);
	free(list);
	return r;
}
