/* SPDX-License-Identifier: ISC */
/*
 * idlegen DIR COUNT [SECONDS [WAKE]]: COUNT sessions of the collector in DIR, in one process,
 * that do what idle recorders do: make FIFO and spool, register, send a first chunk, and a
 * HEARTBEAT each SECONDS (30), spread evenly; in the place of each WAKE-th (0: of none) they
 * do something.  Says "up" and how many seconds that took when the first chunks of all are
 * acknowledged; after a line on standard input, or its end, it ends them all and says
 * "ended", how many seals were acknowledged, those in the place of heartbeats, and the
 * longest that an ack took in ms.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "id_name.h"
#include "message.h"
#include "sealer.h"
#include "spool_header.h"

#define ASKED_MAX 32 /* registrations at a time */
#define EVENTS 256
#define SECOND UINT64_C(1000000000)

enum state { NOT_YET, ASKED, BEGINS, IDLE, ENDS, ENDED };

struct session {
	struct sealer sealer;
	enum state state;
	int fifo, sock;
	uint64_t due_ns;    /* of its next heartbeat */
	uint64_t sealed_ns; /* its last seal, 0: acknowledged */
};

static struct session *all;
static size_t count, asked, next, begun, ended;
static uint64_t heartbeats, acks, slowest_ns;
static char folder[64];
static int run, spools, epoll;

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "idlegen: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(ap);
	exit(1);
}

/* BEGIN, a text where there is one, SEAL: one write, as the FIFO of somebody idle is empty. */
static void chunk(struct session *s, uint8_t *p, size_t len, uint8_t kind, uint16_t flags)
{
	static const struct window window = {.rows = 24, .cols = 80};
	static const char argv[] = "-bash";
	const struct event e = {.type = FRAME_META, .kind = META_ARGV,
		.data = (const uint8_t *)argv, .len = sizeof(argv)};
	const struct sealer_end end = {.kind = kind, .flags = flags, .wall_ns = clock_wall(),
		.boot_ns = clock_boot(), .reason = kind == SEAL_END ? END_EXIT : 0};

	len += sealer_begin(&s->sealer, p + len, SECOND, &window);
	if (kind == SEAL_START) {
		len += sealer_event(&s->sealer, p + len, &e);
		memcpy(p + len, argv, sizeof(argv));
		len += sizeof(argv);
	}
	len += sealer_seal(&s->sealer, p + len, &end);
	if (write(s->fifo, p, len) != (ssize_t)len)
		die("FIFO");
	s->sealed_ns = clock_mono();
}

static int fifo_of(struct session *s)
{
	char name[FIFO_NAME_SIZE];
	int fd;

	fifo_name_format(name, s->sealer.id);
	if (mkfifoat(run, name, 0640) < 0)
		die("%s", name);
	fd = openat(run, name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		die("%s", name);
	return fd;
}

/* Empty, as it stays while somebody collects. */
static void make_spool(const struct session *s)
{
	struct spool_header h = {.flags = CERT_F_TERMINAL, .uid = getuid(), .pid = (uint32_t)getpid()};
	uint8_t head[SPOOL_HEADER];
	char name[SPOOL_NAME_SIZE];
	int fd;

	memcpy(h.id, s->sealer.id, ID_SIZE);
	memcpy(h.pk, s->sealer.pk, PK_SIZE);
	spool_header_put(head, &h);
	spool_name_format(name, s->sealer.id);
	fd = openat(spools, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, head, sizeof(head)) != sizeof(head))
		die("%s", name);
	close(fd);
}

static void ask(struct session *s)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};
	struct message m = {.type = MSG_REGISTER};
	uint8_t p[MESSAGE_MAX];
	size_t len;

	sealer_init(&s->sealer);
	s->fifo = fifo_of(s);
	make_spool(s);
	s->sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/register.sock", folder);
	if (s->sock < 0 || connect(s->sock, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("%s", a.sun_path);
	memcpy(m.id, s->sealer.id, ID_SIZE);
	memcpy(m.pk, s->sealer.pk, PK_SIZE);
	len = message_put(p, &m);
	if (send(s->sock, p, len, 0) != (ssize_t)len || epoll_ctl(epoll, EPOLL_CTL_ADD, s->sock, &ev) < 0)
		die("REGISTER");
	s->state = ASKED;
	asked++;
}

static void begin(struct session *s, const struct message *m)
{
	uint8_t p[8 * FRAME_MAX];

	if (s->state != ASKED || m->type != MSG_CERTIFICATE)
		die("message %u: %s", m->type, m->text);
	asked--;
	s->state = BEGINS;
	chunk(s, p, sealer_cert(&s->sealer, p, m->cert, m->cert_len), SEAL_START, 0);
}

static void is_acknowledged(struct session *s)
{
	uint64_t took = clock_mono() - s->sealed_ns;

	acks++;
	slowest_ns = took > slowest_ns ? took : slowest_ns;
	s->sealed_ns = 0;
	if (s->state == BEGINS) {
		s->state = IDLE;
		begun++;
	} else if (s->state == ENDS) {
		s->state = ENDED;
		ended++;
		close(s->fifo);
		close(s->sock);
	}
}

static void hear(struct session *s)
{
	uint8_t p[MESSAGE_MAX];
	struct message m;
	ssize_t n;

	n = recv(s->sock, p, sizeof(p), MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || message_parse(p, (size_t)n, &m) != 0)
		die("the collector hangs up on session %zu", (size_t)(s - all));
	if (m.type != MSG_ACK)
		begin(s, &m);
	else if (s->sealed_ns != 0 && m.frame == s->sealer.frame - 1)
		is_acknowledged(s);
}

/* Waits at most so long for what the collector says. */
static void turn(int ms)
{
	struct epoll_event ev[EVENTS];
	int i, n = epoll_wait(epoll, ev, EVENTS, ms);

	for (i = 0; i < n; i++)
		hear(ev[i].data.ptr);
}

static void bring_up(void)
{
	while (begun < count) {
		while (next < count && asked < ASKED_MAX)
			ask(&all[next++]);
		turn(1000);
	}
}

static int is_told_to_end(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void be_idle(uint64_t every_ns, unsigned long wake)
{
	const uint64_t start = clock_mono();
	uint8_t p[2 * FRAME_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		all[i].due_ns = start + every_ns * (i + 1) / count;
	for (i = 0; !is_told_to_end();) {
		if (clock_mono() < all[i].due_ns) {
			turn(1);
			continue;
		}
		if (all[i].sealed_ns != 0)
			die("session %zu waits for an ack", i);
		heartbeats++;
		chunk(&all[i], p, 0, wake != 0 && heartbeats % wake == 0 ? SEAL_DATA :
		    SEAL_HEARTBEAT, 0);
		all[i].due_ns += every_ns;
		i = (i + 1) % count;
	}
}

static void await_acks(void)
{
	size_t i;

	for (i = 0; i < count; i++)
		while (all[i].sealed_ns != 0)
			turn(1000);
}

static void end_all(void)
{
	uint8_t p[2 * FRAME_MAX];
	size_t i, left = 0;

	for (i = 0; i < count || ended < count; left = i - ended) {
		if (i < count && left < ASKED_MAX) {
			all[i].state = ENDS;
			/* a HURRY that nobody has read would reset the connection, and the ack
			 * be lost that a recorder then asks for again */
			chunk(&all[i++], p, 0, SEAL_END, SEAL_F_PROMPT);
		} else {
			turn(1000);
		}
	}
}

static void prepare(const char *dir)
{
	struct rlimit files;
	char path[80];

	if (sodium_init() < 0 || getrlimit(RLIMIT_NOFILE, &files) < 0)
		die("start");
	files.rlim_cur = 2 * count + 64;
	files.rlim_max = files.rlim_max < files.rlim_cur ? files.rlim_cur : files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		die("%zu open files", 2 * count + 64);
	snprintf(folder, sizeof(folder), "%s", dir);
	snprintf(path, sizeof(path), "%s/run/session", folder);
	run = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/spool", folder);
	spools = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	all = calloc(count, sizeof(*all));
	if (run < 0 || spools < 0 || epoll < 0 || all == NULL)
		die("%s", path);
}

int main(int argc, char **argv)
{
	unsigned long every = argc > 3 ? strtoul(argv[3], NULL, 10) : 30;
	uint64_t start = clock_mono();

	count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	if (count == 0 || every == 0) {
		fputs("usage: idlegen DIR COUNT [SECONDS]\n", stderr);
		return 2;
	}
	alarm(600); /* a collector that hangs */
	setvbuf(stdout, NULL, _IOLBF, 0);
	prepare(argv[1]);
	bring_up();
	printf("up %.2f\n", (double)(clock_mono() - start) / 1e9);
	be_idle(every * SECOND, argc > 4 ? strtoul(argv[4], NULL, 10) : 0);
	await_acks();
	end_all();
	printf("ended %llu %llu %llu\n", (unsigned long long)acks, (unsigned long long)heartbeats,
	    (unsigned long long)(slowest_ns / 1000000));
	return 0;
}
