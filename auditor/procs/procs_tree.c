/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>

#include "array.h"
#include "auditor.h"
#include "procs/procs.h"

/*
 * Who began whom.  Where process events say it the parent is the life that forked it;
 * else the one that was its parent when it ended: the next later record of that pid,
 * because no pid is used again before its record is written.
 */

#define INDENT 2
#define NONE (-1)

struct node {
	struct procs_copy *copy;
	long parent, child, sibling;
	unsigned char state; /* of the search for circles */
};

struct procs_tree {
	struct procs_text *text;
	struct node *node; /* in the order of records */
	size_t count, room;
	long *by_pid;      /* nodes by pid, then in their order */
};

struct procs_tree *procs_tree_new(void)
{
	struct procs_tree *t = calloc(1, sizeof *t);
	const char *wrong;

	if (t != NULL && procs_text_new(&t->text, "pid,user,tty,start,elapsed,exit,args",
	    TEXT_OF_STORE, &wrong) != 0) {
		free(t);
		return NULL;
	}
	return t;
}

static void no_memory(void)
{
	complain("no memory for so large a tree; ask for fewer processes");
	exit(AUDIT_CANNOT);
}

void procs_tree_row(void *tree, const struct procs_row *r)
{
	struct procs_tree *t = tree;

	if (array_room(&t->node, t->count, &t->room, sizeof *t->node) != 0)
		no_memory();
	t->node[t->count] = (struct node){ .copy = procs_copy_new(r), .parent = NONE,
		.child = NONE, .sibling = NONE };
	if (t->node[t->count].copy == NULL)
		no_memory();
	t->count++;
}

static const struct procs_row *row(const struct procs_tree *t, long i)
{
	return procs_copy_row(t->node[i].copy);
}

static int by_pid(const void *a, const void *b, void *tree)
{
	const long *x = a, *y = b;
	uint32_t p = row(tree, *x)->acct->pid, q = row(tree, *y)->acct->pid;

	if (p != q)
		return p < q ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* First of by_pid that has this pid, or where it would be. */
static size_t first_of(const struct procs_tree *t, uint32_t pid)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (row(t, t->by_pid[mid])->acct->pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The life of this pid that lived when the child began: the last to start before. */
static long parent_by_start(const struct procs_tree *t, uint32_t pid, long child)
{
	const struct procs_row *c = row(t, child), *r;
	long found = NONE;
	size_t i;

	for (i = first_of(t, pid); i < t->count; i++) {
		r = row(t, t->by_pid[i]);
		if (r->acct->pid != pid)
			break;
		if (t->by_pid[i] != child && r->start_ns <= c->start_ns &&
		    (found == NONE || r->start_ns >= row(t, found)->start_ns))
			found = t->by_pid[i];
	}
	return found;
}

static long parent_by_order(const struct procs_tree *t, uint32_t pid, long child)
{
	size_t i;

	for (i = first_of(t, pid); i < t->count; i++) {
		if (row(t, t->by_pid[i])->acct->pid != pid)
			break;
		if (t->by_pid[i] > child)
			return t->by_pid[i];
	}
	return NONE;
}

static long parent_of(const struct procs_tree *t, long i)
{
	const struct procs_row *r = row(t, i);

	if (r->record != NULL && r->record->start_ticks != 0 && r->record->parent_pid != 0)
		return parent_by_start(t, r->record->parent_pid, i);
	return r->acct->ppid != 0 ? parent_by_order(t, r->acct->ppid, i) : NONE;
}

/* Records may lie: nobody is an ancestor of himself. */
static void cut_circles(struct procs_tree *t)
{
	enum { NEW, WALKED, FINE };
	size_t i;
	long at;

	for (i = 0; i < t->count; i++) {
		for (at = (long)i; at != NONE && t->node[at].state == NEW; at = t->node[at].parent) {
			t->node[at].state = WALKED;
			if (t->node[at].parent != NONE && t->node[t->node[at].parent].state == WALKED)
				t->node[at].parent = NONE;
		}
		for (at = (long)i; at != NONE && t->node[at].state == WALKED; at = t->node[at].parent)
			t->node[at].state = FINE;
	}
}

static int by_start(const void *a, const void *b, void *tree)
{
	const long *x = a, *y = b;
	int64_t p = row(tree, *x)->start_ns, q = row(tree, *y)->start_ns;

	if (p != q)
		return p < q ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* Children in the order they began.  Returns the first that has no parent. */
static long join(struct procs_tree *t)
{
	long first = NONE, at;
	size_t i;

	qsort_r(t->by_pid, t->count, sizeof *t->by_pid, by_start, t);
	for (i = t->count; i-- > 0;) {
		long *list = &first;

		at = t->by_pid[i];
		if (t->node[at].parent != NONE)
			list = &t->node[t->node[at].parent].child;
		t->node[at].sibling = *list;
		*list = at;
	}
	return first;
}

static void print(struct procs_tree *t, long at)
{
	size_t depth = 0;

	while (at != NONE) {
		procs_text_indent(t->text, INDENT * depth);
		procs_text_row(t->text, row(t, at));
		if (t->node[at].child != NONE) {
			at = t->node[at].child;
			depth++;
			continue;
		}
		while (at != NONE && t->node[at].sibling == NONE) {
			at = t->node[at].parent;
			depth--;
		}
		if (at != NONE)
			at = t->node[at].sibling;
	}
}

void procs_tree_end(struct procs_tree *t)
{
	size_t i;

	t->by_pid = calloc(t->count + 1, sizeof *t->by_pid);
	if (t->by_pid == NULL)
		no_memory();
	for (i = 0; i < t->count; i++)
		t->by_pid[i] = (long)i;
	qsort_r(t->by_pid, t->count, sizeof *t->by_pid, by_pid, t);
	for (i = 0; i < t->count; i++)
		t->node[i].parent = parent_of(t, (long)i);
	cut_circles(t);
	print(t, join(t));
	for (i = 0; i < t->count; i++)
		procs_copy_free(t->node[i].copy);
	free(t->by_pid);
	free(t->node);
	procs_text_free(t->text);
	free(t);
}
