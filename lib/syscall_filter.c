/* SPDX-License-Identifier: ISC */
#include "syscall_filter.h"

#include <assert.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sanitized.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#if defined(SANITIZED)
#define NO_FILTER 1
#elif !defined(ARCH)
#define NO_FILTER (-ENOTSUP)
#endif

const uint32_t syscall_deadly[] = {
	__NR_kill, __NR_tkill, __NR_rt_sigqueueinfo, __NR_rt_tgsigqueueinfo,
	__NR_pidfd_send_signal, __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev,
	__NR_execve, __NR_execveat,
};
const size_t syscall_deadlies = SYSCALL_COUNT(syscall_deadly);

#ifndef NO_FILTER

#define X32_BIT 0x40000000
#define FILTER_MAX 512
#define CALLS_MAX (SYSCALL_CALLS_MAX + 1)

/* seccomp_data's arguments are 64 bits wide */
#define LOW_HALF(arg) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (arg)))

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void add(struct filter *f, uint16_t code, uint32_t k, size_t yes, size_t no)
{
	assert(f->n < FILTER_MAX);
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
static void add_check(struct filter *f, const struct syscall_check *c)
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
	const struct syscall_rule *rule;
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
static void build(struct filter *f, const struct syscall_lists *l)
{
	const uint32_t self[] = { (uint32_t)getpid() };
	const struct syscall_rule own_signal = { __NR_tgkill, 1, { SYSCALL_ARG_IN(0, self) } };
	struct calls calls = { .n = 0 };
	size_t i;

	assert(l->plains + l->deadlies + l->rules <= SYSCALL_CALLS_MAX);
	f->n = 0;
	load(f, offsetof(struct seccomp_data, arch));
	add(f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	end(f, SECCOMP_RET_KILL_PROCESS);
	load(f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	add(f, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	end(f, SECCOMP_RET_KILL_PROCESS);
#endif
	add_list(&calls, l->plain, l->plains, SECCOMP_RET_ALLOW);
	add_list(&calls, l->deadly, l->deadlies, SECCOMP_RET_KILL_PROCESS);
	for (i = 0; i < l->rules; i++)
		calls.call[calls.n++] = (struct call){ .nr = l->rule[i].nr, .rule = &l->rule[i] };
	calls.call[calls.n++] = (struct call){ .nr = own_signal.nr, .rule = &own_signal };
	qsort(calls.call, calls.n, sizeof(*calls.call), by_number);
	add_calls(f, calls.call, calls.n);
}

int syscall_filter_set(const struct syscall_lists *l)
{
	struct sock_fprog program;
	struct filter f;

	build(&f, l);
	program = (struct sock_fprog){ .len = f.n, .filter = f.code };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0 ? 0 : -errno;
}

/* prctl(2): a filter at no address is EFAULT where filters exist, else EINVAL. */
int syscall_filter_supported(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == 0 || errno == EFAULT)
		return 0;
	return -errno;
}

#else

int syscall_filter_set(const struct syscall_lists *l)
{
	(void)l;
	return NO_FILTER;
}

int syscall_filter_supported(void)
{
	return NO_FILTER;
}

#endif
