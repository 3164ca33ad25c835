/* SPDX-License-Identifier: ISC */
#include "procs/procs.h"
#include "screen/commands.h"

#define TICK_NS INT64_C(10000000)

int64_t commands_begin(const struct cert *cert, const struct session_lives *l)
{
	size_t i;

	for (i = 0; l != NULL && i < l->lives; i++) {
		const struct procs_row *r = procs_copy_row(l->life[i]);

		if (r->record != NULL && r->record->start_ticks != 0 && r->record->start_ticks <
		    UINT64_C(1) << 40)
			return r->start_ns - (int64_t)r->record->start_ticks * TICK_NS +
			    (int64_t)cert->boot_ns;
	}
	return cert->wall_ns;
}

int commands_of(struct commands *out, struct auditor *a, struct store_session *e,
    struct verdict *v)
{
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	struct commands_gather *g;
	struct session_lives *lives = NULL;
	struct cert cert = { 0 };
	int r = commands_gather_new(&g);

	if (r != 0)
		return r;
	r = shown_session(&a->store, e, &how, commands_gather_event, g, v);
	if (r == 0)
		r = session_lives_of(&lives, a, e->name.n);
	if (r == 0) {
		if (v->chain.have_cert)
			cert = v->chain.cert;
		r = commands_join(out, g, lives, commands_begin(&cert, lives));
		if (r != 0)
			commands_release(out);
	}
	commands_gather_free(g);
	return r;
}
