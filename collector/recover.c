/* SPDX-License-Identifier: ISC */
#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"
#include "events.h"
#include "id_name.h"
#include "identity.h"
#include "io.h"
#include "keeper_scan.h"
#include "ledger.h"
#include "log.h"
#include "register.h"
#include "session.h"
#include "session_spool.h"

#define READ_SIZE 262144u
#define GRACE_NS UINT64_C(10000000000)
#define ORPHAN_AGE_S 5 /* a younger FIFO may belong to a recorder that just starts */
#define SWEEP_MS 10000

/* Takes the whole frames of the len bytes at p; the bytes taken or an error. */
static ssize_t take_frames(struct chain *chain, const uint8_t *p, size_t len,
    const struct host_chain *keys)
{
	struct frame f;
	size_t pos = 0;
	int n, r;

	while ((n = frame_parse(p + pos, len - pos, &f)) > 0) {
		r = chain_frame(chain, &f, p + pos, NULL, NULL);
		if (r != 0)
			return r;
		if (f.type == FRAME_CERT)
			chain->certified = host_chain_signer(keys, f.body, f.len) != NULL;
		pos += (size_t)n;
	}
	return n == E_SHORT ? (ssize_t)pos : n;
}

int recover_file(int fd, const struct host_chain *keys, struct chain *chain)
{
	size_t have = 0;
	uint8_t *buf;
	ssize_t n, taken;
	int r = 0;

	chain_init(chain);
	buf = malloc(READ_SIZE);
	if (buf == NULL)
		return -ENOMEM;
	for (;;) {
		n = io_read_all(fd, buf + have, READ_SIZE - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		taken = take_frames(chain, buf, have, keys);
		if (taken < 0) {
			r = (int)taken;
			goto out;
		}
		have -= (size_t)taken;
		memmove(buf, buf + taken, have);
	}
	if (n < 0)
		r = (int)n;
	else if (!chain->have_cert)
		r = E_SHORT;
	else if (!chain->certified)
		r = E_SIGNATURE;
	else if (have > 0 && ftruncate(fd, (off_t)chain->offset) < 0)
		r = -errno;
	if (r == 0 && (lseek(fd, (off_t)chain->offset, SEEK_SET) < 0 || fdatasync(fd) < 0))
		r = -errno;
out:
	free(buf);
	return r;
}

/* A live file that is not, or no more, a session of ours: kept as it is. */
static int give_up(struct collector *c, const char *day, struct session_name *name, int error)
{
	int r;

	log_error("session %" PRIu64 ": its live file cannot be taken up (%s); cut", name->n,
	    err_text(error));
	events_tamper_file(c->events, name, day, error, 0, 0);
	r = store_rename(&c->store, day, name, SESSION_CUT);
	if (r != 0)
		log_error("session %" PRIu64 ": it cannot be renamed (%s)", name->n, err_text(r));
	c->count.cut++;
	return 0;
}

/* The session goes on, or ends here. */
static void take_up(struct collector *c, const char *day, const struct session_name *name,
    int file, const struct chain *chain)
{
	const char *why;
	struct session *s;
	int fifo;

	fifo = register_fifo(c->fifo_dir, name->id, c->recorder_uid, &why);
	s = session_new(c, name, day, file, chain, fifo < 0 ? -1 : fifo);
	if (s == NULL) {
		log_error("session %" PRIu64 " cannot be taken up; the next start does it", name->n);
		return;
	}
	s->synced = chain->sealed_frame;
	s->gone = !identity_alive(&chain->cert, c->boot_id);
	s->grace_ns = clock_mono() + GRACE_NS;
	events_session_taken_up(c->events, s);
	if (chain->ended) {
		/* a recorder that nobody knows any more leaves when its FIFO is empty */
		session_drop_rest(s);
		session_close(s, END_CLOSED);
	} else if (fifo < 0 && session_spool_left(s)) {
		log_info("session %" PRIu64 " taken up from its spool", name->n);
	} else if (fifo < 0) {
		log_warn("session %" PRIu64 ": its FIFO is gone (%s); cut", name->n, why);
		session_close(s, END_CUT);
	} else {
		log_info("session %" PRIu64 " taken up at frame %" PRIu64, name->n, chain->frame);
		session_ready(s);
		collector_tick_soon(c);
	}
}

/* Its end is in the ledger: only its name is not yet that of a session that has ended, which
 * it gets when its end was told. */
static int name_closed(struct collector *c, const char *day, struct session_name *name, int whole)
{
	int r;

	events_session_found(c->events, name, whole);
	r = store_rename(&c->store, day, name, whole ? SESSION_CLOSED : SESSION_CUT);
	if (r != 0)
		log_error("session %" PRIu64 ": it cannot be renamed (%s)", name->n, err_text(r));
	return 0;
}

static int take_file(struct collector *c, int dirfd, const char *day, const char *file_name,
    struct session_name *name)
{
	struct chain chain;
	int fd, r;

	r = store_saw(&c->store, name->n);
	if (r != 0)
		return r;
	fd = openat(dirfd, file_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : recover_file(fd, &c->keys, &chain);
	if (r == 0 && (memcmp(chain.cert.id, name->id, ID_SIZE) != 0 || chain.cert.n != name->n))
		r = E_CHAIN;
	if (r != 0) {
		if (fd >= 0)
			close(fd);
		return give_up(c, day, name, r);
	}
	if (ledger_knows(c->ledger, name->n) && !ledger_is_open(c->ledger, name->n)) {
		close(fd);
		return name_closed(c, day, name, chain.ended);
	}
	take_up(c, day, name, fd, &chain);
	return 0;
}

static int recover_one(void *arg, int dirfd, const char *day, const char *name)
{
	struct collector *c = arg;
	struct session_name s;

	if (strncmp(name, STORE_TEMP, strlen(STORE_TEMP)) == 0) {
		if (unlinkat(dirfd, name, 0) < 0)
			log_warn("%s/%s cannot be removed", day, name);
		return 0;
	}
	if (store_name_parse(&s, name) != 0) {
		log_warn("%s/%s is not a session's file, ignoring it", day, name);
		return 0;
	}
	return s.state == SESSION_LIVE ? take_file(c, dirfd, day, name, &s) : 0;
}

/* 1 if nobody has it open for writing and it has been so for a while. */
static int is_orphan(struct collector *c, const char *name)
{
	struct stat st;
	ssize_t n;
	int fd;

	fd = openat(c->fifo_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = -1;
	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		n = fifo_drain_peek(&c->drain, fd);
	close(fd);
	return n == 0 && st.st_ctime + ORPHAN_AGE_S < clock_wall() / 1000000000;
}

void recover_sweep(struct collector *c)
{
	uint8_t id[ID_SIZE];
	struct dirent *e;
	DIR *d = io_list_dir(c->fifo_dir, ".");

	loop_timer(&c->loop, &c->sweep_timer, SWEEP_MS);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (fifo_name_parse(id, e->d_name) == 0 &&
		    registry_find(&c->registry, id) == NULL && is_orphan(c, e->d_name))
			unlinkat(c->fifo_dir, e->d_name, 0);
	}
	closedir(d);
}

int recover(struct collector *c)
{
	int r;

	r = store_walk(&c->store, "", recover_one, c);
	if (r != 0)
		return r;
	recover_sweep(c);
	return keeper_scan(c);
}
