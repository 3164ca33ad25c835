/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <unistd.h>

#include "../../collector/gate.h"
#include "../../collector/quota.h"
#include "../../collector/space.h"
#include "../lib/suite.h"

#define S UINT64_C(1000000000)
#define HOUR (3600 * S)
#define MB UINT64_C(1000000)
#define T0 (10 * S)

static const struct conf five = {.space_left = CONF_PERCENT | 5};

START_TEST(levels)
{
	const uint64_t size = 1000 * MB;

	ck_assert_int_eq(space_judge(&five, SPACE_FINE, 50 * MB, size), SPACE_FINE);
	ck_assert_int_eq(space_judge(&five, SPACE_FINE, 50 * MB - 1, size), SPACE_LOW);
	ck_assert_int_eq(space_judge(&five, SPACE_LOW, 26 * MB, size), SPACE_LOW);
	ck_assert_int_eq(space_judge(&five, SPACE_LOW, 25 * MB, size), SPACE_RESERVE);
	ck_assert_int_eq(space_judge(&five, SPACE_FINE, 0, size), SPACE_RESERVE);
}
END_TEST

START_TEST(the_way_back_is_longer)
{
	const uint64_t size = 1000 * MB;

	ck_assert_int_eq(space_judge(&five, SPACE_LOW, 55 * MB, size), SPACE_LOW);
	ck_assert_int_eq(space_judge(&five, SPACE_LOW, 57 * MB, size), SPACE_FINE);
	ck_assert_int_eq(space_judge(&five, SPACE_RESERVE, 28 * MB, size), SPACE_RESERVE);
	ck_assert_int_eq(space_judge(&five, SPACE_RESERVE, 29 * MB, size), SPACE_LOW);
	ck_assert_int_eq(space_judge(&five, SPACE_RESERVE, 57 * MB, size), SPACE_FINE);
}
END_TEST

START_TEST(freeze_keeps_all_of_it)
{
	const struct conf c = {.space_left = 50 * MB, .space_left_action = CONF_SPACE_FREEZE};

	ck_assert_int_eq(space_judge(&c, SPACE_FINE, 49 * MB, 100 * MB), SPACE_RESERVE);
	ck_assert_int_eq(space_judge(&c, SPACE_FINE, 51 * MB, 100 * MB), SPACE_FINE);
}
END_TEST

START_TEST(none_kept)
{
	const struct conf c = {.space_left = 0, .space_left_action = CONF_SPACE_FREEZE};

	struct space s = {.free = 0, .size = 100 * MB};

	ck_assert_int_eq(space_judge(&c, SPACE_FINE, 0, 100 * MB), SPACE_FINE);
	ck_assert_uint_eq(space_room(&s, &c), UINT64_MAX); /* the write says it */
}
END_TEST

START_TEST(room)
{
	struct space s = {.free = 30 * MB, .size = 1000 * MB};

	ck_assert_uint_eq(space_room(&s, &five), 5 * MB);
	space_spend(&s, 4 * MB);
	ck_assert_uint_eq(space_room(&s, &five), 1 * MB);
	space_spend(&s, 4 * MB);
	ck_assert_uint_eq(space_room(&s, &five), 0);
	s.spent = 0;
	s.state = SPACE_RESERVE;
	ck_assert_uint_eq(space_room(&s, &five), 0);
}
END_TEST

START_TEST(the_kernel_says)
{
	struct space s;
	int fd;

	fd = open("/", O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
	space_init(&s, fd);
	ck_assert_uint_eq(space_room(&s, &five), UINT64_MAX);
	space_look(&s, &five, T0);
	ck_assert_uint_gt(s.size, 0);
	ck_assert_uint_le(s.free, s.size);
	s.size = 1;
	space_look(&s, &five, T0 + 1);
	ck_assert_uint_eq(s.size, 1);
	space_look(&s, &five, T0 + S);
	ck_assert_uint_gt(s.size, 1);
	close(fd);
}
END_TEST

START_TEST(quota_is_used_up)
{
	struct quota q;
	struct quota_user *a, *b;

	quota_init(&q);
	a = quota_user(&q, 1, T0);
	a->live = 1;
	b = quota_user(&q, 2, T0);
	ck_assert_int_eq(quota_look(&q, a, 24 * MB, T0), 0);
	ck_assert_uint_eq(quota_room(a), 24 * MB);
	quota_spend(a, 24 * MB - 1, T0);
	ck_assert_int_eq(quota_look(&q, a, 24 * MB, T0), 0);
	ck_assert_uint_eq(quota_room(a), 1);
	quota_spend(a, 1, T0);
	ck_assert_int_eq(quota_look(&q, a, 24 * MB, T0), 1);
	ck_assert_int_eq(quota_look(&q, a, 24 * MB, T0), 0);
	ck_assert_uint_eq(quota_room(a), 0);
	ck_assert_uint_eq(q.over, 1);
	/* the other has all of theirs */
	ck_assert_int_eq(quota_look(&q, b, 24 * MB, T0), 0);
	ck_assert_uint_eq(quota_room(b), 24 * MB);
	quota_release(&q);
	ck_assert_uint_eq(q.over, 0);
}
END_TEST

START_TEST(quota_comes_back)
{
	struct quota q;
	struct quota_user *u;
	uint64_t t;

	quota_init(&q);
	u = quota_user(&q, 1, T0);
	quota_look(&q, u, 24 * MB, T0);
	quota_spend(u, 24 * MB, T0);
	ck_assert_int_eq(quota_look(&q, u, 24 * MB, T0), 1);
	/* an eighth of a day; looked at often, and what crawls in costs nothing */
	for (t = T0; t < T0 + 2 * HOUR; t += S) {
		ck_assert_int_eq(quota_look(&q, u, 24 * MB, t), 0);
		quota_spend(u, 4096, t);
	}
	ck_assert_int_eq(quota_look(&q, u, 24 * MB, T0 + 3 * HOUR + 60 * S), -1);
	ck_assert_uint_ge(quota_room(u), 3 * MB);
	ck_assert_uint_le(quota_room(u), 4 * MB);
	ck_assert_int_eq(quota_look(&q, u, 24 * MB, T0 + 24 * HOUR), 0);
	ck_assert_uint_ge(quota_room(u), 23 * MB);
	quota_release(&q);
}
END_TEST

START_TEST(quota_changed_or_taken_away)
{
	struct quota q;
	struct quota_user *u;

	quota_init(&q);
	u = quota_user(&q, 1, T0);
	quota_look(&q, u, 24 * MB, T0);
	quota_spend(u, 30 * MB, T0);
	ck_assert_int_eq(quota_look(&q, u, 24 * MB, T0), 1);
	ck_assert_int_eq(quota_look(&q, u, 0, T0), -1);
	ck_assert_uint_eq(quota_room(u), UINT64_MAX);
	ck_assert_int_eq(quota_look(&q, u, 40 * MB, T0), 0);
	ck_assert_uint_eq(quota_room(u), 10 * MB);
	quota_release(&q);
}
END_TEST

START_TEST(users_are_forgotten)
{
	struct quota q;
	struct quota_user *u;

	quota_init(&q);
	u = quota_user(&q, 1, T0);
	quota_look(&q, u, 24 * MB, T0);
	quota_spend(u, MB, T0);
	ck_assert_ptr_eq(quota_user(&q, 1, T0), u);
	quota_user(&q, 2, T0)->live = 1;
	ck_assert_ptr_eq(quota_user(&q, 1, T0 + S), u);
	quota_user(&q, 3, T0 + 2 * HOUR); /* 1 owes nothing any more */
	u = LIST_FIRST(&q.users);
	ck_assert_uint_eq(u->uid, 3);
	u = LIST_NEXT(u, link);
	ck_assert_uint_eq(u->uid, 2);
	ck_assert_ptr_null(LIST_NEXT(u, link));
	quota_release(&q);
}
END_TEST

START_TEST(rate)
{
	struct quota_user u = {0};
	int i;

	for (i = 0; i < 60; i++)
		ck_assert_int_eq(quota_start(&u, 60, T0), 1);
	ck_assert_int_eq(quota_start(&u, 60, T0), 0);
	ck_assert_int_eq(quota_start(&u, 60, T0 + S - 1), 0);
	ck_assert_int_eq(quota_start(&u, 60, T0 + S), 1);
	ck_assert_int_eq(quota_start(&u, 60, T0 + S), 0);
	for (i = 0; i < 60; i++)
		ck_assert_int_eq(quota_start(&u, 60, T0 + 120 * S), 1);
	ck_assert_int_eq(quota_start(&u, 60, T0 + 120 * S), 0);
	ck_assert_int_eq(quota_start(&u, 0, T0 + 120 * S), 1);
}
END_TEST

/* What k sessions of a user get in so many seconds, each taking 4096 bytes as
 * soon as it may. */
static uint64_t crawled(unsigned k, unsigned seconds)
{
	uint64_t ns[100] = {0}, t, sum = 0;
	unsigned i;

	for (t = T0; t < T0 + seconds * S; t += S / 4)
		for (i = 0; i < k; i++)
			while (crawl_room(ns[i], k, t) >= 4096) {
				crawl_spend(&ns[i], k, 4096, t);
				sum += 4096;
			}
	return sum;
}

START_TEST(crawl)
{
	uint64_t ns = 0;

	ck_assert_uint_eq(crawl_room(0, 1, T0), CRAWL_BURST);
	crawl_spend(&ns, 1, CRAWL_BURST, T0);
	ck_assert_uint_eq(crawl_room(ns, 1, T0), 0);
	ck_assert_uint_ge(crawl_room(ns, 1, T0 + S), CRAWL_RATE);
	ck_assert_uint_eq(crawl_room(ns, 1, T0 + 100 * S), CRAWL_BURST);
	ck_assert_uint_le(crawled(1, 100), CRAWL_BURST + 101 * CRAWL_RATE);
	ck_assert_uint_ge(crawled(1, 100), 99 * CRAWL_RATE);
	/* many get no more together than a few */
	ck_assert_uint_le(crawled(100, 100), 100 * CRAWL_BURST + 101 * CRAWL_RATE * CRAWL_SHARES);
	ck_assert_uint_ge(crawled(100, 100), 99 * CRAWL_RATE * CRAWL_SHARES);
}
END_TEST

START_TEST(consoles)
{
	ck_assert_int_eq(gate_is_console(0, 4 << 20 | 1), 1);
	ck_assert_int_eq(gate_is_console(0, 4 << 20 | 64), 1);
	ck_assert_int_eq(gate_is_console(0, 5 << 20 | 1), 1);
	ck_assert_int_eq(gate_is_console(0, 229 << 20), 1);
	ck_assert_int_eq(gate_is_console(0, 5 << 20), 0);
	ck_assert_int_eq(gate_is_console(0, 136 << 20 | 1), 0);
	ck_assert_int_eq(gate_is_console(0, 0), 0);
	ck_assert_int_eq(gate_is_console(1000, 4 << 20 | 1), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {levels, the_way_back_is_longer, freeze_keeps_all_of_it,
		none_kept, room, the_kernel_says, quota_is_used_up, quota_comes_back,
		quota_changed_or_taken_away, users_are_forgotten, rate, crawl, consoles};

	return suite_run("space", tests, sizeof(tests) / sizeof(tests[0]));
}
