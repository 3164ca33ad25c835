/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "escape.h"
#include "replay/found.h"
#include "replay/player.h"

#define WORK_NS UINT64_C(20000000) /* between two looks at the keys */

void player_match_end(struct player *p)
{
	if (p->matching)
		hits_release(&p->hits);
	p->matching = 0;
}

int player_match(struct player *p, const char *text)
{
	char why[PATTERN_WHY];
	struct pattern *pattern;
	int r = pattern_new(&pattern, text, p->how.match_flags, why);

	if (r == E_FORMAT) {
		player_say(p, "%s", why);
		return 0;
	}
	if (r != 0)
		return r;
	player_match_end(p);
	p->matching = 1;
	p->hit = (struct hit){ .at_ns = UINT64_MAX };
	return hits_open(&p->hits, p->fd, &p->reel.seen, pattern);
}

static void found_one(void *arg, int row, int from, int to)
{
	struct player *p = arg;

	view_mark(&p->view, p->reel.front.screen, row, from, to);
}

void player_mark(struct player *p)
{
	struct screen *s = p->reel.front.screen;

	(void)found_on_screen(s, 0, screen_rows(s) - 1, p->hits.pattern, found_one, p);
}

static void found_none(void *arg, int row, int from, int to)
{
	(void)arg;
	(void)row;
	(void)from;
	(void)to;
}

/* Is it in the line that the last step ended, or, with the event's end, anywhere? */
static int is_there(const struct player *p, int whole)
{
	const struct screen *s = p->reel.front.screen;
	int row, col, visible;

	screen_cursor(s, &row, &col, &visible);
	if (row > 0)
		row--;
	return found_on_screen(s, whole ? 0 : row, whole ? screen_rows(s) - 1 : row,
	    p->hits.pattern, found_none, NULL) > 0;
}

/* Up to the moment when it stood there, in the middle of what came at once. */
static int step_to(struct player *p, const struct hit *hit)
{
	struct head *h = &p->reel.front;
	unsigned seen = 0;
	int r, more;

	while ((r = head_peek(h)) > 0 && h->next.at_ns <= hit->at_ns) {
		more = head_step(h);
		if (is_there(p, !more) && seen++ >= hit->nth)
			return 0;
	}
	return r < 0 ? r : 0;
}

/* All of them must be known: a line is told of when it leaves the screen. */
static int find_all(struct player *p)
{
	int r = 0;

	while (!p->hits.done && (r = hits_work(&p->hits, WORK_NS)) > 0)
		if (player_busy(p, "looking", study_at(&p->hits.study), proof_length(&p->proof)))
			break;
	return r < 0 ? r : 0;
}

static int go_hit(struct player *p, const struct hit *hit)
{
	int r = player_go(p, hit->at_ns > 0 ? hit->at_ns - 1 : 0);

	if (r == 0)
		r = step_to(p, hit);
	p->hit = *hit;
	p->pos_ns = hit->at_ns;
	p->paused = p->terminal.keys >= 0;
	p->mono_ns = clock_mono();
	p->dirty = 1;
	return r;
}

int player_hit(struct player *p, int way)
{
	struct hit from = { .at_ns = p->pos_ns, .nth = way > 0 ? UINT32_MAX : 0 };
	const struct hit *hit;
	int r;

	if (!p->matching) {
		player_say(p, "/ asks what to look for");
		return 0;
	}
	if ((r = find_all(p)) != 0)
		return r;
	if (p->hit.at_ns == p->pos_ns)
		from = p->hit;
	hit = way > 0 ? hits_next(&p->hits, &from) : hits_before(&p->hits, &from);
	if (hit != NULL)
		return go_hit(p, hit);
	player_say(p, p->hits.hits == 0 ? "it is nowhere" : way > 0 ? "it is not behind this" :
	    "it is not before this");
	return 0;
}

void player_hits_text(const struct player *p, char text[PLAYER_HITS])
{
	char safe[PLAYER_HITS - 50];
	size_t n = 0;

	text[0] = '\0';
	if (!p->matching)
		return;
	while (n < p->hits.hits && (p->hits.hit[n].at_ns < p->pos_ns ||
	    (p->hits.hit[n].at_ns == p->pos_ns && p->hits.hit[n].nth <= p->hit.nth)))
		n++;
	escape_str(safe, sizeof safe, pattern_text(p->hits.pattern));
	snprintf(text, PLAYER_HITS, "%zu/%zu%s %s", n, p->hits.hits, p->hits.done ? "" : "+", safe);
}

int player_command(struct player *p, int way)
{
	struct doings *d = &p->doings;
	const struct command_line *c;
	int r = 0;

	while (!d->done && (r = doings_work(d, WORK_NS)) > 0)
		if (player_busy(p, "reading", study_at(&d->study), proof_length(&p->proof)))
			break;
	if (r < 0)
		return r;
	c = way > 0 ? doings_next(d, p->pos_ns) : doings_before(d, p->pos_ns);
	if (c != NULL)
		return player_go(p, c->at_ns);
	player_say(p, way > 0 ? "no command behind this" : "no command before this");
	return 0;
}
