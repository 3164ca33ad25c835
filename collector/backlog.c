/* SPDX-License-Identifier: ISC */
#include "backlog.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>

#include "id_name.h"
#include "io.h"
#include "message.h"
#include "session.h"

/* Ids of the live sessions, in order: thousands of spools are looked up in them. */
struct ids {
	uint8_t (*id)[ID_SIZE];
	size_t n;
};

static void look_at_session(struct backlog *b, const struct session *s)
{
	int held;

	b->waiting += s->waiting || s->stalled;
	b->stalled += s->stalled != 0;
	b->unsynced += s->sync_failed != 0;
	b->older += s->version != 0 && s->version < MESSAGE_VERSION;
	if (s->spooling) {
		b->spooling++;
		b->spool_bytes += s->spool_len - s->spool_off;
	}
	if (s->fifo < 0)
		return;
	b->fifos++;
	if (ioctl(s->fifo, FIONREAD, &held) == 0 && held > 0)
		b->fifo_bytes += (uint64_t)held;
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, ID_SIZE);
}

static void look_at_spool(struct backlog *b, const struct ids *live, const char *name)
{
	uint8_t id[ID_SIZE];

	if (name[0] == '.')
		return;
	b->spools++;
	if (spool_name_parse(id, name) != 0)
		b->refused++;
	else if (live->n == 0 || bsearch(id, live->id, live->n, ID_SIZE, by_id) == NULL)
		b->unregistered++;
}

static void look_at_spools(struct backlog *b, const struct collector *c, const struct ids *live)
{
	DIR *d = io_list_dir(c->spool_dir, ".");
	const struct dirent *e;
	struct statvfs v;

	while (d != NULL && (e = readdir(d)) != NULL)
		look_at_spool(b, live, e->d_name);
	if (d != NULL)
		closedir(d);
	if (fstatvfs(c->spool_dir, &v) == 0)
		b->spool_free = (uint64_t)v.f_bavail * v.f_frsize;
}

void backlog_look(struct backlog *b, const struct collector *c)
{
	struct ids live = {.id = calloc(c->registry.live + 1, ID_SIZE)};
	const struct session *s;

	memset(b, 0, sizeof(*b));
	LIST_FOREACH(s, &c->registry.sessions, link) {
		look_at_session(b, s);
		if (live.id != NULL)
			memcpy(live.id[live.n++], s->name.id, ID_SIZE);
	}
	if (live.n > 0)
		qsort(live.id, live.n, ID_SIZE, by_id);
	look_at_spools(b, c, &live);
	free(live.id);
}
