/* SPDX-License-Identifier: ISC */
#include "replay/player.h"

void player_ledger(struct player *p)
{
	session_ledger_release(&p->ledger);
	(void)session_ledger_read(&p->ledger, p->a, NULL);
	session_ledger_how(&p->ledger, p->entry->name.n, &p->expect, &p->judge_how);
}

int player_level(struct player *p)
{
	struct verdict *v = &p->proof.v;
	struct grade g = { 0 };

	if (!p->proof.done)
		return LEVEL_NONE;
	if (p->ledger.known)
		verify_grade(&p->ledger.v, p->entry, p->judge_how.expect, v, &g);
	return v->level;
}
