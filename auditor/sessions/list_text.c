/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "list_part.h"
#include "output/columns.h"
#include "output/pager.h"

#define PARTS_MAX 8
#define PART_ROWS 4096 /* fewer are no work for a thread */

struct text {
	struct list_table table;
	struct list_part heads, part[PARTS_MAX];
	size_t parts;
};

static void divide(struct text *t, const struct session_row *const *row, size_t rows)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t i, from = 0, most = cpus < 1 ? 1 : cpus < PARTS_MAX ? (size_t)cpus : PARTS_MAX;

	t->parts = rows / PART_ROWS + 1 < most ? rows / PART_ROWS + 1 : most;
	for (i = 0; i < t->parts; i++) {
		size_t to = rows * (i + 1) / t->parts;

		t->part[i] = (struct list_part){ .table = &t->table, .row = row + from, .rows = to - from };
		from = to;
	}
	t->heads = (struct list_part){ .table = &t->table };
}

struct job {
	void (*run)(struct list_part *p);
	struct list_part *part;
};

static void *run(void *arg)
{
	const struct job *j = arg;

	j->run(j->part);
	return NULL;
}

/* With all parts at once; what has no thread is done here. */
static int with_all(struct text *t, void (*what)(struct list_part *p))
{
	struct job job[PARTS_MAX];
	pthread_t thread[PARTS_MAX];
	size_t i, n = 1;
	int r = 0;

	for (i = 0; i < t->parts; i++)
		job[i] = (struct job){ what, &t->part[i] };
	while (n < t->parts && pthread_create(&thread[n], NULL, run, &job[n]) == 0)
		n++;
	for (i = n; i < t->parts; i++)
		run(&job[i]);
	run(&job[0]);
	while (--n > 0)
		pthread_join(thread[n], NULL);
	for (i = 0; i < t->parts && r == 0; i++)
		r = t->part[i].error;
	return r;
}

static void widen(struct list_table *t, const struct list_part *p)
{
	unsigned col;

	for (col = 0; col < t->columns; col++)
		if (p->width[col] > t->width[col])
			t->width[col] = p->width[col];
}

/* Which columns go first where there is no room for all: the least important. */
static unsigned fit(const struct list_table *t)
{
	static const char *const order[] = { "id", "tty", "exit", "active", "commands", "level",
		"from", "length", "host", "in", "uid", "end", "cwd" };
	unsigned char drop[LIST_COLUMNS + 1];
	unsigned n = 0, col;
	size_t i;

	for (i = 0; i < sizeof order / sizeof order[0]; i++)
		for (col = 0; col < t->columns; col++)
			if (strcmp(t->column[col]->name, order[i]) == 0)
				drop[n++] = (unsigned char)col;
	drop[n] = COLUMNS_END;
	return columns_fit(t->width, t->columns, LIST_GAP, drop);
}

static int make(struct text *t)
{
	size_t i;
	int r = with_all(t, list_part_fill);

	list_part_heads(&t->heads);
	if (r != 0 || (r = t->heads.error) != 0)
		return r;
	widen(&t->table, &t->heads);
	for (i = 0; i < t->parts; i++)
		widen(&t->table, &t->part[i]);
	t->table.kept = fit(&t->table);
	list_part_write(&t->heads);
	r = with_all(t, list_part_write);
	return r != 0 ? r : t->heads.error;
}

/* finish_stdout() says what is wrong. */
static void print(const struct text *t)
{
	size_t i;

	(void)fwrite(t->heads.text, 1, t->heads.text_len, stdout);
	for (i = 0; i < t->parts; i++)
		(void)fwrite(t->part[i].text, 1, t->part[i].text_len, stdout);
}

int list_text(const struct session_row *const *row, size_t rows,
    const struct list_column *const *column, unsigned columns, int color, int paged)
{
	struct text t = { .table = { .column = column, .columns = columns, .color = color } };
	size_t i;
	int r;

	divide(&t, row, rows);
	if ((r = make(&t)) == 0) {
		paged = paged && pager_begin(rows + 1);
		print(&t);
		if (paged)
			pager_end();
	}
	list_part_release(&t.heads);
	for (i = 0; i < t.parts; i++)
		list_part_release(&t.part[i]);
	return r;
}
