/* SPDX-License-Identifier: ISC */
#include "spool_take.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admit.h"
#include "clock.h"
#include "err.h"
#include "identity.h"
#include "io.h"
#include "log.h"
#include "processes.h"
#include "session.h"
#include "session_spool.h"

#define AGAIN_MS 60000
#define YOUNG_S 60 /* a file without a header may be in the making */

#define FOUND 1 /* and the state; below 0 are errors */

static int has_id(void *arg, int dirfd, const char *day, const char *name)
{
	struct session_name s;

	(void)dirfd;
	(void)day;
	return store_name_parse(&s, name) == 0 && memcmp(s.id, arg, ID_SIZE) == 0 ?
	    FOUND + (int)s.state : 0;
}

/* Nothing here is attested: not by the kernel, and not by us. */
static void claim(struct cert *cert, const struct spool_header *h)
{
	*cert = (struct cert){
		.flags = h->flags | CERT_F_CLAIMED, .pid = h->pid, .uid = h->uid, .gid = h->gid,
		.tty_dev = h->tty_dev, .start_ticks = h->start_ticks,
		.loginuid = CERT_UNSET, .audit_session = CERT_UNSET,
		.wall_ns = clock_wall(), .boot_ns = clock_boot(),
	};
	memcpy(cert->id, h->id, ID_SIZE);
	memcpy(cert->pk, h->pk, PK_SIZE);
	memcpy(cert->boot_id, h->boot_id, BOOT_ID_SIZE);
	identity_tty_name(cert->tty, h->tty_dev);
	identity_user(cert);
}

static void take_in(struct collector *c, const char *name, const struct spool_header *h)
{
	struct session *s;
	struct cert cert;
	int folder, r;

	claim(&cert, h);
	r = admit_cert(c, &cert, -1, &s, &folder);
	if (r != 0) {
		log_error("spool/%s cannot be taken in (%s), trying again in a minute", name,
		    err_text(r));
		return;
	}
	log_warn("session %" PRIu64 " is taken in from spool/%s: its recorder, pid %" PRIu32 " for "
	    "uid %" PRIu32 " by its own word, went before it could register", s->name.n, name,
	    h->pid, h->uid);
	s->gone = 1;
	session_begin(s, folder);
	if (!session_spool_left(s))
		session_close(s, END_CUT);
}

/* What is in the store to its end has all of it, and of one whose live file cannot be taken
 * up the next start may make more. */
static void look_in_store(struct collector *c, const char *name, const struct spool_header *h)
{
	uint8_t id[ID_SIZE];
	int found;

	memcpy(id, h->id, sizeof(id));
	found = store_walk(&c->store, "", has_id, id);
	if (found == FOUND + SESSION_CLOSED)
		unlinkat(c->spool_dir, name, 0);
	else if (found == FOUND + SESSION_CUT)
		session_spool_keep_aside(c, name, "its session ended without it");
	else if (found == 0 && (h->flags & CERT_F_LATE) == 0)
		session_spool_keep_aside(c, name, "its session is not in this store");
	else if (found == 0)
		take_in(c, name, h);
}

static void look(struct collector *c, const char *name, const uint8_t id[ID_SIZE],
    const struct spool_header *h)
{
	if (memcmp(h->id, id, ID_SIZE) != 0)
		session_spool_keep_aside(c, name, "its name is another");
	else if (h->length == 0)
		unlinkat(c->spool_dir, name, 0);
	else
		look_in_store(c, name, h);
}

static int is_young(const struct collector *c, const char *name)
{
	struct stat st;

	return fstatat(c->spool_dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    st.st_ctime + YOUNG_S > clock_wall() / 1000000000;
}

/* Without a header there is nothing in it: its recorder was killed while it made it. */
static void cannot_open(const struct collector *c, const char *name, int error)
{
	if (is_young(c, name))
		return;
	if (error == E_SHORT)
		unlinkat(c->spool_dir, name, 0);
	else
		session_spool_keep_aside(c, name, err_text(error));
}

/* Its recorder holds a lock as long as it lives. */
static void look_at(struct collector *c, const char *name, const uint8_t id[ID_SIZE])
{
	struct spool_header h;
	int fd;

	fd = session_spool_open(c, name, &h);
	if (fd < 0) {
		cannot_open(c, name, fd);
		return;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		look(c, name, id, &h);
	close(fd);
}

void spool_take(struct collector *c)
{
	uint8_t id[ID_SIZE];
	struct dirent *e;
	DIR *d;

	loop_timer(&c->loop, &c->spool_timer, AGAIN_MS);
	d = io_list_dir(c->spool_dir, ".");
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (spool_name_parse(id, e->d_name) == 0 && registry_find(&c->registry, id) == NULL)
			look_at(c, e->d_name, id);
	closedir(d);
}

void spool_expect(struct collector *c)
{
	DIR *d = io_list_dir(c->spool_dir, ".");
	struct spool_header h;
	uint8_t id[ID_SIZE];
	struct dirent *e;
	int fd;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (spool_name_parse(id, e->d_name) != 0 ||
		    (fd = session_spool_open(c, e->d_name, &h)) < 0)
			continue;
		close(fd);
		if ((h.flags & CERT_F_LATE) != 0 &&
		    memcmp(h.boot_id, c->boot_id, BOOT_ID_SIZE) == 0)
			processes_expect_keeper(c->processes, h.pid, h.start_ticks);
	}
	closedir(d);
}
