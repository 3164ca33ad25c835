/* SPDX-License-Identifier: ISC */
/* Gaps in what accounting knows, written into the records themselves. */
#include <stdio.h>
#include <string.h>

#include "accounting_internal.h"
#include "clock.h"
#include "err.h"
#include "log.h"

enum { BEGINS = 1, OVER = 2 };

static void put(struct accounting *a, uint8_t state, uint64_t from_boot_ns, const char *why)
{
	struct process_record r = { .kind = PROCESS_LOSS, .read_wall_ns = clock_wall() };
	struct process_loss l = { .source = LOSS_ACCT, .state = state,
		.from_boot_ns = from_boot_ns };
	char text[sizeof(l.text) + 1] = "";
	int e;

	snprintf(text, sizeof(text), "%s", why);
	memcpy(l.text, text, sizeof(l.text));
	process_loss_put(r.body, &l);
	if (a->store == NULL)
		return;
	if ((e = process_store_append(a->store, &r)) != 0)
		log_error("process accounting: a gap is not in the records: %s", err_text(e));
	else
		a->dirty = 1;
}

void accounting_gap_begins(struct accounting *a)
{
	a->gaps++;
	a->lost_from_ns = a->proved_ns;
	put(a, BEGINS, a->lost_from_ns, a->why);
}

void accounting_gap_over(struct accounting *a)
{
	put(a, OVER, a->lost_from_ns, a->why);
}

/* When the newest record of this boot was read, on the boot clock; 0: there is none. */
static uint64_t newest(const struct accounting *a)
{
	struct process_record last;
	struct process_boot boot;

	if (!process_store_last(a->store, &last) || !process_store_boot(a->store, &boot) ||
	    last.read_wall_ns <= boot.boot_wall_ns)
		return 0;
	return (uint64_t)(last.read_wall_ns - boot.boot_wall_ns);
}

void accounting_gap_started(struct accounting *a, int goes_on)
{
	uint64_t from = newest(a);

	if (goes_on)
		return;
	if (from != 0)
		put(a, BEGINS, from, "no collector");
	put(a, OVER, from, "no collector");
}

void accounting_gap_stopped(struct accounting *a)
{
	put(a, BEGINS, clock_boot(), "stopped");
}
