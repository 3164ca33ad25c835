/* SPDX-License-Identifier: ISC */
/* What a confined process can still do: all that a keeper and its C library need,
 * and nothing that reaches another process or a file.  Each try is a child of its
 * own. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../../recorder/confine.h"
#include "../lib/suite.h"

#define UNCONFINED 254 /* exit status; below are error numbers */

/* before confinement */
static int master, slave, pair[2], file;
static char folder[] = "/tmp/confine.XXXXXX", name[64];

static void set_up(void)
{
	ck_assert_int_eq(sodium_init(), 0);
	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/file", folder);
	file = open(name, O_RDWR | O_CREAT, 0600);
	ck_assert_int_ge(file, 0);
}

static void tear_down(void)
{
	snprintf(name, sizeof(name), "%s/file", folder);
	unlink(name);
	rmdir(folder);
}

/* 0 in a confined child */
static pid_t begin(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0 && confine_keeper() != 0)
		_exit(UNCONFINED);
	return pid;
}

/* Wait status of a confined child that makes this call. */
#define STATUS_OF(status, call) \
	do { \
		pid_t pid_ = begin(); \
		if (pid_ == 0) \
			_exit((call) < 0 ? errno : 0); \
		ck_assert_int_eq(waitpid(pid_, &status, 0), pid_); \
	} while (0)

#define WORKS(call) \
	do { \
		int status_; \
		STATUS_OF(status_, call); \
		ck_assert_int_eq(status_, 0); \
	} while (0)

#define FAILS(call) \
	do { \
		int status_; \
		STATUS_OF(status_, call); \
		ck_assert_int_eq(status_, EPERM << 8); \
	} while (0)

#define ENDS_BY(sig, call) \
	do { \
		int status_; \
		STATUS_OF(status_, call); \
		ck_assert_int_eq(status_ & 0x7f, sig); \
	} while (0)

/* -- what a keeper does -- */

static int relays(void)
{
	struct iovec v = { name, 4 };
	struct pollfd p = { .fd = slave, .events = POLLIN };
	char b[16];

	return write(master, "x\n", 2) == 2 && poll(&p, 1, 1000) == 1 && read(slave, b, 16) == 2 &&
	    writev(slave, &v, 1) == 4 && send(pair[0], b, 4, MSG_NOSIGNAL) == 4 &&
	    recv(pair[1], b, 16, MSG_DONTWAIT) == 4 && close(pair[0]) == 0 ? 0 : -1;
}

static int sets_terminals(void)
{
	struct termios t;
	struct winsize w;
	int left;

	return tcgetattr(slave, &t) == 0 && tcsetattr(slave, TCSANOW, &t) == 0 &&
	    ioctl(master, TIOCGWINSZ, &w) == 0 && ioctl(master, TIOCSWINSZ, &w) == 0 &&
	    ioctl(slave, TIOCEXCL) == 0 && ioctl(slave, TIOCNXCL) == 0 &&
	    ioctl(master, TIOCSIG, SIGINT) == 0 && ioctl(master, FIONREAD, &left) == 0 ? 0 : -1;
}

static int uses_files(void)
{
	struct stat st;
	char b[4];

	return fstat(file, &st) == 0 && posix_fallocate(file, 0, 4096) == 0 &&
	    pwrite(file, "abcd", 4, 0) == 4 && pread(file, b, 4, 0) == 4 && fdatasync(file) == 0 &&
	    fsync(file) == 0 && lseek(file, 0, SEEK_END) == 4096 && ftruncate(file, 0) == 0 &&
	    dup2(file, slave) == slave && fcntl(file, F_GETFL) >= 0 ? 0 : -1;
}

/* What the FIFO holds goes to the spool, and stays in the FIFO. */
static int spools(void)
{
	int fifo[2], copy[2];
	char b[4];

	return pipe2(fifo, O_CLOEXEC | O_NONBLOCK) == 0 && pipe2(copy, O_CLOEXEC | O_NONBLOCK) == 0 &&
	    fcntl(copy[1], F_SETPIPE_SZ, fcntl(fifo[0], F_GETPIPE_SZ)) > 0 &&
	    write(fifo[1], "abcd", 4) == 4 && tee(fifo[0], copy[1], 100, SPLICE_F_NONBLOCK) == 4 &&
	    read(copy[0], b, 4) == 4 && read(fifo[0], b, 4) == 4 ? 0 : -1;
}

static int uses_memory(void)
{
	size_t size;
	uint8_t *p = NULL, *q;

	for (size = 1000; size < 64 << 20; size *= 2) {
		q = realloc(p, size);
		if (q == NULL)
			return -1;
		q[size - 1] = 1;
		p = q;
	}
	free(p);
	p = malloc(100);
	if (p == NULL)
		return -1;
	randombytes_buf(p, 100);
	sodium_munlock(p, 100);
	free(p);
	return 0;
}

static int tells_time(void)
{
	struct timespec ts;
	struct timeval tv;

	return syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &ts) == 0 &&
	    clock_gettime(CLOCK_MONOTONIC_RAW, &ts) == 0 && gettimeofday(&tv, NULL) == 0 ? 0 : -1;
}

static int reaps(void)
{
	siginfo_t si;

	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD &&
	    waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static int connects(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = "/nonexistent" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1 && errno == ENOENT ?
	    0 : -1;
}

static int aborts(void)
{
	abort();
}

static int exits(void)
{
	exit(0);
}

START_TEST(the_relay_works)
{
	WORKS(relays());
	WORKS(sets_terminals());
	WORKS(uses_files());
	WORKS(spools());
	WORKS(tells_time());
	WORKS(reaps());
	WORKS(connects());
	WORKS(uses_memory());
	WORKS(exits());
	ENDS_BY(SIGABRT, aborts());
}
END_TEST

/* poll(2) goes on with another system call after a stop */
START_TEST(goes_on_after_a_stop)
{
	struct pollfd p = { .fd = slave, .events = POLLIN };
	pid_t pid = begin();
	int status;

	if (pid == 0)
		_exit(write(pair[0], "", 1) == 1 && poll(&p, 1, 20000) == 1 ? 0 : 1);
	ck_assert_int_eq(read(pair[1], &status, 1), 1);
	usleep(100000);
	kill(pid, SIGSTOP);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	kill(pid, SIGCONT);
	usleep(100000);
	ck_assert_int_eq(write(master, "\n", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* -- what it does not -- */

START_TEST(no_file)
{
	FAILS(open("/etc/passwd", O_RDONLY));
	FAILS(open(name, O_WRONLY | O_APPEND));
	FAILS(openat(AT_FDCWD, name, O_PATH));
	FAILS(syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0));
	FAILS(mknod("/tmp/confined", S_IFIFO | 0600, 0));
	FAILS(unlink(name));
	FAILS(unlinkat(AT_FDCWD, name, 0));
	FAILS(rename(name, name));
	FAILS(chmod(name, 0666));
	FAILS(link(name, "/tmp/confined"));
	FAILS(chdir("/"));
	FAILS(syscall(SYS_getdents64, file, name, 1));
}
END_TEST

START_TEST(no_network)
{
	FAILS(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	FAILS(socket(AF_INET, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	FAILS(socket(AF_NETLINK, SOCK_RAW, 0));
	FAILS(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	FAILS(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	FAILS(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	FAILS(listen(pair[0], 1));
	FAILS(sendmsg(pair[0], NULL, 0));
	FAILS(recvmsg(pair[0], NULL, 0));
}
END_TEST

START_TEST(no_terminal_tricks)
{
	FAILS(ioctl(slave, TIOCSTI, "x"));
	FAILS(ioctl(slave, TIOCSCTTY, 0));
	FAILS(ioctl(slave, TIOCCONS, 0));
	FAILS(ioctl(master, TIOCGPTPEER, O_RDWR));
	FAILS(fcntl(pair[0], F_SETOWN, 1));
	FAILS(fcntl(pair[0], F_DUPFD, 0));
	FAILS(fcntl(pair[0], F_SETSIG, SIGKILL));
}
END_TEST

START_TEST(no_other_process_nor_code)
{
	FAILS(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	FAILS(syscall(SYS_clone3, NULL, 0));
	FAILS(unshare(CLONE_NEWUSER));
	FAILS(setresuid(0, 0, 0));
	FAILS(prlimit(1, RLIMIT_CPU, NULL, NULL));
	FAILS(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	FAILS(syscall(SYS_io_uring_setup, 1, NULL));
	FAILS(syscall(SYS_bpf, 0, NULL, 0));
	FAILS(syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0));
	FAILS(syscall(SYS_mprotect, 4096, 4096, PROT_READ | PROT_EXEC));
}
END_TEST

START_TEST(attacks_end_it)
{
	ENDS_BY(SIGSYS, kill(getppid(), 0));
	ENDS_BY(SIGSYS, syscall(SYS_tkill, 1, 0));
	ENDS_BY(SIGSYS, syscall(SYS_rt_sigqueueinfo, 1, 0, NULL));
	ENDS_BY(SIGSYS, syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0));
	ENDS_BY(SIGSYS, ptrace(PTRACE_ATTACH, 1, NULL, NULL));
	ENDS_BY(SIGSYS, process_vm_readv(1, NULL, 0, NULL, 0, 0));
	ENDS_BY(SIGSYS, process_vm_writev(1, NULL, 0, NULL, 0, 0));
	ENDS_BY(SIGSYS, execl("/bin/true", "true", (char *)NULL));
	ENDS_BY(SIGSYS, syscall(SYS_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0));
	FAILS(syscall(SYS_tgkill, 1, 1, SIGKILL));
}
END_TEST

#ifdef __x86_64__
static int speaks_i386(void)
{
	long r;

	/* getpid(2) there, writev(2) here */
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
	return r < 0 ? -1 : 0;
}

START_TEST(no_other_numbers)
{
	int status;

	ENDS_BY(SIGSYS, syscall(0x40000000 | SYS_getpid));
	STATUS_OF(status, speaks_i386());
	/* a kernel without i386 calls ends it by SIGSEGV */
	ck_assert_int_ne(status & 0x7f, 0);
}
END_TEST
#endif

/* Is there such a line in /proc/PID/FILE? */
static int says(pid_t pid, const char *what, const char *line)
{
	char path[64], text[256];
	int found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (!found && fgets(text, sizeof(text), f) != NULL)
		found = strncmp(text, line, strlen(line)) == 0;
	fclose(f);
	return found;
}

/* Seen from outside. */
START_TEST(state)
{
	pid_t pid = begin();
	int status;

	if (pid == 0)
		_exit(write(pair[0], "", 1) == 1 && read(pair[0], &status, 1) == 1 ? 0 : 1);
	ck_assert_int_eq(read(pair[1], &status, 1), 1);
	ck_assert(says(pid, "status", "NoNewPrivs:\t1\n"));
	ck_assert(says(pid, "status", "Seccomp:\t2\n"));
	ck_assert(says(pid, "limits", "Max core file size        0                    0 "));
	if (geteuid() != 0) {
		snprintf(name, sizeof(name), "/proc/%d/fd/0", (int)pid);
		ck_assert_int_eq(access(name, F_OK), -1);
	}
	ck_assert_int_eq(write(pair[1], "", 1), 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	TCase *t;

	if (confine_supported() != 0) {
		puts("1..0 # SKIP this build or this kernel does not confine");
		return EXIT_SUCCESS;
	}
	t = tcase_create("confine");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, the_relay_works);
	tcase_add_test(t, goes_on_after_a_stop);
	tcase_add_test(t, no_file);
	tcase_add_test(t, no_network);
	tcase_add_test(t, no_terminal_tricks);
	tcase_add_test(t, no_other_process_nor_code);
	tcase_add_test(t, attacks_end_it);
#ifdef __x86_64__
	tcase_add_test(t, no_other_numbers);
#endif
	tcase_add_test(t, state);
	return suite_run_case("confine", t);
}
