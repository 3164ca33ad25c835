/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "bytes.h"
#include "peer.h"

static struct host host;
static struct peer peer, other;

static void begin(void)
{
	host_begin(&host);
}

static void end(void)
{
	host_remove(&host);
}

START_TEST(acknowledges_what_is_stored)
{
	char answer[16384];

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 3, 100);
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	host_stores(&host, ".live", &peer, peer.len);
	host_ask(&host, "status", answer, sizeof(answer));
	ck_assert_ptr_nonnull(strstr(answer, "\"sessions\":1"));
	peer_close(&peer);
}
END_TEST

/* Chunk after chunk, as from somebody who types: the FIFO is then not watched. */
START_TEST(looks_when_asked)
{
	const struct message hurry = {.type = MSG_HURRY};
	uint8_t m[MESSAGE_MAX];
	size_t len = message_put(m, &hurry), off;
	int i;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, 0, 3, 100);
	peer_write(&peer, 0);
	for (i = 0; i < 50; i++) {
		off = peer.len;
		peer_chunk(&peer, SEAL_DATA, SEAL_F_PROMPT, 1, 10);
		peer_write(&peer, off);
		ck_assert_int_eq(send(peer.sock, m, len, 0), (ssize_t)len);
		peer_wait_ack(&peer);
	}
	host_stores(&host, ".live", &peer, peer.len);
	peer_close(&peer);
}
END_TEST

START_TEST(closes_after_end)
{
	char answer[100];

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, 0, 3, 100);
	peer_chunk(&peer, SEAL_END, 0, 3, 100);
	peer_write(&peer, 0);
	host_ask(&host, "sync", answer, sizeof(answer));
	ck_assert_str_eq(answer, "ok");
	host_stores(&host, ".shlc", &peer, peer.len);
	peer_wait_ack(&peer);
	ck_assert_int_ne(access(peer.fifo_path, F_OK), 0);
	peer_close(&peer);
}
END_TEST

START_TEST(cut_without_end)
{
	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, 0, 3, 100);
	peer_write(&peer, 0);
	peer_close(&peer);
	host_stores(&host, ".cut", &peer, peer.len);
}
END_TEST

START_TEST(cut_without_a_byte)
{
	peer_register(&peer, &host);
	peer_close(&peer);
	host_stores(&host, ".cut", &peer, peer.len);
}
END_TEST

START_TEST(torn_tail_is_dropped)
{
	size_t whole;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, 0, 3, 100);
	whole = peer.len;
	peer_chunk(&peer, SEAL_DATA, 0, 0, 0);
	peer.len = whole + 20;
	peer_write(&peer, 0);
	peer_close(&peer);
	host_stores(&host, ".cut", &peer, whole);
}
END_TEST

START_TEST(bad_session_is_refused_others_go_on)
{
	struct message m;

	peer_register(&peer, &host);
	peer_register(&other, &host);
	ck_assert_int_eq(write(other.fifo, "\xf5\x11\xff\xff garbage garbage", 20), 20);
	ck_assert_int_eq(peer_receive(other.sock, &m), MSG_REFUSED);
	ck_assert_int_eq(m.code, REFUSED_MALFORMED);
	ck_assert_int_eq(peer_receive(other.sock, &m), 0);
	host_stores(&host, ".cut", &other, other.len);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 3, 100);
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	peer_close(&peer);
	peer_close(&other);
}
END_TEST

START_TEST(goes_on_after_a_kill)
{
	struct message m = {.type = MSG_RESUME};
	uint8_t buf[MESSAGE_MAX];
	size_t at, n;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 3, 100);
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	at = peer.len;
	/* as a recorder would: the next frames wait in the FIFO */
	ck_assert_int_ge(open(peer.fifo_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), 0);
	host_end(&host, SIGKILL);
	ck_assert_int_eq(peer_receive(peer.sock, &m), 0);
	peer_chunk(&peer, SEAL_DATA, SEAL_F_PROMPT, 3, 100);
	peer_write(&peer, at);
	host_start(&host);
	close(peer.sock);
	peer.sock = peer_connect(&host);
	m = (struct message){.type = MSG_RESUME};
	memcpy(m.id, peer.sealer.id, ID_SIZE);
	n = message_put(buf, &m);
	ck_assert_int_eq(send(peer.sock, buf, n, 0), (ssize_t)n);
	peer_wait_ack(&peer);
	at = peer.len;
	peer_chunk(&peer, SEAL_END, 0, 1, 100);
	peer_write(&peer, at);
	peer_wait_ack(&peer);
	host_stores(&host, ".shlc", &peer, peer.len);
	peer_close(&peer);
}
END_TEST

START_TEST(numbers_have_no_gap)
{
	uint64_t n = 0;
	int i;

	for (i = 1; i <= 5; i++) {
		peer_register(&peer, &host);
		n = get_u64(peer.sent + FRAME_HEADER + 8);
		ck_assert_uint_eq(n, (uint64_t)i);
		peer_close(&peer);
		if (i % 2 == 0) {
			host_end(&host, i == 2 ? SIGKILL : SIGTERM);
			host_start(&host);
		}
	}
}
END_TEST

START_TEST(ends_cleanly)
{
	char path[128];
	int status;

	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, 0, 3, 100);
	peer_write(&peer, 0);
	status = host_end(&host, SIGTERM);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	host_stores(&host, ".live", &peer, peer.len);
	peer_wait_ack(&peer);
	snprintf(path, sizeof(path), "%s/run/register.sock", host.dir);
	ck_assert_int_ne(access(path, F_OK), 0);
	peer_close(&peer);
}
END_TEST

START_TEST(malformed_messages_are_refused)
{
	static const char *const bad[] = {"", "x", "SHRG\1\2\0\0", "SHRG\2\1\0\0", "SHRG\1\1\1\0x",
		"SHRG\1\20\0\0"};
	uint8_t large[9000] = "SHRG\1\1";
	struct message m;
	size_t i;
	int s;

	for (i = 1; i < sizeof(bad) / sizeof(bad[0]) + 1; i++) {
		s = peer_connect(&host);
		if (i < sizeof(bad) / sizeof(bad[0]))
			send(s, bad[i], i == 1 ? 1 : i == 4 ? 9 : 8, 0);
		else
			send(s, large, sizeof(large), 0);
		ck_assert_int_eq(peer_receive(s, &m), MSG_REFUSED);
		ck_assert_int_eq(m.code, REFUSED_MALFORMED);
		ck_assert_int_eq(peer_receive(s, &m), 0);
		close(s);
	}
}
END_TEST

START_TEST(silent_peers_do_not_keep_others_out)
{
	int s[600], i;

	for (i = 0; i < 600; i++)
		s[i] = peer_connect(&host);
	peer_register(&peer, &host);
	peer_close(&peer);
	for (i = 0; i < 600; i++)
		close(s[i]);
}
END_TEST

START_TEST(unsafe_fifos_are_refused)
{
	struct message m = {.type = MSG_REGISTER};
	char path[128], more[140];
	uint8_t buf[MESSAGE_MAX];
	int i, s;

	for (i = 0; i < 4; i++) {
		memset(m.id, 0x11 * (i + 1), ID_SIZE);
		snprintf(path, sizeof(path), "%s/run/session/", host.dir);
		for (s = 0; s < ID_SIZE; s++)
			sprintf(path + strlen(path), "%d%d", i + 1, i + 1);
		strcat(path, ".fifo");
		snprintf(more, sizeof(more), "%s.2", path);
		if (i == 1)
			ck_assert_int_eq(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
		if (i == 2)
			ck_assert(mkfifo(more, 0600) == 0 && symlink(more, path) == 0);
		if (i == 3)
			ck_assert(mkfifo(path, 0600) == 0 && chmod(path, 0666) == 0);
		m.type = MSG_REGISTER;
		s = peer_connect(&host);
		send(s, buf, message_put(buf, &m), 0);
		ck_assert_int_eq(peer_receive(s, &m), MSG_REFUSED);
		ck_assert_int_eq(m.code, REFUSED_FIFO);
		close(s);
	}
}
END_TEST

START_TEST(resume_is_for_the_same_process)
{
	struct message m = {.type = MSG_RESUME};
	uint8_t buf[MESSAGE_MAX];
	int s, status;
	pid_t child;

	peer_register(&peer, &host);
	memcpy(m.id, peer.sealer.id, ID_SIZE);
	child = fork();
	if (child == 0) {
		s = peer_connect(&host);
		send(s, buf, message_put(buf, &m), 0);
		_exit(peer_receive(s, &m) == MSG_REFUSED && m.code == REFUSED_NOT_YOURS ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	peer_close(&peer);
}
END_TEST

START_TEST(one_collector_a_store)
{
	const char *top = getenv("top_builddir");
	char cmd[4096];

	snprintf(cmd, sizeof(cmd), "%s/collector/shellacd -n -d %s 2>&1 | grep -q 'pid %d' ",
	    top != NULL ? top : ".", host.dir, (int)host.pid);
	ck_assert_int_eq(system(cmd), 0);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("shellacd");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, acknowledges_what_is_stored);
	tcase_add_test(t, looks_when_asked);
	tcase_add_test(t, closes_after_end);
	tcase_add_test(t, cut_without_end);
	tcase_add_test(t, cut_without_a_byte);
	tcase_add_test(t, torn_tail_is_dropped);
	tcase_add_test(t, bad_session_is_refused_others_go_on);
	tcase_add_test(t, goes_on_after_a_kill);
	tcase_add_test(t, numbers_have_no_gap);
	tcase_add_test(t, ends_cleanly);
	tcase_add_test(t, malformed_messages_are_refused);
	tcase_add_test(t, silent_peers_do_not_keep_others_out);
	tcase_add_test(t, unsafe_fifos_are_refused);
	tcase_add_test(t, resume_is_for_the_same_process);
	tcase_add_test(t, one_collector_a_store);
	return suite_run_case("shellacd", t);
}
