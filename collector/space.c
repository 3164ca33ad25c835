/* SPDX-License-Identifier: ISC */
#include "space.h"

#include <inttypes.h>
#include <sys/statvfs.h>

#include "log.h"

#define LOOK_NS UINT64_C(500000000)
#define LOOK_BYTES (UINT64_C(4) << 20) /* written since: look again */
#define SLACK 65536 /* for what a file system rounds up */

void space_init(struct space *s, int fd)
{
	*s = (struct space){.fd = fd};
}

static uint64_t reserve_of(const struct conf *c, uint64_t size)
{
	uint64_t left = conf_space(c->space_left, size);

	return c->space_left_action == CONF_SPACE_FREEZE ? left : left / 2;
}

enum space_state space_judge(const struct conf *c, enum space_state before, uint64_t free,
    uint64_t size)
{
	uint64_t left = conf_space(c->space_left, size), reserve = reserve_of(c, size);

	if (left == 0)
		return SPACE_FINE;
	reserve += SLACK + (before == SPACE_RESERVE ? reserve / 8 : 0);
	left += before != SPACE_FINE ? left / 8 : 0;
	if (free < reserve)
		return SPACE_RESERVE;
	return free < left ? SPACE_LOW : SPACE_FINE;
}

const char *space_word(enum space_state state)
{
	static const char *const words[] = {"fine", "low", "reserve"};

	return words[state];
}

static void say(const struct space *s, const struct conf *c, enum space_state before)
{
	if (s->state == SPACE_FINE)
		log_info("store: %" PRIu64 " bytes are free: enough again", s->free);
	else if (s->state == SPACE_RESERVE)
		log_error("store: %" PRIu64 " bytes are free: the rest is for process records; "
		    "sessions stand still until there is more, new ones are refused", s->free);
	else if (before == SPACE_RESERVE)
		log_warn("store: %" PRIu64 " bytes are free: sessions go on", s->free);
	else
		log_error("store: %" PRIu64 " bytes are free, less than space_left: %s", s->free,
		    c->space_left_action == CONF_SPACE_REFUSE_NEW ? "new sessions are refused" :
		    "sessions go on until half of that");
}

void space_look(struct space *s, const struct conf *c, uint64_t now_ns)
{
	enum space_state before = s->state;
	struct statvfs v;

	if (s->looked_ns != 0 && now_ns - s->looked_ns < LOOK_NS && s->spent < LOOK_BYTES)
		return;
	s->looked_ns = now_ns;
	s->spent = 0;
	if (fstatvfs(s->fd, &v) < 0) {
		s->size = 0;
		return;
	}
	s->free = (uint64_t)v.f_bavail * v.f_frsize;
	s->size = (uint64_t)v.f_blocks * v.f_frsize;
	s->state = space_judge(c, before, s->free, s->size);
	if (s->state != before)
		say(s, c, before);
}

uint64_t space_room(struct space *s, const struct conf *c)
{
	uint64_t reserve = reserve_of(c, s->size), taken = s->spent + reserve;

	if (s->size == 0 || reserve == 0)
		return UINT64_MAX;
	if (s->state == SPACE_RESERVE)
		return 0;
	return s->free > taken ? s->free - taken : 0;
}

void space_spend(struct space *s, uint64_t len)
{
	s->spent += len;
}
