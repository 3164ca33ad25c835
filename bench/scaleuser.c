/* SPDX-License-Identifier: ISC */
/* bench/scaledrive: what one user does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scaledrive.h"

/* A key each 150 ms, a line of 20 keys, five seconds to think on average. */
#define KEY_MS 150
#define THINK_MS 10000    /* at most, all alike */
#define BUILD_MS 20000    /* between the end of one and the next, at most */
#define BUILD_KIB 64
#define BUILD_PROCS 16
#define REDRAW_FRAMES 40
#define REDRAW_HZ 2

const char *const kind_name[KINDS] = {"typing", "build", "redraw", "idle"};

static uint64_t state = 1;

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

void chance_seed(uint64_t seed)
{
	state = seed * 2 + 1;
}

/* xorshift64 */
uint64_t chance(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* Of ten: four type, one builds, two redraw, three are idle. */
enum kind kind_of(int i)
{
	static const enum kind mix[10] = {TYPIST, IDLER, REDRAWER, TYPIST, BUILDER, IDLER, TYPIST,
		REDRAWER, IDLER, TYPIST};

	return mix[i % 10];
}

static void send_keys(struct user *u, size_t count)
{
	ssize_t n;

	n = write(u->master, u->line + u->at, count);
	if (n < 0 && errno != EAGAIN) {
		fprintf(stderr, "scaledrive: a terminal takes no key: %s\n", strerror(errno));
		exit(1);
	}
	if (n <= 0)
		return;
	u->typed += (uint64_t)n;
	u->at += (size_t)n;
	if (u->at == u->len) {
		u->enter_ns = now_ns();
		u->at = u->len = 0;
		u->busy = 1;
	}
}

static void begin_line(struct user *u)
{
	int len;

	u->number++;
	switch (u->kind) {
	case BUILDER:
		len = snprintf(u->line, sizeof(u->line), "b %ld %d %d\r", u->number, BUILD_KIB, BUILD_PROCS);
		u->procs += BUILD_PROCS;
		break;
	case REDRAWER:
		len = snprintf(u->line, sizeof(u->line), "r %ld %d %d\r", u->number, REDRAW_FRAMES, REDRAW_HZ);
		break;
	default:
		len = snprintf(u->line, sizeof(u->line), "t %ld ls -l /usr/%04d\r", u->number,
		    (int)chance(10000));
	}
	u->at = 0;
	u->len = (size_t)len;
}

void user_leave(struct user *u)
{
	u->number++;
	u->at = 0;
	u->len = (size_t)snprintf(u->line, sizeof(u->line), "q %ld\r", u->number);
	send_keys(u, u->len);
}

void user_act(struct user *u, uint64_t now)
{
	static const unsigned rest_ms[KINDS] = {THINK_MS, BUILD_MS, 1000, 1};

	if (u->kind == IDLER) {
		u->next_ns = UINT64_MAX;
		return;
	}
	if (u->busy) { /* looks again; the rest comes once it is done */
		u->next_ns = now + (50 + chance(rest_ms[u->kind])) * MS;
		return;
	}
	if (u->len == 0)
		begin_line(u);
	send_keys(u, u->kind == TYPIST ? 1 : u->len - u->at);
	u->next_ns = now + (u->len > 0 ? KEY_MS : 50 + chance(rest_ms[u->kind])) * MS;
}

static void keep_time(struct times *t, uint64_t ns)
{
	if (t->count == t->room) {
		t->room = t->room * 2 + 1024;
		t->ns = realloc(t->ns, t->room * sizeof(*t->ns));
		if (t->ns == NULL)
			abort();
	}
	t->ns[t->count++] = ns;
}

/* Is this mark in the len bytes at p, or across their beginning? */
static int is_shown(const struct user *u, char c, const char *p, size_t len)
{
	char mark[32], seam[2 * LINE_ROOM];
	size_t n = (size_t)snprintf(mark, sizeof(mark), "%c%ld%c", c, u->number, c);
	size_t more = len < LINE_ROOM ? len : LINE_ROOM;

	memcpy(seam, u->tail, u->tail_len);
	memcpy(seam + u->tail_len, p, more);
	return memmem(seam, u->tail_len + more, mark, n) != NULL || memmem(p, len, mark, n) != NULL;
}

static void keep_tail(struct user *u, const char *p, size_t len)
{
	size_t keep = LINE_ROOM / 2 - 1;

	if (len >= keep) {
		memcpy(u->tail, p + len - keep, keep);
		u->tail_len = keep;
		return;
	}
	if (u->tail_len + len > keep) {
		memmove(u->tail, u->tail + u->tail_len + len - keep, keep - len);
		u->tail_len = keep - len;
	}
	memcpy(u->tail + u->tail_len, p, len);
	u->tail_len += len;
}

void user_sees(struct user *u, const char *p, size_t len, struct times *times)
{
	hash_add(&u->shown, p, len, NULL, 0);
	u->bytes += len;
	if (u->enter_ns != 0 && is_shown(u, '=', p, len)) {
		if (times != NULL)
			keep_time(times, now_ns() - u->enter_ns);
		u->enter_ns = 0;
	}
	if (!u->up && is_shown(u, '=', p, len))
		u->up = 1;
	if (u->busy && is_shown(u, '.', p, len))
		u->busy = 0;
	keep_tail(u, p, len);
}
