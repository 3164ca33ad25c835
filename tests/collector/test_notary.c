/* SPDX-License-Identifier: ISC */
/* What the process that holds the keys signs, and what it does not; its end.
 * The collector's side is included, so that a false notary can answer it. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "../../collector/notary.c"
#include "../lib/suite.h"
#include "notary_fixture.h"

/* -- certificates -- */

START_TEST(signs_certificates_of_this_host)
{
	uint8_t p[FRAME_BODY_MAX] = "SHCT is no certificate";
	struct cert c;
	struct stat st;

	notary_up();
	ck_assert_int_eq(stat("host.key", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	c = a_cert(5);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	ck_assert_int_eq(sign_cert(&c, p), 0); /* its file could not be made */
	c = a_cert(6);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	c = a_cert(5);
	ck_assert_int_eq(sign_cert(&c, p), E_REFUSED);
	c = a_cert(7);
	c.host_id[0] ^= 1;
	ck_assert_int_eq(sign_cert(&c, p), E_REFUSED);
	c = a_cert(7);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	notary_again();
	c = a_cert(8);
	ck_assert_int_eq(sign_cert(&c, p), 0);
	notary_end(n);
}
END_TEST

START_TEST(signs_no_other_text)
{
	uint8_t answer[NOTARY_ANSWER_MAX], p[NOTARY_QUESTION_MAX + 100] = {0};
	char text[] = "shellac/0123456789abcdef0123456789abcdef\n12\nAAAA\n";
	struct cert c;
	unsigned verb;
	int len;

	notary_up();
	ck_assert_int_eq(notary_cert(n, p, 0), E_SHORT);
	ck_assert_int_eq(notary_cert(n, p, 400), E_FORMAT);
	memcpy(p, text, sizeof(text));
	ck_assert_int_lt(notary_cert(n, p, sizeof(text)), 0);
	ck_assert_int_eq(notary_cert(n, p, FRAME_BODY_MAX), E_RANGE);
	ck_assert_int_eq(notary_cert(n, p, FRAME_BODY_MAX + 1), E_RANGE);
	c = a_cert(1);
	len = cert_put_body(p, &c);
	ck_assert_int_lt(notary_cert(n, p, (size_t)len + 1), 0);
	for (verb = 0; verb < 256; verb++) {
		memset(p, 0, sizeof(p));
		p[0] = (uint8_t)verb;
		ck_assert_int_lt(ask(n, p, 1, answer), 0);
		ck_assert_int_lt(ask(n, p, 2, answer), 0);
		ck_assert_int_lt(ask(n, p, 64, answer), 0);
		ck_assert_int_lt(ask(n, p, sizeof(p), answer), 0);
	}
	c = a_cert(1);
	ck_assert_int_eq(sign_cert(&c, p), 0); /* it is still there */
	notary_end(n);
}
END_TEST

/* -- entries -- */

START_TEST(signs_no_other_entry)
{
	uint8_t type;

	notary_up();
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 1), E_KEY);
	ck_assert_int_eq(added(ENTRY_GENESIS, 0), 0);
	for (type = ENTRY_BOOT; type <= ENTRY_KEY; type++)
		if (type != ENTRY_EPOCH && type != ENTRY_RECOVER && type != ENTRY_KEY)
			ck_assert_int_lt(asked_for(type, 3), 0);
	ck_assert_int_eq(asked_for(ENTRY_OPEN, 3), E_REFUSED);
	ck_assert_int_eq(added(ENTRY_EPOCH, 10), 0);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 9), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_GENESIS, 0), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_RECOVER, 9), E_REFUSED);
	ck_assert_int_eq(added(ENTRY_RECOVER, 10), 0);
	ck_assert_int_eq(added(ENTRY_EPOCH, 11), 0);
	notary_end(n);
}
END_TEST

/* -- checkpoints -- */

START_TEST(checkpoints_do_not_go_back)
{
	struct entry e;

	notary_up();
	ck_assert_int_eq(sign_checkpoint(0, 1), E_REFUSED);
	ck_assert_int_eq(sign_checkpoint(3, 1), 0);
	ck_assert_int_eq(sign_checkpoint(3, 1), 0);
	ck_assert_int_eq(sign_checkpoint(3, 2), E_REFUSED);
	ck_assert_int_eq(sign_checkpoint(2, 1), E_REFUSED);
	ck_assert_int_eq(sign_checkpoint(4, 2), 0);
	/* and nothing is signed that would be among what it covers */
	ck_assert_int_eq(asked_for(ENTRY_RECOVER, 3), E_REFUSED);
	ck_assert_int_eq(added(ENTRY_RECOVER, 4), 0);
	e = an_entry(ENTRY_EPOCH, 4);
	memset(e.u.epoch.root, 3, MERKLE_HASH);
	ck_assert_int_eq(sign_entry(&e, &e, host_pk), E_REFUSED);
	ck_assert_int_eq(asked_for(ENTRY_EPOCH, 5), 0);
	notary_end(n);
}
END_TEST

/* -- its end, and one that is false -- */

START_TEST(without_it_nothing_is_signed)
{
	struct pollfd p;
	uint8_t body[FRAME_BODY_MAX], root[MERKLE_HASH] = {0};
	char note[NOTE_MAX];
	struct cert c;

	notary_up();
	p = (struct pollfd){.fd = notary_fd(n), .events = POLLIN};
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	ck_assert_int_eq(kill(notary_pid(n), SIGKILL), 0);
	ck_assert_int_eq(poll(&p, 1, 60000), 1);
	c = a_cert(1);
	ck_assert_int_eq(sign_cert(&c, body), -EPIPE);
	ck_assert_int_eq(asked_for(ENTRY_GENESIS, 0), -EPIPE);
	notary_again();
	ck_assert_int_eq(sign_cert(&c, body), 0);
	notary_end(n);
	n = NULL;
	ck_assert_int_eq(sign_cert(&c, body), -EPIPE);
	ck_assert_int_eq(notary_epoch_key(NULL, root), -EPIPE);
	ck_assert_int_eq(notary_checkpoint(NULL, 1, root, note), -EPIPE);
	notary_end(NULL);
}
END_TEST

static int opens_memory(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* Not even who could look into a child of its own. */
START_TEST(nobody_looks_into_it)
{
	pid_t child;

	if (geteuid() == 0)
		ck_assert_int_eq(setresgid(65534, 65534, 65534) | setresuid(65534, 65534, 65534), 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	notary_up();
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	ck_assert_int_eq(opens_memory(child), 0);
	ck_assert_int_eq(opens_memory(notary_pid(n)), -EACCES);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	notary_end(n);
}
END_TEST

/* What notary_cert() makes of this answer. */
static int answered(const void *answer, size_t len)
{
	struct notary false_one = {0};
	uint8_t body[FRAME_BODY_MAX] = {0};
	int pair[2], r;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	false_one.fd = pair[0];
	if (len > 0)
		ck_assert_int_eq(send(pair[1], answer, len, 0), (ssize_t)len);
	else
		shutdown(pair[1], SHUT_WR);
	r = notary_cert(&false_one, body, 100);
	if (r == -EPIPE) /* and is not asked again */
		ck_assert_int_eq(notary_cert(&false_one, body, 100), -EPIPE);
	close(pair[0]);
	close(pair[1]);
	return r;
}

START_TEST(its_answers_are_not_believed)
{
	static uint8_t p[NOTARY_ANSWER_MAX + 100];

	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE), 0);
	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE - 1), -EPIPE);
	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE + 1), -EPIPE);
	ck_assert_int_eq(answered(p, sizeof(p)), -EPIPE);
	ck_assert_int_eq(answered(p, NOTARY_STATUS), -EPIPE);
	ck_assert_int_eq(answered(p, NOTARY_STATUS - 1), -EPIPE);
	ck_assert_int_eq(answered(p, 0), -EPIPE);
	put_u32(p, 1);
	ck_assert_int_eq(answered(p, NOTARY_STATUS), -EPIPE);
	put_u32(p, (uint32_t)E_KEY);
	ck_assert_int_eq(answered(p, NOTARY_STATUS), E_KEY);
	ck_assert_int_eq(answered(p, NOTARY_STATUS + SIG_SIZE), -EPIPE);
}

int main(void)
{
	const TTest *const tests[] = { signs_certificates_of_this_host, signs_no_other_text,
		signs_no_other_entry, checkpoints_do_not_go_back, without_it_nothing_is_signed,
		nobody_looks_into_it, its_answers_are_not_believed };

	return suite_run("notary", tests, sizeof(tests) / sizeof(tests[0]));
}
