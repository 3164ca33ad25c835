/* SPDX-License-Identifier: ISC */
/* What a service manager is told, and what it gives back. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../collector/listen.h"
#include "../../collector/notify.h"
#include "../lib/suite.h"

static char dir[] = "/tmp/shlt.XXXXXX";
static int manager, given;

/* Listens at that path below dir, or by that abstract name. */
static void listen_at(const char *name)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char address[sizeof(a.sun_path) + 1];
	int n;

	n = snprintf(address, sizeof(address), name[0] == '@' ? "%s%s" : "/%s/%s", name[0] == '@' ?
	    name : dir + 1, name[0] == '@' ? dir : name);
	memcpy(a.sun_path, address, (size_t)n);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(manager, 0);
	ck_assert_int_eq(bind(manager, (const struct sockaddr *)&a,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)), 0);
	setenv("NOTIFY_SOCKET", address, 1);
	notify_take();
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
}

/* One datagram, "" for none; the descriptor with it is given, or -1. */
static const char *heard(void)
{
	static char text[256];
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	const struct cmsghdr *c;
	ssize_t n;

	n = recvmsg(manager, &m, MSG_CMSG_CLOEXEC);
	text[n > 0 ? n : 0] = '\0';
	c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
	given = -1;
	if (c != NULL)
		memcpy(&given, CMSG_DATA(c), sizeof(given));
	return text;
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/notify", dir);
	unlink(path);
	rmdir(dir);
}

static const char *const names[] = {"notify", "@"};

START_TEST(it_hears)
{
	listen_at(names[_i]);
	notify_say("READY=1");
	ck_assert_str_eq(heard(), "READY=1");
	ck_assert_int_eq(given, -1);
	notify_reloading();
	ck_assert_int_eq(strncmp(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	ck_assert_str_eq(heard(), "");
}
END_TEST

START_TEST(it_keeps_a_folder)
{
	struct stat mine, theirs;
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	listen_at("notify");
	notify_store(fd);
	ck_assert_str_eq(heard(), "FDSTOREREMOVE=1\nFDNAME=store");
	ck_assert_str_eq(heard(), "FDSTORE=1\nFDNAME=store");
	ck_assert_int_eq(fstat(fd, &mine), 0);
	ck_assert_int_eq(fstat(given, &theirs), 0);
	ck_assert_uint_eq(mine.st_ino, theirs.st_ino);
	notify_store(-1);
	ck_assert_str_eq(heard(), "FDSTOREREMOVE=1\nFDNAME=store");
	ck_assert_str_eq(heard(), "");
}
END_TEST

static const char *const nobody[] = {NULL, "", "/", "@", "relative", "vsock:2:1234",
	"/nobody/listens/there"};

START_TEST(nobody_is_no_harm)
{
	char long_path[200];

	if (nobody[_i] != NULL)
		setenv("NOTIFY_SOCKET", nobody[_i], 1);
	notify_take();
	notify_say("READY=1");
	memset(long_path, '/', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	setenv("NOTIFY_SOCKET", long_path, 1);
	notify_take();
	notify_store(0);
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
}
END_TEST

/* As a service manager starts us: a socket, what it kept, and what it should not have.
 * A step that goes wrong, or 0. */
static int take_given(int sock)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY);
	char pid[16];

	if (dup2(sock, 103) < 0 || dup2(folder, 104) < 0 || dup2(103, 3) < 0 || dup2(104, 4) < 0 ||
	    dup2(104, 5) < 0)
		return 1;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "3", 1);
	if (listen_take() != 1 || getenv("LISTEN_FDS") != NULL)
		return 2;
	if (listen_unix(dir, "notify", SOCK_SEQPACKET) != 3)
		return 3;
	if (listen_stored() != 4 || fcntl(4, F_GETFD) != FD_CLOEXEC)
		return 4;
	return listen_stored() == -1 ? 0 : 5;
}

START_TEST(what_it_gives_is_taken)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_SEQPACKET, 0), status;
	pid_t child;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", dir);
	ck_assert_int_eq(bind(sock, (const struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(sock, 1), 0);
	child = fork(); /* some of these descriptors are the test's own */
	if (child == 0)
		_exit(take_given(sock));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert(WIFEXITED(status));
}
END_TEST

START_TEST(the_journal_is_known)
{
	char stream[64];
	struct stat st;

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	ck_assert_int_eq(notify_is_journal(), 0);
	setenv("JOURNAL_STREAM", "1:", 1);
	ck_assert_int_eq(notify_is_journal(), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	ck_assert_int_eq(notify_is_journal(), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	ck_assert_int_eq(notify_is_journal(), 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("notify");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, it_hears, 0, 2);
	tcase_add_test(t, it_keeps_a_folder);
	tcase_add_loop_test(t, nobody_is_no_harm, 0, (int)(sizeof(nobody) / sizeof(*nobody)));
	tcase_add_test(t, what_it_gives_is_taken);
	tcase_add_test(t, the_journal_is_known);
	return suite_run_case("notify", t);
}
