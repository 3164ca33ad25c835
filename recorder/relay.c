/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "keeper.h"
#include "front_note.h"
#include "still.h"

#define MS UINT64_C(1000000)
#define SEAL_NS (100 * MS)        /* longest that an event stays unsealed */
#define LONG_NS (60000 * MS)      /* there is nothing to wait for */
#define REREAD_NS (50 * MS)
#define QUIET_NS (20 * MS)        /* after the program's end: no more output for so long, */
#define DRAIN_NS (200 * MS)       /* or at most so long */
#define DRAIN_MAX (256 * 1024)    /* of it; more than a pty holds */
#define STUCK_NS (3000 * MS)      /* and so long for what the terminal does not take */

enum { P_OUTER, P_OUT, P_MASTER, P_FRONT, P_SIGNALS, P_LINK, P_FIFO, P_COUNT };

void relay_hang_up(struct keeper *k, uint32_t reason)
{
	if (!k->exited && k->reason == END_EXIT)
		k->reason = reason;
	pty_hang_up(&k->pty);
	evidence_drop(&k->evidence);
}

/* Lets what has been recorded happen. */
static void let_happen(struct keeper *k)
{
	if (record_pending(&k->record))
		return;
	if (k->resized) {
		pty_set_size(&k->pty);
		k->resized = 0;
	}
	if (k->pty.out_len > 0 && pty_push_outer(&k->pty) < 0)
		relay_hang_up(k, END_HANGUP);
	pty_push_master(&k->pty);
}

/* Seals what was typed before the program gets it.  Of bytes that nothing may be
 * known of yet, their number is there. */
static void seal_typed(struct keeper *k, uint64_t now)
{
	size_t held = hidden_held(&k->hidden);

	if (held > 0)
		record_mark(&k->record, now, MARK_HELD, held);
	if (record_is_open(&k->record))
		record_seal(&k->record, now, SEAL_DATA, SEAL_F_PROMPT, 0, 0);
	k->hurry = 1;
	evidence_sealed(&k->evidence, k->record.sealer.frame);
}

/* Lets typed bytes go whose time has come. */
static void judge_typed(struct keeper *k)
{
	struct evidence *e = &k->evidence;
	uint64_t now = clock_mono();
	enum evidence_step step;

	while ((step = evidence_next(e, now, k->link.acked,
	    link_is_up(&k->link) && k->record.spool == NULL, hidden_held(&k->hidden))) !=
	    EVIDENCE_WAIT) {
		if (step == EVIDENCE_SEAL) {
			seal_typed(k, now);
			continue;
		}
		if (step == EVIDENCE_ASK) {
			pty_let_input(&k->pty, evidence_ahead(e));
			continue;
		}
		if (step == EVIDENCE_LATE)
			record_mark(&k->record, now, MARK_LATE, now - e->typed_ns);
		pty_let_input(&k->pty, evidence_take(e));
	}
}

/* Gives the queue to the FIFO.  1: not all of it has gone. */
static int flush(struct keeper *k)
{
	int r = record_flush(&k->record);

	if (r < 0)
		relay_hang_up(k, END_FAILURE);
	if (r == 1 && k->blocked_ns == 0) {
		k->blocked_ns = clock_mono();
		link_hurry(&k->link);
	}
	return r != 0;
}

/* Gives the queue to the FIFO and then lets it happen. */
static void settle(struct keeper *k)
{
	judge_typed(k);
	if (flush(k))
		return;
	if (k->blocked_ns != 0 && !away_stands(k)) {
		still_is_over(k);
		if (flush(k))
			return;
	}
	if (k->hurry) {
		k->hurry = 0;
		link_hurry(&k->link);
	}
	let_happen(k);
}

static void from_program(struct keeper *k)
{
	const uint8_t *p;
	ssize_t n = pty_read_master(&k->pty, &p);
	uint64_t now = clock_mono();
	int r;

	if (n < 0)
		k->reread_ns = now + REREAD_NS;
	if (n <= 0)
		return;
	k->quiet_ns = now;
	k->drained += k->exited ? (uint64_t)n : 0;
	hidden_written(&k->hidden, now, p, (size_t)n);
	r = record_output(&k->record, now, p, (size_t)n);
	if (r < 0)
		relay_hang_up(k, END_FAILURE);
	if (r == 0 && k->blocked_ns == 0 && k->evidence.queued == 0)
		let_happen(k);
	else
		settle(k);
	record_pay(&k->record);
}

static void from_user(struct keeper *k)
{
	const uint8_t *p;
	ssize_t n = pty_read_outer(&k->pty, &p);
	struct termios t = { 0 };
	uint64_t now = clock_mono();

	if (n < 0)
		relay_hang_up(k, END_HANGUP);
	if (n <= 0)
		return;
	pty_modes(&k->pty, &t);
	hidden_typed(&k->hidden, now, p, (size_t)n, (t.c_lflag & ECHO) != 0,
	    (t.c_lflag & ICANON) != 0);
	evidence_typed(&k->evidence, now, p, (size_t)n);
	settle(k);
}

static void got_signal(struct keeper *k, int sig)
{
	record_signal(&k->record, clock_mono(), sig);
	if (!k->cfg->terminal)
		return;
	if (sig == SIGHUP)
		relay_hang_up(k, END_HANGUP);
	else if (sig == SIGTERM)
		relay_hang_up(k, END_SIGNAL);
	else if (sig == SIGINT || sig == SIGQUIT || sig == SIGTSTP)
		pty_signal(&k->pty, sig);
}

static void from_front(struct keeper *k)
{
	const struct winsize *w = &k->pty.size;
	struct window size;
	struct front_note n;
	int r = front_note_receive(k->front, &n);

	if (r < 0) {
		close(k->front);
		k->front = -1;
		if (k->cfg->terminal)
			relay_hang_up(k, END_HANGUP);
	} else if (r > 0 && n.kind == FRONT_NOTE_SIGNAL) {
		got_signal(k, n.value);
	} else if (r > 0 && n.kind == FRONT_NOTE_WINDOW && pty_new_size(&k->pty)) {
		size = (struct window){ .rows = w->ws_row, .cols = w->ws_col,
		    .xpixel = w->ws_xpixel, .ypixel = w->ws_ypixel };
		record_window(&k->record, clock_mono(), &size);
		k->resized = 1;
	}
	settle(k);
}

static void reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid == k->program && WIFSTOPPED(status) && !k->cfg->terminal)
			front_note_send(k->front, FRONT_NOTE_STOPPED, WSTOPSIG(status));
		if (pid != k->program || WIFSTOPPED(status))
			continue;
		k->exited = 1;
		k->status = status;
		k->exited_ns = k->quiet_ns = clock_mono();
		k->drain_ns = k->exited_ns + DRAIN_NS;
		k->reread_ns = 0;
	}
}

void relay_signals(struct keeper *k)
{
	struct signalfd_siginfo si;

	while (read(k->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			reap(k);
		else if (!k->exited)
			got_signal(k, (int)si.ssi_signo);
	}
	if (!k->exited)
		settle(k);
}

static void timers(struct keeper *k, uint64_t now)
{
	uint64_t hidden = hidden_deadline(&k->hidden), late = evidence_deadline(&k->evidence);
	uint64_t beat;

	link_retry(&k->link, now);
	away_turn(k, now);
	if (k->blocked_ns != 0)
		settle(k);
	still_turn(k, now);
	if (record_pending(&k->record))
		return;
	if (hidden != 0 && now >= hidden)
		hidden_tick(&k->hidden, now);
	beat = record_heartbeat_ns(&k->record);
	if (record_is_open(&k->record) && now >= k->record.open_ns + SEAL_NS)
		record_seal(&k->record, now, SEAL_DATA, 0, 0, 0);
	else if (beat != 0 && now >= beat)
		record_seal(&k->record, now, SEAL_HEARTBEAT, 0, 0, 0);
	if (record_pending(&k->record) || (late != 0 && now >= late))
		settle(k);
	if (k->reread_ns != 0 && now >= k->reread_ns && !k->exited)
		k->reread_ns = 0;
}

static void sooner(uint64_t *next, uint64_t at)
{
	if (at != 0 && at < *next)
		*next = at;
}

/* Milliseconds until something is due, rounded up. */
static int patience(const struct keeper *k, uint64_t now)
{
	uint64_t next = now + LONG_NS;

	if (k->link.fd < 0)
		sooner(&next, k->link.retry_ns);
	if (k->exited)
		sooner(&next, now + QUIET_NS);
	sooner(&next, away_deadline(k, now));
	if (away_stands(k))
		sooner(&next, now + FROZEN_NS);
	if (!record_pending(&k->record)) {
		sooner(&next, hidden_deadline(&k->hidden));
		sooner(&next, evidence_deadline(&k->evidence));
		sooner(&next, k->reread_ns);
		sooner(&next, record_is_open(&k->record) ? k->record.open_ns + SEAL_NS :
		    record_heartbeat_ns(&k->record));
	}
	return next <= now ? 0 : (int)((next - now + MS - 1) / MS);
}

/* The program has ended and all that it wrote is recorded and shown, or the time
 * for that is over: a process that it left may hold its terminal for ever.  The
 * time does not run while the user's terminal takes nothing. */
static int is_over(struct keeper *k, uint64_t now)
{
	if (!k->exited)
		return 0;
	if (away_stands(k) || k->pty.out_len > 0) {
		k->quiet_ns = now;
		k->drain_ns = now + DRAIN_NS;
		return now >= k->exited_ns + (away_stands(k) ? FROZEN_NS : STUCK_NS);
	}
	if (k->pty.master < 0 || k->reread_ns != 0 || k->drained >= DRAIN_MAX ||
	    now >= k->drain_ns)
		return 1;
	return now >= k->quiet_ns + QUIET_NS && !pty_has_output(&k->pty);
}

static void arm(struct pollfd *p, int fd, int in, int out)
{
	p->events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
	p->fd = p->events != 0 ? fd : -1;
	p->revents = 0;
}

/* While the session stands still nothing more is read, from either side; a
 * terminal that does not take its output stops only the program. */
static void choose(const struct keeper *k, struct pollfd p[P_COUNT])
{
	const struct pty *t = &k->pty;
	int wait = away_stands(k), full = record_pending(&k->record) && k->record.spool == NULL;
	int alive = t->master >= 0 && !k->exited;
	int in = !wait && alive && pty_wants_input(t), out = !wait && t->out_len > 0;

	arm(&p[P_OUTER], t->in, in, out && t->out == t->in);
	arm(&p[P_OUT], t->out, 0, out && t->out != t->in);
	arm(&p[P_MASTER], k->reread_ns == 0 ? t->master : -1, !wait && pty_wants_output(t),
	    !wait && t->in_pos < t->in_ok);
	arm(&p[P_FRONT], k->front, 1, 0);
	arm(&p[P_SIGNALS], k->signals, 1, 0);
	arm(&p[P_LINK], k->link.fd, 1, 0);
	arm(&p[P_FIFO], k->record.fifo, 0, full);
}

static void handle(struct keeper *k, const struct pollfd p[P_COUNT])
{
	if (p[P_MASTER].revents & (POLLIN | POLLHUP | POLLERR) && pty_wants_output(&k->pty))
		from_program(k);
	if (p[P_OUTER].revents & (POLLIN | POLLHUP | POLLERR) && pty_wants_input(&k->pty) &&
	    !away_stands(k) && !k->exited)
		from_user(k);
	if ((p[P_OUTER].revents | p[P_OUT].revents | p[P_MASTER].revents) & POLLOUT ||
	    p[P_FIFO].revents != 0)
		settle(k);
	if (p[P_LINK].revents != 0) {
		link_turn(&k->link, clock_mono());
		if (k->link.hang_up && k->cfg->terminal && !k->exited)
			relay_hang_up(k, END_HANGUP);
		away_turn(k, clock_mono());
		settle(k);
	}
	if (p[P_FRONT].revents != 0)
		from_front(k);
	if (p[P_SIGNALS].revents != 0)
		relay_signals(k);
}

void relay_run(struct keeper *k)
{
	struct pollfd p[P_COUNT];
	uint64_t now;

	if (k->pty.early_len > 0)
		from_user(k);
	while (now = clock_mono(), !is_over(k, now)) {
		choose(k, p);
		record_prepare(&k->record);
		if (poll(p, P_COUNT, patience(k, now)) > 0)
			handle(k, p);
		timers(k, clock_mono());
	}
}
