/* SPDX-License-Identifier: ISC */
/*
 * auditgen CORPUS SESSIONS MB - in the folder at hand, the same each time but for keys: a store
 * (store) of so many closed sessions with so many megabytes of output together, lines of
 * CORPUS (gen corpus) between prompts, typing, coloured listings, progress, less and vi; and
 * the same output as plain files (text/N).  Every hundredth session shows "rare-needle-N".
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert.h"
#include "container.h"
#include "io.h"
#include "keys.h"
#include "sealer.h"
#include "store_name.h"

#define FIRST INT64_C(1767225600000000000) /* 2026-01-01 */
#define SECOND UINT64_C(1000000000)
#define CHUNK 60000
#define SCREEN_ROWS 24
#define SCREEN_COLS 80

static uint64_t seed = 88172645463325252ULL;
static char *corpus;
static size_t corpus_len;

/* The session at hand. */
static struct sealer sealer;
static uint8_t *file;
static size_t len, room, shown;
static int64_t wall_ns;
static uint64_t pause_ns;
static int text_fd, chunk_open;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)((seed >> 11) % n);
}

static void need(size_t more)
{
	if (len + more <= room)
		return;
	room = 2 * room + more;
	file = realloc(file, room);
	if (file == NULL)
		fail("memory");
}

static void seal(uint8_t kind)
{
	const struct sealer_end end = { .kind = kind, .reason = kind == SEAL_END ? END_EXIT : 0,
		.wall_ns = wall_ns + (int64_t)sealer.elapsed_ns, .boot_ns = sealer.elapsed_ns };

	need(FRAME_MAX);
	len += sealer_seal(&sealer, file + len, &end);
	chunk_open = 0;
}

static void begin(void)
{
	static const struct window window = { SCREEN_ROWS, SCREEN_COLS, 0, 0 };

	need(FRAME_MAX);
	len += sealer_begin(&sealer, file + len, 0, &window);
	chunk_open = 1;
}

static void event(uint8_t type, const char *p, size_t n)
{
	struct event e = { .type = type, .dt = pause_ns, .data = (const uint8_t *)p, .len = n };

	pause_ns = 0;
	if (chunk_open && (!sealer_fits(&sealer, n) || sealer.payload_len > CHUNK))
		seal(sealer.chunk == 0 ? SEAL_START : SEAL_DATA);
	if (!chunk_open)
		begin();
	need(FRAME_MAX + n);
	len += sealer_event(&sealer, file + len, &e);
	memcpy(file + len, p, n);
	len += n;
}

static void output(const char *p, size_t n)
{
	if (io_write_all(text_fd, p, n) != 0)
		fail("text");
	for (; n > 0; p += n < 4096 ? n : 4096, n -= n < 4096 ? n : 4096) {
		event(FRAME_OUTPUT, p, n < 4096 ? n : 4096);
		pause_ns = 1000000;
	}
}

static void say(const char *text)
{
	output(text, strlen(text));
	shown += strlen(text);
}

/* Some lines of the corpus, as a terminal has them. */
static void say_lines(unsigned lines, const char *end)
{
	size_t at = below(corpus_len - 200000);
	const char *p = memchr(corpus + at, '\n', corpus_len - at);
	char line[8192];

	for (; p != NULL && lines > 0; lines--) {
		const char *next;

		p++;
		next = memchr(p, '\n', corpus_len - (size_t)(p - corpus));
		if (next == NULL)
			return;
		snprintf(line, sizeof line, "%.*s%s", (int)(next - p), p, end);
		say(line);
		p = next;
	}
}

static void type_line(const char *line)
{
	say("\033[01;32muser@host\033[00m:\033[01;34m~/work\033[00m$ ");
	for (; *line != '\0'; line++) {
		pause_ns = 90000000 + below(90000000);
		event(FRAME_INPUT, line, 1);
		output(line, 1);
		shown++;
		if (below(20) == 0) {
			event(FRAME_INPUT, "x", 1);
			output("x", 1);
			event(FRAME_INPUT, "\177", 1);
			output("\b\033[K", 4);
			shown += 5;
		}
	}
	event(FRAME_INPUT, "\r", 1);
	say("\r\n");
}

static void list(void)
{
	char line[256];

	type_line("ls --color -l");
	for (unsigned i = 10 + below(60); i > 0; i--) {
		snprintf(line, sizeof line, "-rw-r--r-- 1 user user %8u Jan %2u 10:%02u "
		    "\033[0m\033[01;3%um%c%c%c-%u.tar.gz\033[0m\r\n", below(99999999),
		    1 + below(28), below(60), 1 + below(6), 'a' + (int)below(26),
		    'a' + (int)below(26), 'a' + (int)below(26), below(100000));
		say(line);
	}
}

static void progress(void)
{
	char line[128];

	type_line("wget https://example.org/file");
	for (unsigned i = 0; i <= 100; i += 1 + below(4)) {
		snprintf(line, sizeof line, "\rfile  %3u%%[%-*.*s] %u.%uM  eta %us ", i, 40,
		    (int)(40 * i / 100), "========================================", i / 3, i % 10,
		    100 - i);
		say(line);
	}
	say("\r\n");
}

static void pages(const char *program)
{
	char line[64];

	type_line(program);
	say("\033[?1049h\033[22;0;0t\033[H\033[2J");
	for (unsigned i = 2 + below(6); i > 0; i--) {
		pause_ns = 2 * SECOND;
		say("\033[H");
		say_lines(SCREEN_ROWS - 1, "\033[K\r\n");
		snprintf(line, sizeof line, "\033[%u;1H\033[7m--More--(%u%%)\033[m\033[K", SCREEN_ROWS,
		    below(100));
		say(line);
	}
	say("\033[?1049l\033[23;0;0t\r\033[K\033[?1l\033>");
}

static void work(void)
{
	unsigned what = below(100);

	pause_ns = SECOND * (1 + below(20));
	if (what < 70) {
		type_line("make -k");
		say_lines(20 + below(600), "\r\n");
	} else if (what < 85) {
		list();
	} else if (what < 90) {
		progress();
	} else {
		pages(what < 95 ? "less log" : "vi main.c");
	}
}

static void certificate(const struct host_pub *pub, const uint8_t sk[SK_SIZE], uint64_t n)
{
	uint8_t body[FRAME_BODY_MAX];
	struct cert c = { .flags = CERT_F_TERMINAL, .n = n, .wall_ns = wall_ns, .boot_ns = n,
		.pid = 4242, .uid = 1000 + (uint32_t)(n % 20), .gid = 1000, .loginuid = 1000,
		.audit_session = CERT_UNSET, .tty_dev = 136U << 20 | 3, .start_ticks = 8640000,
		.host = "host.example", .tty = "pts/3", .from = "192.0.2.7", .cwd = "/home" };
	int n_body;

	snprintf(c.user, sizeof c.user, "user%u", (unsigned)(n % 20));
	memcpy(c.id, sealer.id, ID_SIZE);
	memcpy(c.pk, sealer.pk, PK_SIZE);
	cert_host_id(c.host_id, pub->pk);
	n_body = cert_put(body, &c, sk);
	if (n_body < 0)
		fail("certificate");
	need(FRAME_MAX);
	len += sealer_cert(&sealer, file + len, body, (size_t)n_body);
}

static void write_session(uint64_t n)
{
	struct session_name name = { .n = n, .state = SESSION_CLOSED };
	char day[STORE_DAY_MAX], path[64 + STORE_DAY_MAX + STORE_NAME_MAX], text[STORE_NAME_MAX];
	int plain = open("plain", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), packed;

	store_day(day, wall_ns);
	for (size_t i = 4; i <= strlen(day); i += 3) {
		snprintf(path, sizeof path, "store/session/%.*s", (int)i, day);
		mkdir(path, 0700);
	}
	memcpy(name.id, sealer.id, ID_SIZE);
	store_name_format(text, &name);
	snprintf(path, sizeof path, "store/session/%s/%s", day, text);
	packed = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (plain < 0 || packed < 0 || io_write_all(plain, file, len) != 0 ||
	    container_pack(plain, packed) != 0)
		fail(path);
	close(plain);
	close(packed);
}

static void make_session(const struct host_pub *pub, const uint8_t sk[SK_SIZE], uint64_t n,
    size_t bytes)
{
	char path[64];

	snprintf(path, sizeof path, "text/%llu", (unsigned long long)n);
	text_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (text_fd < 0)
		fail(path);
	wall_ns = FIRST + (int64_t)(n * 1800 * SECOND);
	len = shown = 0;
	sealer_init(&sealer);
	certificate(pub, sk, n);
	begin();
	while (shown < bytes)
		work();
	if (n % 100 == 0) {
		snprintf(path, sizeof path, "rare-needle-%llu\r\n", (unsigned long long)n);
		say(path);
	}
	if (sealer.chunk == 0)
		seal(SEAL_START);
	if (!chunk_open)
		begin();
	seal(SEAL_END);
	close(text_fd);
	write_session(n);
	sealer_wipe(&sealer);
}

int main(int argc, char **argv)
{
	struct host_pub pub = { 0 };
	uint8_t sk[SK_SIZE], *p;
	unsigned long sessions, mb;
	char text[32];
	int fd;

	if (argc != 4 || (sessions = strtoul(argv[2], NULL, 10)) == 0 ||
	    (mb = strtoul(argv[3], NULL, 10)) == 0 || sodium_init() < 0) {
		fprintf(stderr, "usage: auditgen CORPUS SESSIONS MB\n");
		return 2;
	}
	if (io_read_file(AT_FDCWD, argv[1], SIZE_MAX / 2, &p, &corpus_len) != 0 ||
	    corpus_len < 1000000 || mkdir("store", 0700) != 0 ||
	    mkdir("store/session", 0700) != 0 || mkdir("text", 0700) != 0)
		fail(argv[1]);
	corpus = (char *)p;
	crypto_sign_keypair(pub.pk, sk);
	key_pub_name(pub.name, "host.example");
	fd = open("store/number", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	snprintf(text, sizeof text, "%lu\n", sessions);
	if (key_pub_write(&pub, "store/host.pub") != 0 || fd < 0 ||
	    io_write_all(fd, text, strlen(text)) != 0)
		fail("store");
	for (unsigned long n = 1; n <= sessions; n++)
		make_session(&pub, sk, n, mb * 1000000 / sessions);
	unlink("plain");
	return 0;
}
