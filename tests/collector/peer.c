/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "frame.h"

#define WAIT_MS 10000

void host_make(struct host *h)
{
	strcpy(h->dir, "/tmp/shellacdXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(h->dir));
	h->pid = 0;
}

static void wait_ready(int fd)
{
	char text[4096];
	size_t len = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, text + len, sizeof(text) - 1 - len);
		ck_assert_msg(n > 0, "shellacd ended: %.*s", (int)len, text);
		len += (size_t)n;
		text[len] = '\0';
		if (strstr(text, "ready\n") != NULL)
			return;
	}
}

void host_start(struct host *h)
{
	const char *top = getenv("top_builddir");
	char path[4096];
	int p[2];

	snprintf(path, sizeof(path), "%s/collector/shellacd", top != NULL ? top : ".");
	ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
	h->pid = fork();
	ck_assert_int_ge(h->pid, 0);
	if (h->pid == 0) {
		dup2(p[1], 2);
		execl(path, "shellacd", "-n", "-d", h->dir, (char *)NULL);
		_exit(127);
	}
	close(p[1]);
	wait_ready(p[0]);
	/* left open: the collector's log goes on into the pipe, which holds 64 KiB */
}

int host_end(struct host *h, int sig)
{
	int status;

	kill(h->pid, sig);
	ck_assert_int_eq(waitpid(h->pid, &status, 0), h->pid);
	h->pid = 0;
	return status;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void host_remove(struct host *h)
{
	if (h->pid > 0)
		host_end(h, SIGKILL);
	nftw(h->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int connect_to(const struct host *h, const char *name, int type)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/%s", h->dir, name);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

void host_ask(const struct host *h, const char *what, char *answer, size_t size)
{
	int fd = connect_to(h, "control.sock", SOCK_STREAM);
	size_t len = 0;
	ssize_t n;

	ck_assert_int_eq(dprintf(fd, "%s\n", what), (int)strlen(what) + 1);
	do {
		n = read(fd, answer + len, size - 1 - len);
		ck_assert_int_gt(n, 0);
		len += (size_t)n;
	} while (answer[len - 1] != '\n');
	answer[len - 1] = '\0';
	close(fd);
}

static const char *wanted;
static char found[256];
static int count;

static int look(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t len = strlen(path), n = strlen(wanted);

	(void)st, (void)ftw;
	if (type == FTW_F && len > n && strcmp(path + len - n, wanted) == 0) {
		count++;
		snprintf(found, sizeof(found), "%s", path);
	}
	return 0;
}

int host_count(const struct host *h, const char *suffix)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/store/session", h->dir);
	wanted = suffix;
	count = 0;
	nftw(path, look, 8, FTW_PHYS);
	return count;
}

ssize_t host_read(const struct host *h, const char *suffix, void *p, size_t size)
{
	ssize_t n;
	int fd;

	if (host_count(h, suffix) != 1)
		return -1;
	fd = open(found, O_RDONLY | O_CLOEXEC);
	n = read(fd, p, size);
	close(fd);
	return n;
}

int peer_connect(const struct host *h)
{
	return connect_to(h, "register.sock", SOCK_SEQPACKET);
}

int peer_receive(int sock, struct message *m)
{
	static uint8_t buf[MESSAGE_MAX];
	struct pollfd pfd = {.fd = sock, .events = POLLIN};
	ssize_t n;

	ck_assert_int_eq(poll(&pfd, 1, WAIT_MS), 1);
	n = recv(sock, buf, sizeof(buf), 0);
	if (n <= 0)
		return 0;
	ck_assert_int_eq(message_parse(buf, (size_t)n, m), 0);
	return m->type;
}

void peer_ask(struct peer *p, const struct host *h)
{
	struct message m = {.type = MSG_REGISTER};
	char id[2 * ID_SIZE + 1];
	uint8_t buf[MESSAGE_MAX];
	size_t n;

	p->host = h;
	p->len = 0;
	sealer_init(&p->sealer);
	hex_put(id, p->sealer.id, ID_SIZE);
	snprintf(p->fifo_path, sizeof(p->fifo_path), "%s/run/session/%s.fifo", h->dir, id);
	ck_assert_int_eq(mkfifo(p->fifo_path, 0600), 0);
	p->sock = peer_connect(h);
	memcpy(m.id, p->sealer.id, ID_SIZE);
	memcpy(m.pk, p->sealer.pk, PK_SIZE);
	n = message_put(buf, &m);
	ck_assert_int_eq(send(p->sock, buf, n, 0), (ssize_t)n);
}

void peer_certified(struct peer *p)
{
	struct message m;

	ck_assert_int_eq(peer_receive(p->sock, &m), MSG_CERTIFICATE);
	p->len = sealer_cert(&p->sealer, p->sent, m.cert, m.cert_len);
	p->fifo = open(p->fifo_path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(p->fifo, 0);
}

void peer_register(struct peer *p, const struct host *h)
{
	peer_ask(p, h);
	peer_certified(p);
}

void peer_chunk(struct peer *p, uint8_t kind, uint16_t flags, int events, size_t size)
{
	static const uint8_t text[EVENT_DATA_MAX];
	const struct window w = {.rows = 24, .cols = 80};
	const struct event e = {.type = FRAME_OUTPUT, .dt = 5, .data = text, .len = size};
	const struct sealer_end end = {.kind = kind, .flags = flags, .wall_ns = 1, .boot_ns = 1,
		.reason = kind == SEAL_END ? END_EXIT : 0};

	p->len += sealer_begin(&p->sealer, p->sent + p->len, 1, &w);
	while (events-- > 0) {
		p->len += sealer_event(&p->sealer, p->sent + p->len, &e);
		memcpy(p->sent + p->len, text, size);
		p->len += size;
	}
	p->len += sealer_seal(&p->sealer, p->sent + p->len, &end);
}

void peer_write(struct peer *p, size_t off)
{
	ck_assert_int_eq(write(p->fifo, p->sent + off, p->len - off), (ssize_t)(p->len - off));
}

void peer_wait_ack(struct peer *p)
{
	struct message m;

	do
		ck_assert_int_eq(peer_receive(p->sock, &m), MSG_ACK);
	while (m.frame != p->sealer.frame - 1);
}

void peer_close(struct peer *p)
{
	if (p->sock >= 0)
		close(p->sock);
	if (p->fifo >= 0)
		close(p->fifo);
	p->sock = p->fifo = -1;
}

void host_begin(struct host *h)
{
	char path[100];
	FILE *f;

	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_ge(sodium_init(), 0);
	host_make(h);
	snprintf(path, sizeof(path), "%s/shellac.conf", h->dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs("compress = no\nacct = off\nprocess_events = no\n", f);
	fclose(f);
	host_start(h);
}

void host_wait_count(const struct host *h, const char *suffix, int n)
{
	int i;

	for (i = 0; i < 1500 && host_count(h, suffix) != n; i++)
		usleep(10000);
	ck_assert_int_eq(host_count(h, suffix), n);
}

void host_stores(const struct host *h, const char *suffix, const struct peer *p, size_t len)
{
	static uint8_t got[1 << 20];
	int tries;

	host_wait_count(h, suffix, 1);
	/* what was written may not have been taken in yet */
	for (tries = 0; tries < 1000 && host_read(h, suffix, got, sizeof(got)) != (ssize_t)len;
	    tries++)
		usleep(10000);
	ck_assert_int_eq(host_read(h, suffix, got, sizeof(got)), (ssize_t)len);
	ck_assert_mem_eq(got, p->sent, len);
}
