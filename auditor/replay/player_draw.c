/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "escape.h"
#include "replay/player.h"
#include "replay/status.h"
#include "replay/where.h"

static const char *const keys[] = {
	" space  pause, go on           .      next output, or skip a pause ",
	" right  10 seconds on          left   10 seconds back             ",
	" up     a minute on            down   a minute back               ",
	" + }    twice as fast          - {    half as fast                ",
	" g      to the beginning       G      to the end                  ",
	" t      to a time              /      look for a text             ",
	" n      to the next place      N      to the one before           ",
	" ]      to the next command    [      to the one before           ",
	" HJKL   move the view (also Shift with arrows), z back to the cursor",
	" ^L     draw anew              ^Z     stop, fg goes on            ",
	" ?      these keys             q      quit                        ",
};
#define COMMAND_SHOWN 60 /* bytes of the running command */
#define KEYS (int)(sizeof keys / sizeof keys[0])

static void draw_help(struct player *p)
{
	struct view *v = &p->view;
	int width = (int)strlen(keys[0]), row = (v->rows - 1 - KEYS) / 2, col, i;

	col = v->cols > width ? (v->cols - width) / 2 : 0;
	for (i = 0; i < KEYS; i++)
		if (row + i >= 0 && row + i < v->rows - 1)
			view_text(v, row + i, col, keys[i], SCREEN_REVERSE);
	v->visible = 0;
}

/* The chunk where a check failed, as far as anybody looked. */
static int64_t damaged(const struct player *p)
{
	const struct judge *j = &p->proof.judge;

	return j->damaged && strcmp(j->file.finding.kind, "torn") != 0 ? j->file.finding.chunk : -1;
}

static const char *state_of(const struct player *p)
{
	if (p->ended)
		return p->follow.on ? "LIVE" : "END";
	return p->paused ? "PAUSED" : "";
}

static void draw_status(struct player *p)
{
	const struct head *h = &p->reel.front;
	char text[STATUS_MAX], hits[PLAYER_HITS], command[PLAYER_MESSAGE];
	const struct command_line *doing = doings_at(&p->doings, p->pos_ns);
	struct status s = {
		.pos_ns = p->pos_ns, .length_ns = proof_length(&p->proof),
		.length_known = p->proof.done, .state = state_of(p), .speed = p->how.speed,
		.chunk = h->chunk, .sealed = h->sealed, .v = p->proof.done ? &p->proof.v : NULL,
		.damaged = damaged(p), .level = player_level(p), .hits = hits, .command = command,
		.message = p->message,
	};

	player_hits_text(p, hits);
	snprintf(command, sizeof command, "%s%.*s", doing != NULL ? "$ " : "",
	    doing != NULL ? COMMAND_SHOWN : 0, doing != NULL ? doing->text : "");
	if (s.length_ns < p->reel.front.at_ns)
		s.length_ns = p->reel.front.at_ns;
	if (h->in->file.chain.have_cert)
		s.wall_ns = chunks_wall(h->in, p->pos_ns);
	status_line(text, sizeof text, p->view.cols, &s);
	view_text(&p->view, p->view.rows - 1, 0, text, SCREEN_REVERSE);
}

static void draw_prompt(struct player *p)
{
	char safe[4 * PROMPT_MAX], text[sizeof safe + 32];
	int len;

	escape_bytes(safe, sizeof safe, p->prompt.text, p->prompt.len);
	len = snprintf(text, sizeof text, p->prompt.asked == '/' ? " look for: %s" :
	    " go to (" WHERE_WORDS "): %s", safe);
	view_text(&p->view, p->view.rows - 1, 0, text, SCREEN_REVERSE);
	p->view.row = p->view.rows - 1;
	p->view.col = len < p->view.cols ? len : p->view.cols - 1;
	p->view.visible = 1;
}

void player_draw(struct player *p)
{
	struct view *v = &p->view;

	view_compose(v, p->reel.front.screen);
	if (p->matching)
		player_mark(p);
	if (p->help)
		draw_help(p);
	if (p->prompt.asked != 0)
		draw_prompt(p);
	else
		draw_status(p);
	draw_cells(&p->draw, v->cells, v->row, v->col, v->visible);
	sink_flush(&p->out);
	p->drawn_ns = clock_mono();
	p->dirty = 0;
}
