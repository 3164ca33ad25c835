/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "array.h"
#include "auditor.h"
#include "procs/procs.h"

struct procs_reverse {
	struct procs_sink to;
	struct procs_copy **row;
	size_t count, room;
};

struct procs_reverse *procs_reverse_new(struct procs_sink to)
{
	struct procs_reverse *v = calloc(1, sizeof *v);

	if (v != NULL)
		v->to = to;
	return v;
}

void procs_reverse_row(void *reverse, const struct procs_row *r)
{
	struct procs_reverse *v = reverse;

	if (array_room(&v->row, v->count, &v->room, sizeof(struct procs_copy *)) != 0 ||
	    (v->row[v->count] = procs_copy_new(r)) == NULL) {
		complain("no memory for more than %zu records; ask for fewer", v->count);
		exit(AUDIT_CANNOT);
	}
	v->count++;
}

void procs_reverse_end(struct procs_reverse *v)
{
	while (v->count > 0) {
		v->count--;
		v->to.row(v->to.ctx, procs_copy_row(v->row[v->count]));
		procs_copy_free(v->row[v->count]);
	}
	free(v->row);
	free(v);
}
