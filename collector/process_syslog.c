/* SPDX-License-Identifier: ISC */
#include "process_syslog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "err.h"
#include "uid_names.h"

#define RETRY_MS 1000

struct message {
	TAILQ_ENTRY(message) link;
	size_t len;
	char text[];
};

struct process_syslog {
	struct loop *loop;
	const char *path;
	int fd; /* connected, or -1 */
	int error; /* of the last try to reach it; 0 it took one */
	struct source source; /* while the daemon's queue is full */
	struct timer again;   /* while there is no daemon */
	TAILQ_HEAD(message_list, message) kept;
	size_t bytes;
	uint64_t waiting, sent, lost;
	struct process_syslog_origin origin;
	struct uid_names users;
};

static void hang_up(struct process_syslog *s)
{
	loop_del(s->loop, &s->source);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static int dial(struct process_syslog *s)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int r;

	if (s->fd >= 0)
		return 0;
	if (strlen(s->path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, s->path, strlen(s->path));
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	if (connect(s->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return 0;
	r = -errno;
	hang_up(s);
	return r;
}

static void drop_first(struct process_syslog *s)
{
	struct message *m = TAILQ_FIRST(&s->kept);

	TAILQ_REMOVE(&s->kept, m, link);
	s->bytes -= sizeof(*m) + m->len;
	s->waiting--;
	free(m);
}

/* Sends what is kept: 0 all of it, or why the next could not be. */
static int send_kept(struct process_syslog *s)
{
	const struct message *m;
	int r = 0;

	while (r == 0 && (m = TAILQ_FIRST(&s->kept)) != NULL) {
		if ((r = dial(s)) != 0)
			break;
		if (send(s->fd, m->text, m->len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
			s->sent++;
			drop_first(s);
		} else {
			r = -errno;
		}
	}
	return r;
}

static void flush(struct process_syslog *s);

static void has_room(void *arg, uint32_t events)
{
	(void)events;
	flush(arg);
}

static void try_again(void *arg)
{
	flush(arg);
}

/* A daemon that was started anew has another socket. */
static void flush(struct process_syslog *s)
{
	int was_connected = s->fd >= 0, r = send_kept(s);

	if (r != 0 && r != -EAGAIN && was_connected) {
		hang_up(s);
		r = send_kept(s);
	}
	s->error = r == -EAGAIN ? 0 : r;
	loop_timer_clear(&s->again);
	if (r == -EAGAIN && s->source.added)
		return;
	loop_del(s->loop, &s->source);
	if (r == -EAGAIN)
		r = loop_add(s->loop, &s->source, s->fd, EPOLLOUT, has_room, s);
	else if (r != 0)
		hang_up(s);
	if (r != 0)
		loop_timer(s->loop, &s->again, RETRY_MS);
}

int process_syslog_new(struct process_syslog **out, struct loop *loop, const char *host,
    const char *path)
{
	struct process_syslog *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	s->loop = loop;
	s->path = path;
	s->fd = -1;
	s->again = (struct timer){.fn = try_again, .arg = s};
	TAILQ_INIT(&s->kept);
	s->origin.host = host;
	uid_names_init(&s->users, "/etc/passwd");
	*out = s;
	return 0;
}

uint64_t process_syslog_free(struct process_syslog *s)
{
	uint64_t unsaid;

	if (s == NULL)
		return 0;
	flush(s);
	unsaid = s->origin.lost + s->waiting;
	hang_up(s);
	loop_timer_clear(&s->again);
	while (!TAILQ_EMPTY(&s->kept))
		drop_first(s);
	uid_names_release(&s->users);
	free(s);
	return unsaid;
}

void process_syslog_boot(struct process_syslog *s, const uint8_t boot_id[BOOT_ID_SIZE],
    int64_t boot_wall_ns)
{
	memcpy(s->origin.boot_id, boot_id, BOOT_ID_SIZE);
	s->origin.boot_wall_ns = boot_wall_ns;
}

void process_syslog_ended(struct process_syslog *s, const struct process_record *r,
    const struct acct_record *a)
{
	char text[PROCESS_SYSLOG_MAX];
	struct message *m;
	size_t len;

	s->origin.user = uid_names_get(&s->users, a->uid);
	len = process_syslog_message(text, r, a, &s->origin);
	if (s->bytes + sizeof(*m) + len > PROCESS_SYSLOG_KEPT ||
	    (m = malloc(sizeof(*m) + len)) == NULL) {
		s->lost++;
		s->origin.lost++;
		return;
	}
	m->len = len;
	memcpy(m->text, text, len);
	s->origin.lost = 0;
	TAILQ_INSERT_TAIL(&s->kept, m, link);
	s->bytes += sizeof(*m) + m->len;
	s->waiting++;
	/* one that waits already is followed by this */
	if (s->waiting == 1)
		flush(s);
}

json_t *process_syslog_status(const struct process_syslog *s)
{
	if (s == NULL)
		return json_pack("{ss ss}", "state", "off", "reason", "");
	return json_pack("{ss ss sI sI sI}", "state", s->error != 0 ? "unreachable" : "on",
	    "reason", s->error != 0 ? err_text(s->error) : "", "sent", (json_int_t)s->sent,
	    "lost", (json_int_t)s->lost, "waiting", (json_int_t)s->waiting);
}
