/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PTY_H
#define SHELLAC_PTY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>

#define PTY_SHOWN_MAX 4096
#define PTY_OUT_MAX 65536   /* most that one pty_read_master() gives */
#define PTY_AHEAD_MAX 65536 /* so much may wait for the user's terminal while more is read */
#define PTY_IN_MAX 16384    /* so much may wait for the program */

/*
 * A pty between the user's terminal (outer) and a program, and the bytes on their
 * way.  It knows nothing of records: its caller reads into a buffer, does what
 * must be done first, and pushes the buffer on.  Nothing here blocks as long as
 * the outer terminal could be opened anew (see pty_open).
 */
struct pty {
	int in, out;             /* outer terminal, read and written; maybe the same */
	int out_own;             /* out is an open file of our own, O_NONBLOCK */
	int master, slave;       /* slave: open until the program has it */
	struct termios outer;    /* modes to go back to */
	struct winsize size;
	int is_raw;
	uint8_t to_outer[PTY_AHEAD_MAX + PTY_OUT_MAX], to_master[PTY_IN_MAX];
	size_t out_len, out_pos, in_len, in_pos;
	size_t in_ok;            /* of to_master, bytes up to here may go to the program */
	size_t early_len;        /* in to_master: typed before the terminal was raw */
};

/* Call before fork.  Takes the terminals on descriptors 0 and 1, opens them anew
 * where allowed (an own open file, so that O_NONBLOCK is ours alone; descriptors
 * else), and makes a pty of the same modes and size, which belongs to the effective
 * user.  0 or -errno. */
int pty_open(struct pty *p);

/* In the parent, once the program has the slave. */
void pty_started(struct pty *p);

/* Outer terminal raw and exclusive; and back as it was.  Both are harmless when
 * done twice.  Whole lines that were typed before, ends of file among them, are
 * taken first, while they can still be told from other bytes: pty_read_outer()
 * gives them at its first call. */
void pty_raw(struct pty *p);
void pty_restore(struct pty *p);

/* Lets others open the user's terminal again, which pty_raw() has forbidden. */
void pty_let_open(const struct pty *p);

/* Closes everything; descriptors 0 to 2 stay. */
void pty_release(struct pty *p);

/* 1 when so little waits for the user's terminal that more may be read. */
int pty_wants_output(const struct pty *p);

/* Reads from the program, behind what waits in to_outer, when pty_wants_output().
 * Returns the bytes and where they are, 0 for nothing now, -EIO when that side is
 * gone. */
ssize_t pty_read_master(struct pty *p, const uint8_t **bytes);

/* 1 when there is room for more from the user, and all that may go to the program
 * is there. */
int pty_wants_input(const struct pty *p);

/* Reads from the user, behind what waits in to_master, when pty_wants_input().  As
 * pty_read_master(). */
ssize_t pty_read_outer(struct pty *p, const uint8_t **bytes);

/* The next len bytes of to_master may go to the program. */
void pty_let_input(struct pty *p, size_t len);

/* 1 when pty_read_master() would find something. */
int pty_has_output(const struct pty *p);

/* Puts a text of at most PTY_SHOWN_MAX bytes in front of the user, behind what waits
 * there: each line feed becomes CR LF.  What that makes is at *bytes; its length is
 * returned. */
size_t pty_show(struct pty *p, const char *text, size_t len, const uint8_t **bytes);

/* Writes what can be written, to the program what may go there.  1 while something
 * of that is left, 0 when not, -errno: that side is gone and the rest is dropped. */
int pty_push_outer(struct pty *p);
int pty_push_master(struct pty *p);

/* Modes of the program's side.  0 or -errno. */
int pty_modes(const struct pty *p, struct termios *t);

/* Reads the outer size; 1 if it differs from p->size, which then is the new one.
 * pty_set_size() gives p->size to the program's side. */
int pty_new_size(struct pty *p);
void pty_set_size(const struct pty *p);

/* INT, QUIT or TSTP to the foreground group of the program's side, TIOCSIG. */
void pty_signal(const struct pty *p, int sig);

/* Hangs up the program's side. */
void pty_hang_up(struct pty *p);

#endif
