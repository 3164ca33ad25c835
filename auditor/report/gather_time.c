/* SPDX-License-Identifier: ISC */
#include <sys/timex.h>

#include "report/gather.h"

static const struct report_column step_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "step_s", "SET BY", REPORT_LENGTH },
	{ "state", "CLOCK", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const struct report_column run_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "last_leaf", "TO LEAF", REPORT_NUMBER },
	{ "start", "BEGIN", REPORT_WALL },
	{ "end", "END", REPORT_WALL },
	{ "state", "CLOCK", REPORT_TEXT },
	{ "epochs", "EPOCHS", REPORT_COUNT },
	{ "error_us", "ESTIMATED ERROR, US", REPORT_COUNT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const char *state_word(int right)
{
	return right ? "synchronised" : "NOT SYNCHRONISED";
}

void gather_time_begin(struct gather *g)
{
	g->step_table = report_table(g->r, REPORT_TIME, "steps", "Steps of the wall clock",
	    step_columns, sizeof step_columns / sizeof step_columns[0]);
	g->clock_table = report_table(g->r, REPORT_TIME, "states",
	    "What the kernel said of its clock, by the ledger's epochs", run_columns,
	    sizeof run_columns / sizeof run_columns[0]);
}

static void end_run(struct gather *g)
{
	struct report_table *t = g->clock_table;

	if (g->run_state < 0)
		return;
	report_row(t, TOPIC_CLOCK);
	report_number(t, (int64_t)g->run_leaf);
	report_number(t, (int64_t)g->run_last);
	report_number(t, g->run_from_ns);
	report_number(t, g->run_to_ns);
	report_text(t, state_word(g->run_state));
	report_number(t, (int64_t)g->run_epochs);
	report_number(t, g->run_error_us <= INT64_MAX ? (int64_t)g->run_error_us :
	    REPORT_UNKNOWN);
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)g->run_leaf);
	g->run_state = -1;
}

static void take_epoch(struct gather *g, const struct entry *e)
{
	int right = (e->u.epoch.clock_state & STA_UNSYNC) == 0;

	if (right != g->run_state) {
		end_run(g);
		g->run_state = right;
		g->run_epochs = g->run_error_us = 0;
		g->run_leaf = e->index;
		g->run_from_ns = e->wall_ns;
	}
	g->run_epochs++;
	g->run_last = e->index;
	g->run_to_ns = e->wall_ns;
	if (e->u.epoch.est_error_us > g->run_error_us)
		g->run_error_us = e->u.epoch.est_error_us;
	g->epochs++;
	g->epochs_wild += !right;
}

static void take_step(struct gather *g, const struct entry *e)
{
	struct report_table *t = g->step_table;

	report_row(t, TOPIC_CLOCK);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_number(t, e->u.clock.step_ns);
	report_text(t, state_word((e->u.clock.clock_state & STA_UNSYNC) == 0));
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)e->index);
}

void gather_time_entry(struct gather *g, const struct entry *e)
{
	if (!gather_wants(g, e->wall_ns))
		return;
	if (e->type == ENTRY_EPOCH)
		take_epoch(g, e);
	else if (e->type == ENTRY_CLOCK)
		take_step(g, e);
}

void gather_time_end(struct gather *g)
{
	end_run(g);
	report_fact_number(g->r, REPORT_TIME, TOPIC_CLOCK, "epochs", REPORT_COUNT,
	    (int64_t)g->epochs);
	report_fact_number(g->r, REPORT_TIME, TOPIC_CLOCK, "of these not synchronised",
	    REPORT_COUNT, (int64_t)g->epochs_wild);
	report_fact_number(g->r, REPORT_TIME, TOPIC_CLOCK, "steps of the wall clock", REPORT_COUNT,
	    (int64_t)g->step_table->rows);
	if (g->epochs == 0)
		report_gap(g->r, REPORT_TIME, TOPIC_CLOCK, NULL,
		    "epochs in this time: nothing says how the clock was");
	if (g->epochs_wild > 0)
		report_gap(g->r, REPORT_TIME, TOPIC_CLOCK, "timedatectl status",
		    "synchronisation of the clock in %llu of %llu epochs",
		    (unsigned long long)g->epochs_wild, (unsigned long long)g->epochs);
}
