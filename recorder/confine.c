/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "sanitized.h"
#include "syscall_filter.h"

#if defined(SANITIZED)
#include <sanitizer/asan_interface.h>
#include <sys/auxv.h>

/* A set-user-ID process cannot be looked through for leaks, and a sanitizer finds no
 * options in its environment. */
__attribute__((no_sanitize_address)) const char *__asan_default_options(void)
{
	return getauxval(AT_SECURE) != 0 ? "detect_leaks=0:disable_coredump=0" : "";
}
#endif

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

/* Modes and sizes of terminals; TIOCSIG, which the inner one takes; never TIOCSTI */
static const uint32_t ioctls[] = {
	TCGETS, TCSETS, TIOCGWINSZ, TIOCSWINSZ, TIOCSIG, TIOCEXCL, TIOCNXCL, FIONREAD, TCGETS2,
	TCSETS2,
};

static const uint32_t status_flags[] = { F_GETFL, F_SETFL, F_GETPIPE_SZ, F_SETPIPE_SZ };
static const uint32_t unix_domain[] = { AF_UNIX };
static const uint32_t record_socket[] = { SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK };
static const uint32_t no_path[] = { AT_EMPTY_PATH };

static const struct syscall_rule checked[] = {
	{ __NR_ioctl, 1, { SYSCALL_ARG_IN(1, ioctls) } },
	/* no F_SETOWN, which lets the kernel send signals */
	{ __NR_fcntl, 1, { SYSCALL_ARG_IN(1, status_flags) } },
	{ __NR_socket, 2, { SYSCALL_ARG_IN(0, unix_domain), SYSCALL_ARG_IN(1, record_socket) } },
	/* fstat(3) of newer C libraries */
	{ __NR_newfstatat, 1, { SYSCALL_ARG_IN(3, no_path) } },
	{ __NR_mmap, 1, { { 2, NULL, 0, PROT_EXEC } } },
	{ __NR_mprotect, 1, { { 2, NULL, 0, PROT_EXEC } } },
};

int confine_supported(void)
{
	return syscall_filter_supported();
}

int confine_keeper(void)
{
	const struct syscall_lists lists = { plain, SYSCALL_COUNT(plain), syscall_deadly,
		syscall_deadlies, checked, SYSCALL_COUNT(checked) };
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return syscall_filter_set(&lists);
}
