/* SPDX-License-Identifier: ISC */
#include "replay/follow.h"

#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define SECOND UINT64_C(1000000000)
#define STILL_NS (45 * SECOND) /* a session that lives is sealed every 30 s */

static void set_tail(struct follow *f, int tail)
{
	f->in[0]->tail = tail;
	if (f->in[1] != NULL)
		f->in[1]->tail = tail;
}

void follow_begin(struct follow *f, struct chunks *in, struct chunks *other)
{
	*f = (struct follow){ .on = 1, .in = { in, other }, .grown_ns = clock_mono(),
		.size = -1 };
	f->asked_ns = f->grown_ns;
	set_tail(f, 0);
}

/* The store's name of it says whether it goes on. */
static int still_lives(const struct store *s, struct store_session *e)
{
	int fd = store_open_session(s, e);

	if (fd >= 0)
		close(fd);
	return e->name.state == SESSION_LIVE;
}

int follow_look(struct follow *f, int fd, const struct store *s, struct store_session *e)
{
	uint64_t now = clock_mono();
	struct stat st = { .st_size = 0 };

	if (f->in[0]->file.chain.ended)
		f->on = 0;
	if (!f->on || now - f->looked_ns < FOLLOW_LOOK_NS)
		return 0;
	f->looked_ns = now;
	if (fstat(fd, &st) != 0 || st.st_size != f->size) {
		f->size = st.st_size;
		f->grown_ns = now;
		return 1;
	}
	if (st.st_nlink > 0 && (now - f->grown_ns < STILL_NS || now - f->asked_ns < STILL_NS))
		return 0;
	f->asked_ns = now;
	if (still_lives(s, e) && st.st_nlink > 0)
		return 0;
	f->on = 0;
	set_tail(f, 1);
	return 1;
}
