/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TREEGEN_H
#define SHELLAC_TREEGEN_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Trees of processes that do what makes a process hard to attribute, drawn from a seed,
 * each of which says whose it is before it can die: one line of DIR/truth.
 *
 *	life PID START TAG KEY PARENT TTY	born, or a new program in the same life
 *	foreign PID START TAG KEY PARENT TTY	about to become a program not of ours
 *	key KEY OUTER				a session of its own begins below this one
 *
 * TAG is its comm from then on and nobody else's, so its accounting record can be told
 * without a pid.  KEY names the recorded session that it was forked in, '-' in front:
 * none.  START is in ticks since boot, PARENT the forker's pid (0: the life is not new),
 * TTY the device or 0.
 */
struct node {
	const char *dir, *key;
	uint64_t seed;
	unsigned budget; /* processes that may be below this one */
	char tag[16];
};

/* Opens what is in dir.  Ends the process where it can't, as all of these do. */
void node_begin(struct node *n, const char *dir, const char *key);
/* Takes a new tag and says so. */
void node_born(struct node *n, pid_t parent);
/* Says that it becomes a program not of ours, and gives the path to run it by: its comm
 * is the tag then. */
const char *node_foreign(struct node *n, const char *program);
/* A line of the truth. */
void node_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A number below end, of this node's own row of numbers. */
unsigned node_random(struct node *n, unsigned end);
/* Up to us microseconds, often none at all. */
void node_nap(struct node *n, unsigned us);

/* A child with this budget, which has said that it is born: 0 in the child. */
pid_t node_fork(struct node *n, unsigned budget);
/* Runs this program anew in this life, to go on with the rest of the budget; born: it
 * was not said before (parent: who forked it). */
void node_exec(struct node *n, pid_t parent) __attribute__((noreturn));
/* Does things at random until the budget is spent, and ends. */
void node_live(struct node *n) __attribute__((noreturn));
/* Waits for one, or for all children (0). */
void node_wait(pid_t pid);

/* One thing at random that takes some of the budget. */
void node_act(struct node *n);

/* treegen_foreign.c: programs not of ours, in which the tree goes on */
void act_own_pty(struct node *n, unsigned budget);
void act_script(struct node *n, unsigned budget);
void act_nested(struct node *n, unsigned budget);
void act_sudo(struct node *n, unsigned budget);
void act_su(struct node *n, unsigned budget);

#define NODE_ARGS 7
/* argv of "treegen node" for what n is to go on with; text is the callee's. */
void node_argv(const struct node *n, pid_t parent, char *argv[NODE_ARGS + 1]);

#endif
