/* SPDX-License-Identifier: ISC */
/* What a recorder that was killed had written, and what one that has ended waits for. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "id_name.h"
#include "peer.h"
#include "spool_header.h"

static struct host host;
static struct peer peer;
static int spool;

static void begin(void)
{
	host_begin(&host);
}

static void end(void)
{
	host_remove(&host);
}

static void spool_path(char path[160], const char *suffix)
{
	char name[SPOOL_NAME_SIZE];

	spool_name_format(name, peer.sealer.id);
	snprintf(path, 160, "%s/spool/%s%s", host.dir, name, suffix);
}

static int spool_is_there(const char *suffix)
{
	char path[160];

	spool_path(path, suffix);
	return access(path, F_OK) == 0;
}

/* So many bytes of what the peer sent count from here on. */
static void spool_counts(size_t len)
{
	uint8_t state[SPOOL_STATE];

	spool_header_put_state(state, len, 1);
	ck_assert_int_eq(pwrite(spool, state, sizeof(state), SPOOL_STATE_AT), sizeof(state));
}

/* Holds what the peer sent from off on, of which nothing counts. */
static void make_spool(size_t off)
{
	struct spool_header h = {.flags = CERT_F_TERMINAL, .generation = 1, .uid = getuid(),
		.gid = getgid(), .pid = (uint32_t)getpid()};
	uint8_t head[SPOOL_HEADER];
	char path[160];

	memcpy(h.id, peer.sealer.id, ID_SIZE);
	memcpy(h.pk, peer.sealer.pk, PK_SIZE);
	spool_header_put(head, &h);
	spool_path(path, "");
	spool = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ck_assert_int_ge(spool, 0);
	ck_assert_int_eq(write(spool, head, sizeof(head)), sizeof(head));
	ck_assert_int_eq(write(spool, peer.sent + off, peer.len - off), (ssize_t)(peer.len - off));
}

static void configure(const char *space)
{
	char path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/shellac.conf", host.dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "compress = no\nacct = off\nprocess_events = no\nspace_left = %s\n"
	    "space_left_action = freeze\n", space);
	fclose(f);
	if (host.pid > 0)
		kill(host.pid, SIGHUP);
}

static void is_told(size_t len)
{
	const struct message m = {.type = MSG_SPOOLED, .length = len, .generation = 1};
	uint8_t buf[MESSAGE_MAX];
	size_t n = message_put(buf, &m);

	ck_assert_int_eq(send(peer.sock, buf, n, 0), (ssize_t)n);
}

/* The first is in the FIFO, all that is behind it in the spool; then waits. */
static void three_chunks(size_t end[3], int ready, int go)
{
	char c;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 1, 100);
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	end[0] = peer.len;
	peer_chunk(&peer, SEAL_DATA, 0, 3, 1000);
	end[1] = peer.len;
	peer_chunk(&peer, SEAL_DATA, 0, 3, 1000);
	end[2] = peer.len;
	make_spool(end[0]);
	ck_assert_int_eq(write(ready, end, 3 * sizeof(*end)), 3 * sizeof(*end));
	ck_assert_int_eq(write(ready, peer.sent, end[2]), (ssize_t)end[2]);
	ck_assert_int_eq(write(ready, &peer.sealer, sizeof(peer.sealer)), sizeof(peer.sealer));
	ck_assert_int_eq(read(go, &c, 1), 1);
}

/* Tells of one chunk, writes another, is killed; meanwhile the store has no room. */
static void tells_half(int ready, int go)
{
	size_t end[3];

	three_chunks(end, ready, go);
	spool_counts(end[1] - end[0]);
	is_told(end[1] - end[0]);
	spool_counts(end[2] - end[0]);
	raise(SIGKILL);
}

/* Is killed in the middle of copying what the FIFO held. */
static void copies_half(int ready, int go)
{
	size_t end[3];

	three_chunks(end, ready, go);
	spool_counts(end[1] - end[0] + 10);
	raise(SIGKILL);
}

static void read_exactly(int fd, void *p, size_t len)
{
	uint8_t *at = p;
	ssize_t n;

	for (; len > 0; at += n, len -= (size_t)n) {
		n = read(fd, at, len);
		ck_assert_int_gt(n, 0);
	}
}

/* Runs it until it waits for go, which is returned. */
static int recorder(void (*fn)(int ready, int go), size_t end[3], pid_t *pid)
{
	int ready[2], go[2];

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
	*pid = fork();
	ck_assert_int_ge(*pid, 0);
	if (*pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(ready[1], go[0]);
		_exit(1);
	}
	close(ready[1]);
	close(go[0]);
	read_exactly(ready[0], end, 3 * sizeof(*end));
	read_exactly(ready[0], peer.sent, end[2]);
	read_exactly(ready[0], &peer.sealer, sizeof(peer.sealer));
	close(ready[0]);
	return go[1];
}

static void let_it_die(int go, pid_t pid)
{
	int status;

	ck_assert_int_eq(write(go, "", 1), 1);
	close(go);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

START_TEST(what_it_did_not_come_to_tell_is_taken)
{
	size_t end[3];
	pid_t pid;
	int go;

	go = recorder(tells_half, end, &pid);
	configure("1000G");
	sleep(1); /* until the collector has looked at its room, twice a second */
	let_it_die(go, pid);
	sleep(3); /* and at who is gone, once a second */
	configure("0");
	host_stores(&host, ".cut", &peer, end[2]);
}
END_TEST

START_TEST(half_a_copy_is_no_lie)
{
	size_t end[3];
	pid_t pid;
	int go, i;

	go = recorder(copies_half, end, &pid);
	let_it_die(go, pid);
	host_stores(&host, ".cut", &peer, end[1]);
	for (i = 0; i < 1000 && spool_is_there(""); i++)
		usleep(10000);
	ck_assert(!spool_is_there(""));
	ck_assert(!spool_is_there(".refused"));
}
END_TEST

/* Is killed in the middle of copying what the FIFO holds, which the store does not take. */
static void copies_of_a_full_fifo(int ready, int go)
{
	size_t end[3];

	three_chunks(end, ready, go);
	peer_write(&peer, end[0]);
	spool_counts(end[1] - end[0] + 10);
	raise(SIGKILL);
}

/* And so is the collector: then its FIFO is nowhere any more. */
START_TEST(half_a_copy_is_completed)
{
	size_t end[3];
	pid_t pid;
	int go;

	go = recorder(copies_of_a_full_fifo, end, &pid);
	configure("1000G");
	sleep(1);
	let_it_die(go, pid);
	sleep(3);
	host_end(&host, SIGKILL);
	configure("0");
	host_start(&host);
	host_stores(&host, ".cut", &peer, end[2]);
}
END_TEST

/* Its recorder went back to the FIFO, could not go to the spool again, and removed that: the
 * one that the collector makes for what is in the FIFO is not the one it has read. */
START_TEST(a_spool_made_anew_is_read)
{
	struct message m;
	char path[160];
	size_t off;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 1, 100);
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	off = peer.len;
	peer_chunk(&peer, SEAL_DATA, 0, 3, 3000);
	make_spool(off);
	spool_counts(peer.len - off);
	is_told(peer.len - off);
	while (peer_receive(peer.sock, &m) != MSG_DRAINED)
		ck_assert_int_eq(m.type, MSG_ACK);
	spool_path(path, "");
	ck_assert_int_eq(unlink(path), 0);
	configure("1000G");
	sleep(1);
	off = peer.len;
	peer_chunk(&peer, SEAL_DATA, 0, 1, 1000);
	peer_write(&peer, off);
	peer_close(&peer);
	sleep(3);
	configure("0");
	host_stores(&host, ".cut", &peer, peer.len);
}
END_TEST

static void append_to_live_file(size_t off)
{
	char cmd[400], path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/more", host.dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(peer.sent + off, 1, peer.len - off, f), peer.len - off);
	fclose(f);
	snprintf(cmd, sizeof(cmd), "tee -a %s/store/session/*/*/*/*.live <%s/more >/dev/null",
	    host.dir, host.dir);
	ck_assert_int_eq(system(cmd), 0);
}

/* The collector died between the store and the FIFO, and the next one dies before the
 * recorder asks: the third knows nobody, and the FIFO says that all was taken. */
START_TEST(nothing_is_left_in_the_fifo_of_one_that_has_ended)
{
	int left = 0, reader;
	size_t off;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 1, 100);
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	reader = open(peer.fifo_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ge(reader, 0);
	host_end(&host, SIGKILL);
	off = peer.len;
	peer_chunk(&peer, SEAL_END, SEAL_F_PROMPT, 1, 100);
	peer_write(&peer, off);
	append_to_live_file(off);
	host_start(&host);
	host_stores(&host, ".shlc", &peer, peer.len);
	ck_assert_int_eq(ioctl(reader, FIONREAD, &left), 0);
	ck_assert_int_eq(left, 0);
	close(reader);
	peer_close(&peer);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("session_spool");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, what_it_did_not_come_to_tell_is_taken);
	tcase_add_test(t, half_a_copy_is_no_lie);
	tcase_add_test(t, half_a_copy_is_completed);
	tcase_add_test(t, a_spool_made_anew_is_read);
	tcase_add_test(t, nothing_is_left_in_the_fifo_of_one_that_has_ended);
	return suite_run_case("session_spool", t);
}
