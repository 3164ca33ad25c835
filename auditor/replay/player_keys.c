/* SPDX-License-Identifier: ISC */
#include "clock.h"
#include "replay/where.h"
#include "replay/player.h"

#define CONTROL(c) ((c) & 0x1f)
#define SECOND UINT64_C(1000000000)
#define STEP_NS (10 * SECOND)
#define LEAP_NS (60 * SECOND)

static int back(struct player *p, uint64_t ns)
{
	return player_go(p, p->pos_ns > ns ? p->pos_ns - ns : 0);
}

static int forth(struct player *p, uint64_t ns)
{
	return player_go(p, p->pos_ns + ns);
}

static void change_speed(struct player *p, double by)
{
	double speed = p->how.speed * by;

	if (speed >= PLAYER_SPEED_MIN && speed <= PLAYER_SPEED_MAX)
		p->how.speed = speed;
}

static void pan(struct player *p, int rows, int cols)
{
	view_pan(&p->view, p->reel.front.screen, rows, cols);
}

static int go_place(struct player *p, const struct where *at)
{
	struct reel *r = &p->reel;
	int e;

	if (at->kind == WHERE_ELAPSED)
		return player_go(p, at->elapsed_ns);
	if (at->kind == WHERE_WALL)
		e = reel_seek_wall(r, at->wall_ns);
	else
		e = reel_seek_chunk(r, at->chunk);
	p->pos_ns = r->front.at_ns;
	p->mono_ns = clock_mono();
	p->ended = p->live = 0;
	return e;
}

int player_place(struct player *p, const char *text)
{
	struct where at;
	int r = head_peek(&p->reel.front);

	if (r < 0)
		return r;
	r = where_parse(&at, text, chunks_wall(p->reel.front.in, 0), clock_wall());
	if (r == 0)
		return go_place(p, &at);
	player_say(p, "no such time: %s", WHERE_WORDS);
	return 0;
}

static int answered(struct player *p, int key)
{
	int what = p->prompt.asked;
	enum prompt_end end = prompt_key(&p->prompt, key);
	int r;

	if (end == PROMPT_GOES_ON)
		return 0;
	p->prompt.asked = 0;
	p->mono_ns = clock_mono();
	if (end == PROMPT_LEFT || p->prompt.len == 0)
		return 0;
	if (what == 't')
		return player_place(p, p->prompt.text);
	r = player_match(p, p->prompt.text);
	return r == 0 && p->matching ? player_hit(p, 1) : r;
}

/* Keys that go somewhere.  1: it was none of them. */
static int moves(struct player *p, int key)
{
	switch (key) {
	case KEY_RIGHT:
		return forth(p, STEP_NS);
	case KEY_LEFT:
		return back(p, STEP_NS);
	case KEY_UP: case KEY_PAGE_UP:
		return forth(p, LEAP_NS);
	case KEY_DOWN: case KEY_PAGE_DOWN:
		return back(p, LEAP_NS);
	case '.':
		return player_skip(p);
	case 'n':
		return player_hit(p, 1);
	case 'N':
		return player_hit(p, -1);
	case ']':
		return player_command(p, 1);
	case '[':
		return player_command(p, -1);
	case 'g': case KEY_HOME:
		return player_go(p, 0);
	case 'G': case KEY_END:
		return player_go(p, UINT64_MAX);
	default:
		return 1;
	}
}

/* Keys that change what is seen.  1: it was none of them. */
static int looks(struct player *p, int key)
{
	switch (key) {
	case 'H': case KEY_SHIFT_LEFT:
		pan(p, 0, -p->view.cols / 4);
		return 0;
	case 'L': case KEY_SHIFT_RIGHT:
		pan(p, 0, p->view.cols / 4);
		return 0;
	case 'K': case KEY_SHIFT_UP:
		pan(p, -p->view.rows / 4, 0);
		return 0;
	case 'J': case KEY_SHIFT_DOWN:
		pan(p, p->view.rows / 4, 0);
		return 0;
	case 'z':
		p->view.panned = 0;
		return 0;
	case CONTROL('l'):
		p->draw.known = 0;
		return 0;
	case '?': case 'h':
		p->help = 1;
		return 0;
	default:
		return 1;
	}
}

static int other(struct player *p, int key)
{
	switch (key) {
	case ' ':
		p->paused = !p->paused;
		p->live = 0;
		p->mono_ns = clock_mono();
		break;
	case '+': case '}':
		change_speed(p, 2);
		break;
	case '-': case '{':
		change_speed(p, 0.5);
		break;
	case 't': case '/':
		prompt_ask(&p->prompt, key);
		break;
	case 'q':
		p->stopped = 1;
		break;
	default:
		player_say(p, "? shows the keys");
		break;
	}
	return 0;
}

int player_key(struct player *p, int key)
{
	int r;

	p->dirty = 1;
	if (p->prompt.asked != 0)
		return answered(p, key);
	p->message[0] = '\0';
	if (p->help && key != 'q') {
		p->help = 0;
		return 0;
	}
	if ((r = moves(p, key)) <= 0 || (r = looks(p, key)) <= 0)
		return r;
	return other(p, key);
}
