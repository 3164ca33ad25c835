/* SPDX-License-Identifier: ISC */
/* Heartbeats of very many sessions, which go to disk together. */
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "peer.h"
#include "sanitized.h"

#ifdef SANITIZED
int main(void)
{
	puts("1..0 # SKIP a sanitizer's runtime wants to be the first library");
	return 0;
}
#else
#define MANY 260 /* with fewer than 256 nothing is done together */
#define SOME 40
#define FEW 5
#define LATER_MS 2500 /* what waits for others has gone by then */

static struct host host;
static struct peer *peers;
static char file_wish[100], all_wish[100];

static void wish(const char *path, const char *what)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(what, f);
	fclose(f);
}

static void begin(void)
{
	const char *top = getenv("top_builddir");
	char path[4096];
	FILE *f;
	int i;

	host_begin(&host);
	ck_assert_int_eq(host_end(&host, SIGTERM), 0);
	snprintf(path, sizeof(path), "%s/shellac.conf", host.dir);
	f = fopen(path, "a");
	ck_assert_ptr_nonnull(f);
	fputs("session_rate = 0\n", f);
	fclose(f);
	snprintf(file_wish, sizeof(file_wish), "%s/file", host.dir);
	snprintf(all_wish, sizeof(all_wish), "%s/all", host.dir);
	snprintf(path, sizeof(path), "%s/tests/collector/shim_sync.so", top != NULL ? top : ".");
	setenv("LD_PRELOAD", path, 1);
	setenv("SHIM_SYNC", file_wish, 1);
	setenv("SHIM_SYNCFS", all_wish, 1);
	host_start(&host);
	unsetenv("LD_PRELOAD");
	peers = calloc(MANY, sizeof(*peers));
	ck_assert_ptr_nonnull(peers);
	for (i = 0; i < MANY; i++) {
		peer_register(&peers[i], &host);
		peer_chunk(&peers[i], SEAL_START, 0, 1, 10);
		peer_write(&peers[i], 0);
	}
	for (i = 0; i < MANY; i++)
		peer_wait_ack(&peers[i]);
}

static void end(void)
{
	int i;

	for (i = 0; i < MANY; i++)
		peer_close(&peers[i]);
	free(peers);
	host_remove(&host);
}

static void send_chunk(struct peer *p, uint8_t kind, uint16_t flags)
{
	const struct message hurry = {.type = MSG_HURRY};
	uint8_t buf[MESSAGE_MAX];
	size_t off = p->len;

	peer_chunk(p, kind, flags, 0, 0);
	peer_write(p, off);
	if (flags & SEAL_F_PROMPT)
		ck_assert_int_ge(send(p->sock, buf, message_put(buf, &hurry), 0), 0);
}

static void beat(int from, int to)
{
	int i;

	for (i = from; i < to; i++)
		send_chunk(&peers[i], SEAL_HEARTBEAT, 0);
}

static void are_acknowledged(int from, int to)
{
	int i;

	for (i = from; i < to; i++)
		peer_wait_ack(&peers[i]);
}

/* Acks that have come by then. */
static int acks(int from, int to, int ms)
{
	struct pollfd p[MANY];
	int i;

	usleep((useconds_t)ms * 1000);
	for (i = from; i < to; i++)
		p[i - from] = (struct pollfd){.fd = peers[i].sock, .events = POLLIN};
	return poll(p, (nfds_t)(to - from), 0);
}

START_TEST(they_go_to_disk_together)
{
	wish(file_wish, "hold");
	beat(0, SOME);
	are_acknowledged(0, SOME);
	/* what is none goes by itself, a heartbeat behind it, too */
	send_chunk(&peers[SOME], SEAL_DATA, 0);
	send_chunk(&peers[SOME], SEAL_HEARTBEAT, 0);
	beat(0, SOME);
	are_acknowledged(0, SOME);
	ck_assert_int_eq(acks(SOME, SOME + 1, 0), 0);
	wish(file_wish, "");
	are_acknowledged(SOME, SOME + 1);
}
END_TEST

/* Who types meanwhile does not wait for them; nor who ends. */
START_TEST(no_ack_before_the_disk_and_nobody_waits_with_them)
{
	wish(all_wish, "hold");
	beat(0, SOME);
	ck_assert_int_eq(acks(0, SOME, LATER_MS), 0);
	send_chunk(&peers[0], SEAL_DATA, SEAL_F_PROMPT);
	send_chunk(&peers[MANY - 1], SEAL_DATA, SEAL_F_PROMPT);
	send_chunk(&peers[1], SEAL_DATA, 0);
	send_chunk(&peers[2], SEAL_END, SEAL_F_PROMPT);
	are_acknowledged(0, 3);
	are_acknowledged(MANY - 1, MANY);
	host_wait_count(&host, ".shlc", 1);
	/* one that comes too late for those under way, and one that is ended with its heart */
	beat(SOME, 2 * SOME);
	ck_assert_int_eq(acks(3, 2 * SOME, LATER_MS), 0);
	peer_close(&peers[3]);
	host_wait_count(&host, ".cut", 1);
	wish(all_wish, "");
	are_acknowledged(4, 2 * SOME);
}
END_TEST

/* The collector that ends does not leave them, whatever syncfs(2) does. */
START_TEST(they_are_on_disk_at_the_end)
{
	wish(all_wish, "hold");
	beat(0, SOME);
	ck_assert_int_eq(acks(0, SOME, LATER_MS), 0);
	beat(SOME, 2 * SOME);
	kill(host.pid, SIGTERM);
	are_acknowledged(0, SOME);
	wish(all_wish, "");
	ck_assert_int_eq(host_end(&host, SIGTERM), 0);
	host_start(&host);
	ck_assert_int_eq(host_count(&host, ".live"), MANY);
}
END_TEST

START_TEST(few_go_alone)
{
	wish(all_wish, "hold");
	beat(0, FEW);
	are_acknowledged(0, FEW);
	wish(all_wish, "");
}
END_TEST

/* The error may be of any file: which ones are on disk is found out by asking for each. */
START_TEST(an_error_is_whose_it_is)
{
	wish(all_wish, "fail");
	beat(0, SOME);
	are_acknowledged(0, SOME);
	/* and is not risked again soon */
	wish(all_wish, "hold");
	beat(0, SOME);
	are_acknowledged(0, SOME);
	wish(all_wish, "");
}
END_TEST

START_TEST(an_error_of_all_is_everybodys)
{
	wish(all_wish, "fail");
	wish(file_wish, "fail");
	beat(0, SOME);
	ck_assert_int_eq(acks(0, SOME, LATER_MS), 0);
	wish(all_wish, "");
	wish(file_wish, "");
	beat(0, SOME);
	ck_assert_int_eq(acks(0, SOME, LATER_MS), 0);
	send_chunk(&peers[SOME], SEAL_DATA, SEAL_F_PROMPT);
	are_acknowledged(SOME, SOME + 1);
}
END_TEST

START_TEST(others_that_keep_the_disk_busy_are_left_alone)
{
	wish(all_wish, "slow");
	beat(0, SOME);
	are_acknowledged(0, SOME);
	wish(all_wish, "hold");
	beat(0, SOME);
	are_acknowledged(0, SOME);
	wish(all_wish, "");
}
END_TEST

static int is_done_here(void)
{
	struct statfs fs;

	return statfs("/tmp", &fs) == 0 &&
	    (fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == XFS_SUPER_MAGIC);
}

int main(void)
{
	TCase *t = tcase_create("heartbeats");

	if (!is_done_here()) {
		puts("1..0 # SKIP /tmp is on no file system on which this is done");
		return 0;
	}
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, they_go_to_disk_together);
	tcase_add_test(t, no_ack_before_the_disk_and_nobody_waits_with_them);
	tcase_add_test(t, they_are_on_disk_at_the_end);
	tcase_add_test(t, few_go_alone);
	tcase_add_test(t, an_error_is_whose_it_is);
	tcase_add_test(t, an_error_of_all_is_everybodys);
	tcase_add_test(t, others_that_keep_the_disk_busy_are_left_alone);
	return suite_run_case("heartbeats", t);
}
#endif
