/* SPDX-License-Identifier: ISC */
/* What the two halves of bench/scaledrive share: who sits at which terminal. */
#ifndef SHELLAC_BENCH_SCALEDRIVE_H
#define SHELLAC_BENCH_SCALEDRIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hash.h"

#define MS UINT64_C(1000000) /* ns */
#define LINE_ROOM 64

enum kind { TYPIST, BUILDER, REDRAWER, IDLER, KINDS };

/* Somebody at a terminal. */
struct user {
	enum kind kind;
	int master;            /* -1: it is gone */
	pid_t pid;
	int status;            /* of waitpid(2), -1 before */
	struct hash shown;     /* what the terminal got to show */
	uint64_t bytes, typed, procs;
	char line[LINE_ROOM];  /* that is being typed */
	size_t at, len;        /* the next key of it; 0 0: none is */
	long number;           /* of the newest line */
	int up, busy;          /* the program is there; a line is not done yet */
	uint64_t next_ns;      /* when to do something */
	uint64_t enter_ns;     /* Enter was pressed, 0: its answer is there */
	char tail[LINE_ROOM];  /* the newest that was shown, for marks in two reads */
	size_t tail_len;
};

/* When Enter was pressed until its answer was shown, ns. */
struct times {
	uint64_t *ns;
	size_t count, room;
};

uint64_t now_ns(void);
/* From 0 up to below n. */
uint64_t chance(uint64_t n);
void chance_seed(uint64_t seed);

/* The share of each kind is fixed: of 100 users in a row it is the same. */
enum kind kind_of(int i);
extern const char *const kind_name[KINDS];

/* Types the line with which it leaves. */
void user_leave(struct user *u);
/* Does what is due at now, and sets u->next_ns. */
void user_act(struct user *u, uint64_t now);
/* Takes what its terminal shows; times: where an answer goes, or NULL. */
void user_sees(struct user *u, const char *p, size_t len, struct times *times);

#endif
