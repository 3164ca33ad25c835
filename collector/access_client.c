/* SPDX-License-Identifier: ISC */
#include "access_client.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access_path.h"
#include "control.h"
#include "err.h"
#include "events.h"
#include "ledger.h"
#include "log.h"
#include "review.h"

#define COMMAND_MAX 32
#define SPEAK_MS 10000

/* "1001 ann" */
static void name_who(struct access_client *cl, uid_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) != 0 || found == NULL)
		snprintf(cl->who, sizeof(cl->who), "%lu", (unsigned long)uid);
	else
		snprintf(cl->who, sizeof(cl->who), "%lu %.255s", (unsigned long)uid, found->pw_name);
}

/* Sends line, and file with it unless that is -1.  0 or -errno: it is to go. */
static int answer(struct access_client *cl, const char *line, int file)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (file >= 0) {
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &file, sizeof(int));
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
	}
	return sendmsg(cl->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int refuse(struct access_client *cl, const char *why)
{
	char line[128];

	snprintf(line, sizeof(line), "refused %s", why);
	return answer(cl, line, -1);
}

static void due(void *arg)
{
	struct access_client *cl = arg;
	int late = cl->state == ACCESS_SYNCS;

	cl->state = ACCESS_IDLE;
	if (!late || answer(cl, "late", -1) != 0)
		access_gone(cl);
}

struct access_client *access_client_new(struct access *a, struct collector *c, int fd, uid_t uid)
{
	struct access_client *cl = calloc(1, sizeof(*cl));

	if (cl == NULL)
		return NULL;
	cl->access = a;
	cl->c = c;
	cl->fd = fd;
	cl->due = (struct timer){.fn = due, .arg = cl};
	name_who(cl, uid);
	loop_timer(&c->loop, &cl->due, SPEAK_MS);
	return cl;
}

void access_client_free(struct access_client *cl)
{
	if (cl->state == ACCESS_WANTS)
		ledger_forget(cl->c->ledger, cl);
	if (cl->state == ACCESS_REVIEWS)
		reviewer_forget(cl->c->reviewer, cl);
	loop_del(&cl->c->loop, &cl->source);
	loop_timer_clear(&cl->due);
	close(cl->fd);
	free(cl);
}

static int write_text(const struct access_client *cl)
{
	return access_write_text(&cl->c->store, cl->index, cl->who, cl->what, cl->reason);
}

static void plugin_recorded(struct access_client *cl, int error)
{
	if (error == 0)
		log_info("%s reads the store", cl->who);
	cl->all = error == 0;
	if (cl->granted != NULL)
		cl->granted(cl->granted_arg, error);
	cl->granted = NULL;
	if (error != 0)
		access_gone(cl);
}

/* ACCESS is on disk, or never will be. */
static void recorded(void *arg, int error)
{
	struct access_client *cl = arg;

	cl->state = ACCESS_IDLE;
	if (error == 0)
		error = write_text(cl);
	if (cl->is_plugin) {
		plugin_recorded(cl, error);
		return;
	}
	if (error != 0) {
		log_error("%s: %s is refused: ACCESS cannot be written: %s", cl->who, cl->what,
		    err_text(error));
		if (refuse(cl, "the collector cannot log this access") != 0)
			access_gone(cl);
		return;
	}
	log_info("%s: %s", cl->who, cl->what);
	events_access(cl->c->events, cl->who, cl->what, cl->reason, cl->want_n, cl->index);
	if (cl->want_n == 0)
		cl->all = 1;
	else
		cl->n = cl->want_n;
	if (answer(cl, "ok", -1) != 0)
		access_gone(cl);
}

static int is_text(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	while (*p >= ' ' && *p != 0x7f)
		p++;
	return *p == '\0';
}

/* "COMMAND TARGET LF REASON" into what, want_n and reason.  0 or -EINVAL. */
static int read_want(struct access_client *cl, char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	char *reason = strchr(text, '\n'), *target, *end;
	size_t len = strspn(text, letters);

	if (reason == NULL || len == 0 || len > COMMAND_MAX || text[len] != ' ')
		return -EINVAL;
	*reason++ = '\0';
	target = text + len + 1;
	cl->want_n = 0;
	if (strcmp(target, "all") != 0) {
		errno = 0;
		cl->want_n = strtoull(target, &end, 10);
		if (errno != 0 || *target < '1' || *target > '9' || *end != '\0')
			return -EINVAL;
	}
	if (!is_text(reason) || strlen(reason) > ACCESS_REASON_MAX ||
	    strlen(text) > ACCESS_WHAT_MAX)
		return -EINVAL;
	snprintf(cl->what, sizeof(cl->what), "%s", text);
	snprintf(cl->reason, sizeof(cl->reason), "%s", reason);
	return 0;
}

/* ACCESS of who, what and reason.  0 or -errno. */
static int add_access(struct access_client *cl)
{
	struct entry e = {.type = ENTRY_ACCESS};
	int r;

	randombytes_buf(e.u.access.salt, sizeof(e.u.access.salt));
	ledger_salted(e.u.access.who, e.u.access.salt, cl->who, strlen(cl->who));
	ledger_salted(e.u.access.what, e.u.access.salt, cl->what, strlen(cl->what));
	ledger_salted(e.u.access.reason, e.u.access.salt, cl->reason, strlen(cl->reason));
	r = ledger_add(cl->c->ledger, &e, recorded, cl);
	if (r != 0)
		return r;
	cl->index = e.index;
	cl->state = ACCESS_WANTS;
	return 0;
}

static int want(struct access_client *cl, char *text)
{
	if (read_want(cl, text) != 0)
		return -EINVAL;
	return add_access(cl) == 0 ? 0 : refuse(cl, "the collector cannot log this access");
}

int access_client_grant(struct access_client *cl, const char *plugin,
    void (*done)(void *arg, int error), void *arg)
{
	loop_timer_clear(&cl->due);
	snprintf(cl->who, sizeof(cl->who), "plugin %.*s", PLUGIN_NAME_MAX, plugin);
	snprintf(cl->what, sizeof(cl->what), "plugin all");
	cl->reason[0] = '\0';
	cl->is_plugin = 1;
	cl->granted = done;
	cl->granted_arg = arg;
	return add_access(cl);
}

/* A descriptor, which must lead to what the path looks like, or -errno. */
static int open_path(const struct store *s, const char *path, enum access_class class)
{
	char part[ACCESS_MESSAGE_MAX];
	int at = fcntl(s->dir, F_DUPFD_CLOEXEC, 0), next, last;
	struct stat st;
	size_t len;

	if (at < 0)
		return -errno;
	for (last = 0; at >= 0 && !last; at = next) {
		len = strcspn(path, "/");
		last = path[len] == '\0';
		memcpy(part, path, len);
		part[len] = '\0';
		path += len + 1;
		next = openat(at, part, last ? O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC :
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			next = -errno;
		close(at);
	}
	if (at < 0)
		return at;
	if (fstat(at, &st) == 0 && (class == ACCESS_FOLDER ? S_ISDIR(st.st_mode) :
	    S_ISREG(st.st_mode)))
		return at;
	close(at);
	return -EINVAL;
}

static int give(struct access_client *cl, const char *path)
{
	uint64_t n = 0;
	enum access_class class = access_classify(path, &n);
	char line[32];
	int fd, r;

	if (class == ACCESS_NEVER)
		return refuse(cl, "nobody but root reads this");
	if ((class == ACCESS_SESSION && !cl->all && cl->n != n) ||
	    (class == ACCESS_ALL_OF_IT && !cl->all))
		return answer(cl, "want", -1);
	fd = open_path(&cl->c->store, path, class);
	if (fd < 0) {
		snprintf(line, sizeof(line), "error %d", -fd);
		return answer(cl, line, -1);
	}
	r = answer(cl, "ok", fd);
	close(fd);
	return r;
}

static int sync_all(struct access_client *cl)
{
	control_drain(cl->c);
	cl->state = ACCESS_SYNCS;
	cl->close_seq = cl->c->close_seq;
	loop_timer(&cl->c->loop, &cl->due, CONTROL_WAIT_MS);
	return access_client_synced(cl);
}

int access_client_synced(struct access_client *cl)
{
	if (cl->state != ACCESS_SYNCS || !control_closed_up_to(cl->c, cl->close_seq))
		return 0;
	cl->state = ACCESS_IDLE;
	loop_timer_clear(&cl->due);
	return answer(cl, "ok", -1);
}

static void reviewed(void *arg, int error, uint64_t leaf)
{
	struct access_client *cl = arg;
	char line[32];

	cl->state = ACCESS_IDLE;
	snprintf(line, sizeof(line), "ok %" PRIu64, leaf);
	if ((error != 0 ? refuse(cl, REVIEW_UNSURE) : answer(cl, line, -1)) != 0)
		access_gone(cl);
}

/* text: the day, a line feed, the note. */
static int review(struct access_client *cl, char *text)
{
	char *note = strchr(text, '\n');
	const char *why;

	if (note == NULL)
		return -EPROTO;
	*note++ = '\0';
	why = reviewer_take(cl->c->reviewer, text, note, strlen(note), reviewed, cl);
	if (why != NULL)
		return refuse(cl, why);
	log_info("%s: a sign-off", cl->who);
	cl->state = ACCESS_REVIEWS;
	return 0;
}

int access_client_turn(struct access_client *cl)
{
	char text[ACCESS_MESSAGE_MAX];
	ssize_t n = recv(cl->fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0 || n >= (ssize_t)sizeof(text) || memchr(text, '\0', (size_t)n) != NULL ||
	    cl->state != ACCESS_IDLE)
		return -EPROTO;
	text[n] = '\0';
	loop_timer_clear(&cl->due);
	if (strcmp(text, "sync") == 0)
		return sync_all(cl);
	if (strncmp(text, "want ", 5) == 0)
		return want(cl, text + 5);
	if (strncmp(text, "open ", 5) == 0)
		return give(cl, text + 5);
	if (strncmp(text, "review ", 7) == 0)
		return review(cl, text + 7);
	return -EPROTO;
}
