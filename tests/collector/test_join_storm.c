/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../lib/suite.h"
#include "join_fixture.h"

/* A made up world, its truth known: processes start, end and lose their parents,
 * pids are few and come back at once.  Read in batches of any size. */
#define WORLD_PIDS 400
#define WORLD_STEPS 30000

static struct {
	int alive;
	uint32_t ppid;
	uint64_t session, start;
} world[WORLD_PIDS];
static uint64_t truth[OUT_MAX];
static size_t truths;

static void world_alive(void)
{
	alive_count = 0;
	for (uint32_t p = 1; p < WORLD_PIDS && alive_count < ALIVE_MAX; p++)
		if (world[p].alive)
			lives((pid_t)p, (pid_t)world[p].ppid, world[p].start);
}

static uint32_t pick(int want_alive)
{
	uint32_t p;

	do
		p = 1 + (uint32_t)(random() % (WORLD_PIDS - 1));
	while (world[p].alive != want_alive);
	return p;
}

static void world_end(uint32_t p)
{
	push(p, world[p].ppid);
	truth[truths++] = world[p].session;
	world[p].alive = 0;
	for (uint32_t c = 1; c < WORLD_PIDS; c++)
		if (world[c].alive && world[c].ppid == p)
			world[c].ppid = world[c].session != 0 ? 9 + (uint32_t)world[c].session : 1;
}

static void world_start(uint64_t now, int population)
{
	uint32_t parent = pick(1), p;

	if (population >= ALIVE_MAX - 4)
		return;
	p = pick(0);
	world[p].alive = 1;
	world[p].ppid = parent;
	world[p].session = parent >= 10 && parent < 13 ? parent - 9 : world[parent].session;
	world[p].start = now;
}

START_TEST(storm)
{
	int population = 4;

	srandom(4);
	memset(world, 0, sizeof(world));
	truths = 0;
	world[1].alive = 1;
	for (uint32_t k = 10; k < 13; k++) {
		world[k].alive = 1;
		world[k].ppid = 1;
	}
	world_alive();
	for (uint32_t k = 10; k < 13; k++)
		ck_assert_int_eq(join_add_keeper(j, k - 9, (pid_t)k, 0, 0, 1), 0);
	for (uint64_t now = 1; now < WORLD_STEPS; now++) {
		uint32_t p = pick(1);

		if (random() % 2 && p != 1 && !(p >= 10 && p < 13)) {
			world_end(p);
			population--;
		} else if (population < ALIVE_MAX - 4) {
			world_start(now, population);
			population++;
		}
		if (random() % 50 == 0) {
			world_alive();
			settle();
		}
	}
	world_alive();
	settle();
	ck_assert_uint_eq(out_count, truths);
	ck_assert_uint_gt(truths, WORLD_STEPS / 4);
	for (size_t i = 0; i < truths; i++)
		ck_assert_uint_eq(out[i].session, truth[i]);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("join storm");

	tcase_add_checked_fixture(t, join_setup, join_teardown);
	tcase_add_test(t, storm);
	return suite_run_case("join storm", t);
}
