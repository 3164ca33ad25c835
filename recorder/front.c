/* SPDX-License-Identifier: ISC */
#include "front.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "devnull.h"
#include "front_note.h"
#include "procfs.h"
#include "survivors.h"

struct front {
	int keeper, terminal, signals;
	pid_t keeper_pid;
	pid_t program;           /* 0: not known yet */
	int plain;               /* nothing ran, the caller is to run it */
	uint64_t early;          /* bit n-1: signal n is for it, once it is known */
	struct termios modes;
};

static _Noreturn void leave(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t set;
	int sig;

	if (!WIFSIGNALED(status))
		_exit(WEXITSTATUS(status));
	sig = WTERMSIG(status);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(sig, SIG_DFL);
	sigfillset(&set);
	sigdelset(&set, sig);
	sigprocmask(SIG_SETMASK, &set, NULL);
	kill(getpid(), sig);
	_exit(128 + sig);
}

/* The keeper died without a word: the terminal must not stay raw. */
static _Noreturn void keeper_lost(const struct front *f)
{
	if (f->terminal) {
		ioctl(STDIN_FILENO, TIOCNXCL);
		tcsetattr(STDIN_FILENO, TCSANOW, &f->modes);
		fputs("\nshellac-rec: the recorder of this session was killed\n", stderr);
	}
	_exit(125);
}

static void to_program(struct front *f, int sig)
{
	if (f->program > 0)
		kill(f->program, sig);
	else
		f->early |= UINT64_C(1) << (sig - 1);
}

static void program_known(struct front *f, pid_t program)
{
	int sig;

	f->program = program;
	for (sig = 1; sig <= 64; sig++)
		if (f->early >> (sig - 1) & 1)
			kill(program, sig);
}

static int is_stopped(pid_t program)
{
	struct proc_stat p;

	return program > 0 && procfs_stat(program, &p) == 0 && p.state == 'T';
}

/* Without a terminal of its own the program's job control is that of the shell
 * around us, which looks at us: we stop when the program has, not with the signal
 * that may yet find it reading, and go on with it. */
static void stop_too(const struct front *f, int sig)
{
	sigset_t set;

	if (!is_stopped(f->program))
		return;
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	kill(getpid(), sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (is_stopped(f->program))
		kill(f->program, SIGCONT);
}

/* What the terminal sent went to the program's group too; anything else was meant
 * for the program alone. */
static void pass_signal(struct front *f, const struct signalfd_siginfo *si)
{
	int sig = (int)si->ssi_signo;

	if (sig == SIGWINCH) {
		front_note_send(f->keeper, FRONT_NOTE_WINDOW, 0);
	} else if (sig == SIGHUP || sig == SIGTERM || sig == SIGINT || sig == SIGQUIT) {
		front_note_send(f->keeper, FRONT_NOTE_SIGNAL, sig);
		if (!f->terminal && si->ssi_code != SI_KERNEL)
			to_program(f, sig);
	} else if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
		if (!f->terminal && (si->ssi_code != SI_KERNEL || f->program <= 0))
			to_program(f, sig);
	} else if (sig == SIGUSR1 || sig == SIGUSR2 || sig == SIGALRM) {
		front_note_send(f->keeper, FRONT_NOTE_SIGNAL, sig);
		to_program(f, sig);
	}
}

static void take_note(struct front *f)
{
	struct front_note n;
	int r = front_note_receive(f->keeper, &n);

	if (r < 0)
		keeper_lost(f);
	if (r == 0)
		return;
	switch (n.kind) {
	case FRONT_NOTE_STARTED:
		program_known(f, n.value);
		if (!f->terminal)
			devnull_standard(devnull_open());
		break;
	case FRONT_NOTE_STOPPED:
		stop_too(f, n.value);
		break;
	case FRONT_NOTE_SURVIVORS:
		survivors_tell(f->keeper, f->keeper_pid);
		break;
	case FRONT_NOTE_STATUS:
		if (f->terminal)
			ioctl(STDIN_FILENO, TIOCNXCL);
		leave(n.value);
	case FRONT_NOTE_EXIT:
		_exit(n.value);
	case FRONT_NOTE_PLAIN:
		/* the shell is not to find a child that it did not start */
		if (n.value != 0)
			waitpid(f->keeper_pid, NULL, 0);
		f->plain = 1;
		break;
	default:
		break;
	}
}

/* The signals that inherit_block() blocked, as a descriptor. */
static int hear(void)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	sigdelset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void front_run(int keeper, pid_t keeper_pid, int terminal, const struct termios *modes)
{
	struct front f = { .keeper = keeper, .keeper_pid = keeper_pid, .terminal = terminal };
	struct signalfd_siginfo si;
	struct pollfd p[2];

	if (terminal)
		f.modes = *modes;
	f.signals = hear();
	p[0] = (struct pollfd){ .fd = keeper, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = f.signals, .events = POLLIN };
	while (!f.plain) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			keeper_lost(&f);
		if (p[1].revents & POLLIN)
			while (read(f.signals, &si, sizeof(si)) == (ssize_t)sizeof(si))
				pass_signal(&f, &si);
		if (p[0].revents != 0)
			take_note(&f);
	}
}
