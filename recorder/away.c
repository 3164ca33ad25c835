/* SPDX-License-Identifier: ISC */
#include "away.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "clock.h"
#include "keeper.h"
#include "procfs.h"

#define MS UINT64_C(1000000)
#define FULL_NS (1000 * MS)  /* so long the FIFO may take nothing */
#define SMALL_SIZE (UINT64_C(2) << 20) /* for a session without a terminal; more than a FIFO */
#define AGAIN_NS (100 * MS)  /* to say again what the socket had no room for */

/* What is only needed where nobody else will ever know it. */
static void claim(struct spool_header *h)
{
	struct proc_stat p;
	struct stat st;

	h->wall_ns = clock_wall();
	h->boot_ns = clock_boot();
	h->pid = (uint32_t)getpid();
	h->gid = getgid();
	if (procfs_stat(getpid(), &p) == 0)
		h->start_ticks = p.start_ticks;
	if (procfs_boot_id(h->boot_id) != 0)
		h->boot_ns = 0;
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISCHR(st.st_mode) && isatty(STDIN_FILENO))
		h->tty_dev = major(st.st_rdev) << 20 | minor(st.st_rdev);
}

void away_prepare(struct keeper *k, uint16_t flags)
{
	const struct conf *c = k->cfg->conf;
	struct spool_header h = { .flags = flags, .uid = getuid() };

	if (c->away != CONF_AWAY_SPOOL)
		return;
	memcpy(h.id, k->record.sealer.id, ID_SIZE);
	memcpy(h.pk, k->record.sealer.pk, PK_SIZE);
	if (flags & CERT_F_LATE)
		claim(&h);
	spool_open(&k->spool, k->cfg->paths->spool, &h, k->cfg->terminal ? c->spool_size : SMALL_SIZE,
	    c->spool_user);
	k->record.may_lose = c->full_action == CONF_FULL_GAP;
}

int away_begin(struct keeper *k)
{
	int r = spool_is_open(&k->spool) ? record_to_spool(&k->record, &k->spool) : -ENOENT;

	if (r != 0)
		spool_remove(&k->spool);
	return r;
}

/* Since then the FIFO has been full for longer than it takes somebody who is there. */
static uint64_t patience_ends(const struct keeper *k)
{
	uint64_t full = k->blocked_ns + FULL_NS, slow = link_slow_until(&k->link);

	return slow > full ? slow : full;
}

static int is_away(const struct keeper *k, uint64_t now)
{
	if (!link_is_up(&k->link))
		return 1;
	return record_pending(&k->record) && k->blocked_ns != 0 && now >= patience_ends(k);
}

static void tell(struct keeper *k)
{
	k->told = k->spool.len;
	link_tell_spooled(&k->link, k->spool.len, k->spool.generation);
}

/* The collector has all that it was told of. */
static void drained(struct keeper *k, uint64_t now)
{
	k->settling = k->spool.len != k->told;
	k->link.spooled = 0;
	if (k->settling)
		tell(k);
	else
		record_to_fifo(&k->record, now);
}

void away_turn(struct keeper *k, uint64_t now)
{
	if (k->record.spool == NULL) {
		if (spool_is_open(&k->spool) && is_away(k, now))
			away_begin(k);
		return;
	}
	if (!link_is_up(&k->link))
		k->settling = 0;
	else if (link_drained(&k->link))
		drained(k, now);
	else if (!k->link.spooled)
		tell(k);
}

int away_stands(const struct keeper *k)
{
	return record_pending(&k->record) || k->settling || k->link.held ||
	    (k->cfg->conf->away == CONF_AWAY_STRICT && !link_is_up(&k->link));
}

uint64_t away_deadline(const struct keeper *k, uint64_t now)
{
	if (k->record.spool != NULL)
		return link_is_up(&k->link) && !k->link.spooled ? now + AGAIN_NS : 0;
	return k->blocked_ns != 0 && spool_is_open(&k->spool) ? patience_ends(k) : 0;
}
