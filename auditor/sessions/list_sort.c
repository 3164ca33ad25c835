/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

struct keys {
	const struct list_column *column[LIST_COLUMNS];
	int down[LIST_COLUMNS];
	unsigned keys;
};

static int read_keys(struct keys *k, const char *text, const char **wrong)
{
	size_t len;

	for (k->keys = 0;; text++) {
		*wrong = text;
		if (k->keys == LIST_COLUMNS)
			return -EINVAL;
		k->down[k->keys] = *text == '-';
		text += *text == '-';
		len = strcspn(text, ",");
		k->column[k->keys] = list_column(text, len);
		if (k->column[k->keys++] == NULL)
			return -EINVAL;
		text += len;
		if (*text == '\0')
			return 0;
	}
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct session_row *x = *(const struct session_row *const *)a;
	const struct session_row *y = *(const struct session_row *const *)b;
	const struct keys *k = arg;
	unsigned i;

	for (i = 0; i < k->keys; i++) {
		int r = k->column[i]->compare(x, y);

		if (r != 0)
			return k->down[i] ? -r : r;
	}
	/* as they stood, which is their order in memory */
	return (x > y) - (x < y);
}

int list_sort(const struct session_row **row, size_t rows, const char *text, const char **wrong)
{
	struct keys k;
	int r = read_keys(&k, text, wrong);

	if (r == 0 && rows > 0)
		qsort_r(row, rows, sizeof *row, compare, &k);
	return r;
}
