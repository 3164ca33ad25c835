/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#endif

#if defined(SANITIZED)
#include <sanitizer/asan_interface.h>
#include <sys/auxv.h>
#define NO_FILTER 1

/* A set-user-ID process cannot be looked through for leaks, and a sanitizer finds no
 * options in its environment. */
__attribute__((no_sanitize_address)) const char *__asan_default_options(void)
{
	return getauxval(AT_SECURE) != 0 ? "detect_leaks=0:disable_coredump=0" : "";
}
#elif !defined(ARCH)
#define NO_FILTER (-ENOTSUP)
#endif

#ifndef NO_FILTER

#define X32_BIT 0x40000000
#define FILTER_MAX 512
#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define CALLS_MAX (COUNT(plain) + COUNT(deadly) + COUNT(checked) + 1)

/* seccomp_data's arguments are 64 bits wide; each that is looked at is an int, or
 * flags, for the kernel: the low half */
#define LOW_HALF(arg) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (arg)))

/* Allowed whatever the arguments are: the kernel need not run the filter for them at
 * all. */
static const uint32_t plain[] = {
	/* the relay: terminals, FIFO, spool, notes, acks, signalfd */
	__NR_read, __NR_write, __NR_ppoll,
#ifdef __NR_poll
	__NR_poll,
#endif
	__NR_writev, __NR_sendto, __NR_recvfrom, __NR_close,
	__NR_restart_syscall, /* poll(2) of a process that was stopped and continued */
	/* the spool and the FIFO, by descriptors that are open already */
	__NR_pread64, __NR_pwrite64, __NR_lseek, __NR_fdatasync, __NR_fsync, __NR_ftruncate,
	__NR_fallocate, __NR_fstat,
	/* what is in the FIFO goes to the spool too when nobody collects any more */
	__NR_pipe2, __NR_tee,
	/* connects again: only to what takes the one kind of socket allowed below */
	__NR_connect,
	/* the program's end and what it left */
	__NR_wait4, __NR_waitid, __NR_dup3,
#ifdef __NR_dup2
	__NR_dup2,
#endif
	/* malloc(3), libsodium's locked memory and random bytes */
	__NR_brk, __NR_munmap, __NR_mremap, __NR_madvise, __NR_munlock, __NR_getrandom,
	/* clocks, where the vDSO does not have them */
	__NR_clock_gettime, __NR_gettimeofday,
	/* _exit(2), abort(3), and what leads there */
	__NR_exit_group, __NR_exit, __NR_rt_sigprocmask, __NR_rt_sigaction, __NR_rt_sigreturn,
	__NR_getpid, __NR_gettid,
};

/* An attack, whatever the arguments are. */
static const uint32_t deadly[] = {
	__NR_kill, __NR_tkill, __NR_rt_sigqueueinfo, __NR_rt_tgsigqueueinfo,
	__NR_pidfd_send_signal, __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev,
	__NR_execve, __NR_execveat,
};

/* Modes and sizes of terminals; TIOCSIG, which the inner one takes; never TIOCSTI */
static const uint32_t ioctls[] = {
	TCGETS, TCSETS, TIOCGWINSZ, TIOCSWINSZ, TIOCSIG, TIOCEXCL, TIOCNXCL, FIONREAD, TCGETS2,
	TCSETS2,
};

static const uint32_t status_flags[] = { F_GETFL, F_SETFL, F_GETPIPE_SZ, F_SETPIPE_SZ };
static const uint32_t unix_domain[] = { AF_UNIX };
static const uint32_t record_socket[] = { SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK };
static const uint32_t no_path[] = { AT_EMPTY_PATH };

/* One argument is one of n values; with n = 0: has not the bits of without. */
struct check {
	unsigned arg;
	const uint32_t *value;
	size_t n;
	uint32_t without;
};

#define IS_ONE_OF(arg, values) { arg, values, COUNT(values), 0 }

static const struct rule {
	uint32_t nr;
	size_t n;
	struct check check[2]; /* all n must hold */
} checked[] = {
	{ __NR_ioctl, 1, { IS_ONE_OF(1, ioctls) } },
	/* no F_SETOWN, which lets the kernel send signals */
	{ __NR_fcntl, 1, { IS_ONE_OF(1, status_flags) } },
	{ __NR_socket, 2, { IS_ONE_OF(0, unix_domain), IS_ONE_OF(1, record_socket) } },
	/* fstat(3) of newer C libraries */
	{ __NR_newfstatat, 1, { IS_ONE_OF(3, no_path) } },
	{ __NR_mmap, 1, { { 2, NULL, 0, PROT_EXEC } } },
	{ __NR_mprotect, 1, { { 2, NULL, 0, PROT_EXEC } } },
};

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void add(struct filter *f, uint16_t code, uint32_t k, size_t yes, size_t no)
{
	f->code[f->n++] = (struct sock_filter){ code, (uint8_t)yes, (uint8_t)no, k };
}

static void load(struct filter *f, size_t offset)
{
	add(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void end(struct filter *f, uint32_t action)
{
	add(f, BPF_RET | BPF_K, action, 0, 0);
}

static void refuse(struct filter *f)
{
	end(f, SECCOMP_RET_ERRNO | EPERM);
}

/* Goes on behind itself where the check holds; refuses otherwise. */
static void add_check(struct filter *f, const struct check *c)
{
	size_t i;

	load(f, LOW_HALF(c->arg));
	if (c->n == 0)
		add(f, BPF_JMP | BPF_JSET | BPF_K, c->without, 0, 1);
	for (i = 0; i < c->n; i++)
		add(f, BPF_JMP | BPF_JEQ | BPF_K, c->value[i], c->n - i, 0);
	refuse(f);
}

/* A call and what it meets: its rule, or action whatever the arguments are. */
struct call {
	uint32_t nr, action;
	const struct rule *rule;
};

struct calls {
	struct call call[CALLS_MAX];
	size_t n;
};

static void add_list(struct calls *c, const uint32_t *nr, size_t n, uint32_t action)
{
	size_t i;

	for (i = 0; i < n; i++)
		c->call[c->n++] = (struct call){ .nr = nr[i], .action = action };
}

static int by_number(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

/* The jump of the instruction at from leads to what comes next. */
static void jump_here(const struct filter *f, uint8_t *over, unsigned short from)
{
	assert(f->n - from - 1 <= UINT8_MAX);
	*over = (uint8_t)(f->n - from - 1);
}

static void add_call(struct filter *f, const struct call *c)
{
	size_t i, n = c->rule != NULL ? c->rule->n : 0;
	unsigned short jump = f->n;

	add(f, BPF_JMP | BPF_JEQ | BPF_K, c->nr, 0, 0);
	for (i = 0; i < n; i++)
		add_check(f, &c->rule->check[i]);
	end(f, c->rule != NULL ? SECCOMP_RET_ALLOW : c->action);
	jump_here(f, &f->code[jump].jf, jump);
	refuse(f);
}

/* A search by halves: the kernel tries the filter on every number there is when it
 * takes it, and a session's start waits for that. */
static void add_calls(struct filter *f, const struct call *c, size_t n)
{
	unsigned short jump = f->n;

	if (n == 1) {
		add_call(f, c);
		return;
	}
	add(f, BPF_JMP | BPF_JGE | BPF_K, c[n / 2].nr, 0, 0);
	add_calls(f, c, n / 2);
	jump_here(f, &f->code[jump].jt, jump);
	add_calls(f, c + n / 2, n - n / 2);
}

/* A filter must look at the architecture first: the numbers of the calls are
 * those of one. */
static void build(struct filter *f)
{
	const uint32_t self[] = { (uint32_t)getpid() };
	const struct rule own_signal = { __NR_tgkill, 1, { IS_ONE_OF(0, self) } }; /* abort(3) */
	struct calls calls = { .n = 0 };
	size_t i;

	f->n = 0;
	load(f, offsetof(struct seccomp_data, arch));
	add(f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	end(f, SECCOMP_RET_KILL_PROCESS);
	load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add(f, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	end(f, SECCOMP_RET_KILL_PROCESS);
#endif
	add_list(&calls, plain, COUNT(plain), SECCOMP_RET_ALLOW);
	add_list(&calls, deadly, COUNT(deadly), SECCOMP_RET_KILL_PROCESS);
	for (i = 0; i < COUNT(checked); i++)
		calls.call[calls.n++] = (struct call){ .nr = checked[i].nr, .rule = &checked[i] };
	calls.call[calls.n++] = (struct call){ .nr = own_signal.nr, .rule = &own_signal };
	qsort(calls.call, calls.n, sizeof(*calls.call), by_number);
	add_calls(f, calls.call, calls.n);
}

static int set_filter(void)
{
	struct sock_fprog program;
	struct filter f;

	build(&f);
	program = (struct sock_fprog){ .len = f.n, .filter = f.code };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : -errno;
}

/* prctl(2): a filter at no address is EFAULT where filters exist, else EINVAL. */
int confine_supported(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == 0 || errno == EFAULT)
		return 0;
	return -errno;
}

#else

static int set_filter(void)
{
	return NO_FILTER;
}

int confine_supported(void)
{
	return NO_FILTER;
}

#endif

int confine_keeper(void)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return set_filter();
}
