/* SPDX-License-Identifier: ISC */
#include "notary_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bytes.h"
#include "cert.h"
#include "notary_wire.h"
#include "syscall_filter.h"

/* All descriptors that are left: the filter knows them by number. */
enum { SOCK_FD = 3, EPOCH_FD = 4, HOST_FD = 5 };

static const uint32_t plain[] = {
	/* malloc(3), random bytes */
	__NR_brk, __NR_munmap, __NR_mremap, __NR_madvise, __NR_getrandom,
	/* _exit(2), abort(3), and what leads there */
	__NR_exit_group, __NR_exit, __NR_rt_sigprocmask, __NR_rt_sigaction, __NR_rt_sigreturn,
	__NR_getpid, __NR_gettid, __NR_restart_syscall,
};

static const uint32_t sock_only[] = {SOCK_FD}, keys_only[] = {EPOCH_FD, HOST_FD};

static const struct syscall_rule checked[] = {
	{__NR_recvfrom, 1, {SYSCALL_ARG_IN(0, sock_only)}},
	{__NR_sendto, 1, {SYSCALL_ARG_IN(0, sock_only)}},
	{__NR_pwrite64, 1, {SYSCALL_ARG_IN(0, keys_only)}},
	{__NR_fdatasync, 1, {SYSCALL_ARG_IN(0, keys_only)}},
	{__NR_mmap, 1, {{2, NULL, 0, PROT_EXEC}}},
};

/* Before there is a key: nobody looks into this process, and it leaves no core. */
static int hide(void)
{
	const struct rlimit no_core = {0, 0};

	prctl(PR_SET_NAME, "shellacd-key", 0, 0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}

/* Standard error stays where a sanitizer may have something to say. */
static int keep_descriptors(int sock, int epoch, int host)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), std;
	int s = fcntl(sock, F_DUPFD_CLOEXEC, HOST_FD + 1);
	int e = fcntl(epoch, F_DUPFD_CLOEXEC, HOST_FD + 1);
	int h = fcntl(host, F_DUPFD_CLOEXEC, HOST_FD + 1);

	for (std = 0; std < 3 && null >= 0; std++)
		if (std != STDERR_FILENO || syscall_filter_supported() != 1)
			dup2(null, std);
	if (s < 0 || e < 0 || h < 0 || dup2(s, SOCK_FD) < 0 || dup2(e, EPOCH_FD) < 0 ||
	    dup2(h, HOST_FD) < 0 || close_range(HOST_FD + 1, UINT_MAX, 0) < 0)
		return -errno;
	return 0;
}

/* What root's process may do beyond the filter, nobody needs here. */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	syscall(SYS_capset, &head, none);
}

/* 0, or why there is no filter. */
static int confine(void)
{
	const struct syscall_lists lists = {plain, SYSCALL_COUNT(plain), syscall_deadly,
		syscall_deadlies, checked, SYSCALL_COUNT(checked)};

	drop_capabilities();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return syscall_filter_set(&lists);
}

static int begin(struct notary_state *s, int *sock, int store_dir, const char *key_path,
    uint8_t hello[NOTARY_HELLO])
{
	uint8_t *step = hello + NOTARY_STATUS;
	int made = 0, r;

	*step = NOTARY_STEP_START;
	if ((r = hide()) != 0)
		return r;
	*step = NOTARY_STEP_HOST;
	r = notary_host_keys(&s->keys, key_path, &made);
	hello[NOTARY_STATUS + 1] = (uint8_t)made;
	if (r != 0)
		return r;
	cert_host_id(s->host_id, s->keys.host.first_pk);
	memcpy(hello + NOTARY_STATUS + 6, s->keys.host.first_pk, PK_SIZE);
	*step = NOTARY_STEP_EPOCH;
	if ((r = notary_epoch_keys(&s->keys, store_dir)) != 0)
		return r;
	*step = NOTARY_STEP_START;
	if ((r = keep_descriptors(*sock, s->keys.fd, s->keys.host_fd)) != 0)
		return r;
	*sock = SOCK_FD;
	s->keys.fd = EPOCH_FD;
	s->keys.host_fd = HOST_FD;
	put_u32(hello + NOTARY_STATUS + 2, (uint32_t)confine());
	return 0;
}

static ssize_t receive(int sock, uint8_t *p, size_t len)
{
	ssize_t n;

	do
		n = recv(sock, p, len, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Makes the next epoch's key while nobody waits for it; where that fails, the next who
 * needs it hears why. */
static void prepare(struct notary_state *s)
{
	const struct epoch_key *next;

	if (notary_key_used(&s->keys) != NULL)
		notary_key_next(&s->keys, &next);
}

_Noreturn void notary_serve(int sock, int store_dir, const char *key_path)
{
	/* its pages are locked where that is allowed, in no core, and end in a page that
	 * nobody may touch */
	struct notary_state *s = sodium_malloc(sizeof(*s));
	uint8_t question[NOTARY_QUESTION_MAX + 1], answer[NOTARY_ANSWER_MAX] = {0};
	ssize_t n;
	int r = -ENOMEM;

	if (s != NULL) {
		memset(s, 0, sizeof(*s));
		r = begin(s, &sock, store_dir, key_path, answer);
	}
	put_u32(answer, (uint32_t)r);
	if (send(sock, answer, NOTARY_HELLO, MSG_NOSIGNAL) != NOTARY_HELLO || r != 0)
		_exit(r != 0);
	prepare(s);
	while ((n = receive(sock, question, sizeof(question))) > 0) {
		size_t len = notary_answer(s, question, (size_t)n, answer);

		if (send(sock, answer, len, MSG_NOSIGNAL) != (ssize_t)len)
			break;
		if (question[0] == NOTARY_EPOCH_KEY || question[0] == NOTARY_CHECKPOINT)
			prepare(s);
	}
	sodium_memzero(s, sizeof(*s));
	_exit(0);
}
