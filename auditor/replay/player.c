/* SPDX-License-Identifier: ISC */
#include "replay/player.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "escape.h"

#define MS UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)
#define DRAW_NS (16 * MS)       /* between two drawings */
#define BURST_NS (12 * MS)      /* of work between two looks at the keys */
#define WORK_NS (3 * MS)        /* of work in a wait, */
#define SCOUT_NS (8 * MS)       /* and of the scout's, who takes a while to begin */
#define FIRST_WORK_NS (150 * MS) /* before the first picture: a short session is known then */
#define TICK_NS (250 * MS)      /* the clock on the screen */
#define SIGNALLED(key) ((key) >= TERMINAL_SIGNAL && (key) < KEY_UP)

void player_say(struct player *p, const char *fmt, ...)
{
	char raw[PLAYER_MESSAGE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	escape_str(p->message, sizeof p->message, raw);
	p->dirty = 1;
}

static int can_be_seen(const struct shown_event *x)
{
	return x->e.type == FRAME_OUTPUT || x->e.type == FRAME_WINDOW;
}

/* A longer pause than is waited for is cut, up to what can be seen next. */
static void cut_pause(struct player *p)
{
	const struct shown_event *next = &p->reel.front.next;
	uint64_t wait = p->how.max_wait_ns;

	if (next->at_ns <= p->pos_ns || next->at_ns - p->pos_ns <= wait)
		return;
	p->pos_ns = next->at_ns - (can_be_seen(next) ? wait : 0);
}

static void move_clock(struct player *p)
{
	uint64_t now = clock_mono();

	if (!p->paused && !p->ended)
		p->pos_ns += (uint64_t)((double)(now - p->mono_ns) * p->how.speed);
	p->mono_ns = now;
}

/* At the end nothing moves the clock. */
static void at_end(struct player *p)
{
	p->ended = 1;
	p->live = p->follow.on;
	if (p->pos_ns > p->reel.front.at_ns)
		p->pos_ns = p->reel.front.at_ns;
}

/* Puts what is due on the screen, for a short while.  0 or negative. */
static int catch_up(struct player *p)
{
	struct head *h = &p->reel.front;
	uint64_t stop = clock_mono() + BURST_NS;
	int r, count = 0, was = p->ended;

	move_clock(p);
	p->ended = 0;
	while ((r = head_peek(h)) > 0 && !p->paused) {
		if (p->live || p->how.no_wait)
			p->pos_ns = h->next.at_ns;
		cut_pause(p);
		if (h->next.at_ns > p->pos_ns)
			break;
		head_take(h);
		p->dirty = 1;
		if (++count % 16 == 0 && clock_mono() > stop)
			break;
	}
	if (r == 0)
		at_end(p);
	if (p->ended != was)
		p->dirty = 1;
	return r < 0 ? r : 0;
}

int player_skip(struct player *p)
{
	struct head *h = &p->reel.front;
	int r, seen = 0;

	while (!seen && (r = head_peek(h)) > 0) {
		seen = can_be_seen(&h->next);
		head_take(h);
		p->pos_ns = h->at_ns;
	}
	p->mono_ns = clock_mono();
	p->dirty = 1;
	return seen || r == 0 ? 0 : r;
}

/* A signal, or a key that is no command of the player's. */
static int handle(struct player *p, int key)
{
	uint16_t rows, cols;

	if (key == TERMINAL_SIGNAL + SIGWINCH) {
		if (terminal_size(&rows, &cols) && view_resize(&p->view, rows, cols) == 0)
			(void)draw_resize(&p->draw, p->view.rows, p->view.cols);
		p->dirty = 1;
		return 0;
	}
	if (key == TERMINAL_SIGNAL + SIGTSTP) {
		draw_leave(&p->draw);
		sink_flush(&p->out);
		terminal_stop(&p->terminal);
		draw_enter(&p->draw);
		p->mono_ns = clock_mono();
		return handle(p, TERMINAL_SIGNAL + SIGWINCH);
	}
	if (SIGNALLED(key)) {
		p->stopped = key;
		return 0;
	}
	if (key == 0)
		return 0;
	p->steered = 1;
	return player_key(p, key);
}

int player_busy(struct player *p, const char *what, uint64_t done, uint64_t all)
{
	uint64_t now = clock_mono();
	int key;

	if (now - p->drawn_ns < 100 * MS)
		return 0;
	player_say(p, "%s %u %%, Escape stops it", what,
	    all > 0 && done < all ? (unsigned)(done * 100 / all) : 0);
	player_draw(p);
	p->message[0] = '\0';
	key = terminal_wait(&p->terminal, 0);
	if (SIGNALLED(key))
		(void)handle(p, key);
	return p->stopped != 0 || key == 0x1b || key == 'q';
}

int player_go(struct player *p, uint64_t at_ns)
{
	struct reel *r = &p->reel;
	int e = 1;

	while (reel_known(r) < at_ns && (e = reel_scout(r, SCOUT_NS)) > 0)
		if (player_busy(p, "reading", reel_known(r), proof_length(&p->proof)))
			break;
	if (e >= 0)
		e = reel_seek(r, at_ns);
	p->pos_ns = at_ns < r->front.at_ns || head_peek(&r->front) > 0 ? at_ns : r->front.at_ns;
	p->mono_ns = clock_mono();
	p->ended = p->live = 0;
	p->dirty = 1;
	return e;
}

/* Something to do in a wait of so many nanoseconds?  Does a bit of it: 1, or 0; or
 * negative. */
static int work(struct player *p, uint64_t ns)
{
	int r;

	if (proof_work(&p->proof, WORK_NS))
		return 1;
	if (p->how.no_wait || ns < 2 * SCOUT_NS)
		return 0;
	if ((r = reel_scout(&p->reel, SCOUT_NS)) != 0)
		return r;
	if (p->matching && (r = hits_work(&p->hits, SCOUT_NS)) != 0)
		return r;
	return doings_work(&p->doings, SCOUT_NS);
}

/* How long nothing is to be done: to what comes next, or to the next picture. */
static uint64_t free_time(const struct player *p)
{
	const struct head *h = &p->reel.front;
	double ns;

	if (p->how.no_wait && !p->ended)
		return 0;
	if (p->paused || !h->have)
		return p->follow.on ? TICK_NS : 3600 * SECOND;
	ns = h->next.at_ns > p->pos_ns ? (double)(h->next.at_ns - p->pos_ns) / p->how.speed : 0;
	return ns < (double)TICK_NS ? (uint64_t)ns : TICK_NS;
}

/* A key or a signal, or 0 when time is up; *r is negative when nothing can go on. */
static int wait_for(struct player *p, uint64_t ns, int *r)
{
	uint64_t end = clock_mono() + ns, now;
	int key = terminal_wait(&p->terminal, 0);

	while (key == 0 && (now = clock_mono()) < end) {
		if ((*r = work(p, end - now)) < 0)
			return 0;
		key = terminal_wait(&p->terminal, *r > 0 ? 0 : end - now);
		if (*r == 0)
			break;
	}
	return key;
}

static void draw_if_time(struct player *p, uint64_t wait_ns)
{
	uint64_t now = clock_mono();

	if (!p->dirty && now - p->drawn_ns < TICK_NS)
		return;
	if (wait_ns >= DRAW_NS || now - p->drawn_ns >= DRAW_NS)
		player_draw(p);
}

/* Is there nothing more to wait for? */
static int is_over(const struct player *p)
{
	return p->ended && !p->follow.on &&
	    (!p->steered || p->how.no_wait || p->terminal.keys < 0);
}

/* Has it gone on? */
static void look(struct player *p)
{
	if (follow_look(&p->follow, p->fd, &p->a->store, p->entry))
		reel_again(&p->reel);
}

static int play(struct player *p)
{
	uint64_t wait;
	int key, r = 0;

	while (r == 0 && p->stopped == 0 && p->out.error == 0) {
		if ((r = catch_up(p)) != 0)
			break;
		if (p->ended && p->follow.on)
			look(p);
		else if (is_over(p))
			break;
		wait = free_time(p);
		draw_if_time(p, wait);
		key = wait_for(p, wait, &r);
		if (r >= 0)
			r = handle(p, key);
	}
	if (r == 0 && p->stopped == 0)
		player_draw(p);
	return r != 0 ? r : p->out.error;
}

/* Where it begins: --at, or for one that is followed the present. */
static int begin(struct player *p)
{
	int r = 0;

	if (p->how.follow)
		follow_begin(&p->follow, p->reel.front.in, p->reel.scout.in);
	if (p->how.at != NULL)
		r = player_place(p, p->how.at);
	else if (p->how.follow)
		r = player_go(p, UINT64_MAX);
	if (r < 0 || p->how.match == NULL)
		return r;
	r = player_match(p, p->how.match);
	return r == 0 && p->matching ? player_hit(p, 1) : r;
}

/* The last screen stays on the terminal, as a program's output does. */
static void leave_screen(struct player *p)
{
	const struct screen *s = p->reel.front.screen;
	char text[SCREEN_TEXT_MAX(1) + 1];
	int row, last = screen_rows(s) - 1;

	while (last >= 0 && screen_text(screen_row(s, last), screen_cols(s), text, sizeof text) == 0)
		last--;
	for (row = 0; row <= last; row++)
		draw_line(&p->draw, screen_row(s, row), screen_cols(s));
}

static int on_terminal(struct player *p)
{
	int r = terminal_open(&p->terminal);

	if (r == 0) {
		draw_enter(&p->draw);
		p->mono_ns = clock_mono();
		p->dirty = 1;
		r = begin(p);
		if (r == 0)
			r = play(p);
		draw_leave(&p->draw);
		if (r == 0 && p->stopped == 0 && !p->steered)
			leave_screen(p);
		sink_flush(&p->out);
	}
	terminal_close(&p->terminal);
	return r;
}

static int open_all(struct player *p)
{
	uint16_t rows = HEAD_ROWS, cols = HEAD_COLS;
	int r;

	(void)terminal_size(&rows, &cols);
	if ((r = sink_init(&p->out, STDOUT_FILENO)) != 0 ||
	    (r = view_init(&p->view, rows, cols)) != 0 ||
	    (r = draw_init(&p->draw, &p->out, draw_colours_of(getenv("TERM"), getenv("COLORTERM")),
	    p->view.rows, p->view.cols)) != 0 || (r = reel_open(&p->reel, p->fd)) != 0 ||
	    (r = doings_open(&p->doings, p->fd, &p->reel.seen)) != 0)
		return r;
	player_ledger(p);
	if ((r = proof_open(&p->proof, p->fd, p->entry, &p->judge_how)) != 0)
		return r;
	(void)proof_work(&p->proof, FIRST_WORK_NS);
	return 0;
}

static void close_all(struct player *p)
{
	proof_release(&p->proof);
	session_ledger_release(&p->ledger);
	player_match_end(p);
	doings_release(&p->doings);
	reel_release(&p->reel);
	draw_release(&p->draw);
	view_release(&p->view);
	sink_release(&p->out);
	close(p->fd);
	free(p);
}

/* The rest of the verdict, which may take a while; a signal ends that as any program. */
static int finish(struct player *p, struct verdict *v)
{
	if (p->how.follow) {
		player_ledger(p); /* it has gone on, too */
		return judge_session(&p->a->store, p->entry, &p->judge_how, v);
	}
	while (p->stopped < TERMINAL_SIGNAL && proof_work(&p->proof, SECOND))
		;
	if (p->proof.done)
		*v = p->proof.v;
	return p->proof.error;
}

int player_session(struct auditor *a, struct store_session *e, const struct player_how *how,
    struct verdict *v, int *stopped)
{
	struct player *p = calloc(1, sizeof *p);
	int r;

	if (p == NULL)
		return -ENOMEM;
	p->a = a;
	p->entry = e;
	p->how = *how;
	p->fd = store_open_session(&a->store, e);
	if (p->fd < 0) {
		r = p->fd;
		free(p);
		return r;
	}
	r = open_all(p);
	if (r == 0)
		r = on_terminal(p);
	if (r == 0)
		r = finish(p, v);
	*stopped = p->stopped;
	close_all(p);
	return r;
}
