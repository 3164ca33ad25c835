/* SPDX-License-Identifier: ISC */
/* What the collector says while its disk is slow, or fails. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/suite.h"
#include "bytes.h"
#include "peer.h"
#include "sanitized.h"

#ifdef SANITIZED
int main(void)
{
	puts("1..0 # SKIP a sanitizer's runtime wants to be the first library");
	return 0;
}
#else
static struct host host;
static struct peer peer;

static char wish_path[100];

static void wish(const char *what)
{
	FILE *f = fopen(wish_path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(what, f);
	fclose(f);
}

static void start_with_shim(void)
{
	const char *top = getenv("top_builddir");
	char shim[4096];

	snprintf(shim, sizeof(shim), "%s/tests/collector/shim_sync.so", top != NULL ? top : ".");
	ck_assert_int_eq(access(shim, R_OK), 0);
	snprintf(wish_path, sizeof(wish_path), "%s/wish", host.dir);
	ck_assert_int_eq(host_end(&host, SIGTERM), 0);
	setenv("LD_PRELOAD", shim, 1);
	setenv("SHIM_SYNC", wish_path, 1);
	host_start(&host);
	unsetenv("LD_PRELOAD");
}

static void no_ack_comes(void)
{
	struct pollfd p = {.fd = peer.sock, .events = POLLIN};

	ck_assert_int_eq(poll(&p, 1, 1000), 0);
}

/* and nobody else waits with it */
START_TEST(certificate_waits_for_the_disk)
{
	const struct message probe = {.type = MSG_PROBE};
	uint8_t buf[MESSAGE_MAX];
	struct message m;
	int s;

	start_with_shim();
	wish("hold");
	peer_ask(&peer, &host);
	s = peer_connect(&host);
	send(s, buf, message_put(buf, &probe), 0);
	ck_assert_int_eq(peer_receive(s, &m), MSG_READY);
	close(s);
	no_ack_comes();
	wish("");
	peer_certified(&peer);
	peer_close(&peer);
}
END_TEST

START_TEST(no_certificate_after_a_failed_sync)
{
	struct message m;
	int i;

	start_with_shim();
	wish("fail");
	peer_ask(&peer, &host);
	ck_assert_int_eq(peer_receive(peer.sock, &m), MSG_REFUSED);
	ck_assert_int_eq(m.code, REFUSED_INTERNAL);
	close(peer.sock);
	wish("");
	for (i = 0; i < 100 && host_count(&host, ".cut") != 1; i++)
		usleep(100000);
	ck_assert_int_eq(host_count(&host, ".cut"), 1);
	peer_register(&peer, &host);
	ck_assert_uint_eq(get_u64(peer.sent + FRAME_HEADER + 8), 2);
	peer_close(&peer);
}
END_TEST

/* What the shim does to sessions' files it does to the ledger. */
static void start_with_ledger_shim(void)
{
	setenv("SHIM_SYNC_NAME", "/ledger/log", 1);
	start_with_shim();
	unsetenv("SHIM_SYNC_NAME");
}

/* OPEN is on disk, or there is no session. */
START_TEST(certificate_waits_for_the_ledger)
{
	start_with_ledger_shim();
	wish("hold");
	peer_ask(&peer, &host);
	no_ack_comes();
	wish("");
	peer_certified(&peer);
	peer_close(&peer);
}
END_TEST

/* Once it is not known what is on disk of it, none begins before the next start. */
START_TEST(no_certificate_without_the_ledger)
{
	struct message m;
	int i;

	start_with_ledger_shim();
	wish("fail");
	for (i = 0; i < 2; i++) {
		peer_ask(&peer, &host);
		ck_assert_int_eq(peer_receive(peer.sock, &m), MSG_REFUSED);
		close(peer.sock);
		wish("");
	}
	host_end(&host, SIGTERM);
	host_start(&host);
	ck_assert_int_eq(host_count(&host, ".cut"), 1);
	peer_register(&peer, &host);
	peer_close(&peer);
}
END_TEST

/* A recorder that is killed when the collector has seen the start of a frame, and not yet
 * asked who writes: the rest came. */
START_TEST(what_came_before_the_end_is_kept)
{
	size_t all;

	start_with_shim();
	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, 0, 3, 100);
	all = peer.len;
	wish("poll");
	peer.len = 20;
	peer_write(&peer, 0);
	usleep(500000);
	peer.len = all;
	peer_write(&peer, 20);
	peer_close(&peer);
	wish("");
	host_stores(&host, ".cut", &peer, all);
}
END_TEST

START_TEST(ack_waits_for_the_disk)
{
	start_with_shim();
	peer_register(&peer, &host);
	wish("hold");
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 3, 100);
	peer_write(&peer, 0);
	host_stores(&host, ".live", &peer, peer.len);
	no_ack_comes();
	wish("");
	peer_wait_ack(&peer);
	peer_close(&peer);
}
END_TEST

START_TEST(no_ack_after_a_failed_sync)
{
	size_t off;

	start_with_shim();
	peer_register(&peer, &host);
	wish("fail");
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 3, 100);
	peer_write(&peer, 0);
	no_ack_comes();
	wish("");
	off = peer.len;
	peer_chunk(&peer, SEAL_END, SEAL_F_PROMPT, 1, 100);
	peer_write(&peer, off);
	host_stores(&host, ".shlc", &peer, peer.len);
	peer_close(&peer);
}
END_TEST

/* Its signature is checked while the disk works. */
START_TEST(no_ack_for_a_forged_seal)
{
	uint8_t buf[MESSAGE_MAX];
	struct message m;
	uint64_t sealed;
	size_t good, n;

	start_with_shim();
	peer_register(&peer, &host);
	peer_chunk(&peer, SEAL_START, SEAL_F_PROMPT, 3, 100);
	sealed = peer.sealer.frame - 1;
	peer_write(&peer, 0);
	peer_wait_ack(&peer);
	good = peer.len;
	wish("hold");
	peer_chunk(&peer, SEAL_DATA, SEAL_F_PROMPT, 1, 10);
	peer.sent[peer.len - 1] ^= 1;
	peer_write(&peer, good);
	ck_assert_int_eq(peer_receive(peer.sock, &m), MSG_REFUSED);
	ck_assert_int_eq(m.code, REFUSED_MALFORMED);
	wish("");
	host_stores(&host, ".cut", &peer, peer.len - FRAME_HEADER - SEAL_SIZE);
	close(peer.sock);
	peer.sock = peer_connect(&host);
	m = (struct message){.type = MSG_RESUME};
	memcpy(m.id, peer.sealer.id, ID_SIZE);
	n = message_put(buf, &m);
	ck_assert_int_eq(send(peer.sock, buf, n, 0), (ssize_t)n);
	ck_assert_int_eq(peer_receive(peer.sock, &m), MSG_ACK);
	ck_assert_uint_eq(m.frame, sealed);
	peer_close(&peer);
}
END_TEST

static void begin(void)
{
	host_begin(&host);
}

static void end(void)
{
	host_remove(&host);
}

int main(void)
{
	TCase *t = tcase_create("shellacd_disk");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, certificate_waits_for_the_disk);
	tcase_add_test(t, no_certificate_after_a_failed_sync);
	tcase_add_test(t, certificate_waits_for_the_ledger);
	tcase_add_test(t, no_certificate_without_the_ledger);
	tcase_add_test(t, what_came_before_the_end_is_kept);
	tcase_add_test(t, ack_waits_for_the_disk);
	tcase_add_test(t, no_ack_after_a_failed_sync);
	tcase_add_test(t, no_ack_for_a_forged_seal);
	return suite_run_case("shellacd_disk", t);
}
#endif
