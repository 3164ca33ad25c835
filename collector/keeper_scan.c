/* SPDX-License-Identifier: ISC */
#include "keeper_scan.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "container.h"
#include "err.h"
#include "id_name.h"
#include "frame.h"
#include "log.h"
#include "processes.h"

#define DAY_NS INT64_C(86400000000000)

/* What the user brought in within a day is owed, by what its file takes. */
static void owe(struct collector *c, const struct cert *cert, int fd)
{
	int64_t age = clock_wall() - cert->wall_ns;
	struct quota_user *u;
	struct stat st;

	if (age < 0 || age >= DAY_NS || fstat(fd, &st) < 0)
		return;
	u = quota_user(&c->quota, cert->uid, clock_mono());
	if (u != NULL)
		quota_spend(u, (uint64_t)((double)st.st_size * (double)(DAY_NS - age) / (double)DAY_NS),
		    clock_mono());
}

/* The certificate of a session file, plain or packed. */
static int read_cert(int fd, struct cert *cert)
{
	struct container *con;
	const uint8_t *p;
	struct frame f;
	uint64_t where, off;
	size_t len;
	int r;

	r = container_open(&con, fd, &where);
	if (r != 0)
		return r;
	r = container_next(con, &p, &len, &off, &where);
	if (r == 1)
		r = frame_parse(p, len, &f);
	else if (r == 0)
		r = E_SHORT;
	if (r > 0)
		r = f.type == FRAME_CERT ? cert_parse(f.body, f.len, cert) : E_FORMAT;
	container_free(con);
	return r;
}

/* A collector that died between the session's last name and this left it. */
static void remove_fifo(const struct collector *c, const struct session_name *s)
{
	char name[FIFO_NAME_SIZE];

	fifo_name_format(name, s->id);
	if (unlinkat(c->fifo_dir, name, 0) == 0)
		log_info("removed the FIFO of session %" PRIu64 ", which has ended", s->n);
}

static int scan_one(void *arg, int dirfd, const char *day, const char *name)
{
	struct collector *c = arg;
	struct session_name s;
	struct cert cert;
	int fd, r;

	if (store_name_parse(&s, name) != 0)
		return 0;
	fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	r = read_cert(fd, &cert);
	if (r == 0)
		owe(c, &cert, fd);
	close(fd);
	if (r != 0) {
		log_warn("%s/%s: its certificate cannot be read (%s)", day, name, err_text(r));
		return 0;
	}
	if (cert.n != s.n || memcmp(cert.boot_id, c->boot_id, BOOT_ID_SIZE) != 0)
		return 0;
	if (s.state != SESSION_LIVE)
		remove_fifo(c, &s);
	return processes_add_keeper(c->processes, &cert);
}

int keeper_scan(struct collector *c)
{
	char since[STORE_DAY_MAX];

	/* a day for quotas, or more: the wall clock may have been set since */
	store_day(since, clock_wall() - (int64_t)clock_boot() - DAY_NS);
	return store_walk(&c->store, since, scan_one, c);
}
