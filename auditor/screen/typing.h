/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_TYPING_H
#define SHELLAC_TYPING_H

#include "screen/lines.h"

/*
 * Which lines were typed.  A line is one when Enter was pressed after a key; it is whole
 * when the terminal then leaves it with a line feed, since keys come before their echo.
 * Nothing is taken for typed while a full-screen program has the screen.
 */
#define TYPING_ENTERS 32
#define TYPING_AHEAD 8
#define TYPING_KEYS 4096
#define TYPING_PROMPT 256
#define TYPING_PLACES 64

enum typing_at { TYPING_UNKNOWN, TYPING_PROMPTED, TYPING_PROGRAM };

/* A line that was entered. */
struct typing_line {
	uint64_t at_ns;      /* Enter */
	int64_t chunk;
	const char *text;    /* without the prompt, printable; until the callback returns */
	size_t len;
	int keys;            /* from the keys themselves: the screen did not show it */
	enum typing_at at;   /* a line editor that takes pastes in brackets had the terminal,
	                      * as shells do at their prompt; or had it once, but not then */
};

struct typing_enter {
	uint64_t at_ns;
	int64_t chunk;
	int typed;           /* a key before it */
	unsigned waited;     /* lines that were not it */
	enum typing_at at;
	char *keys;          /* what the keys were, NULL where they edited too much */
	size_t keys_len;
};

/* Where the cursor was before an output: keys may be told of after what answered them. */
struct typing_place {
	uint64_t at_ns;
	struct lines_place place;
};

struct typing {
	struct lines *lines;
	int (*entered)(void *arg, const struct typing_line *x); /* NULL: nobody asks */
	int (*ran)(void *arg, const char *text, size_t len);
	void *arg;
	int bracketed, brackets;  /* on now; ever */
	unsigned matched;         /* of the sequence that switches it, across cuts */
	int typed, sure, pasting; /* since the last Enter */
	unsigned escape;          /* inside an escape sequence that was typed */
	char seq[16];
	size_t seq_len;
	int unseen;               /* typed bytes are not known, or not yet: so many lines may
	                           * tell of them, by the prompt in front */
	uint64_t taken_ns;        /* when the last one did */
	struct typing_enter enter[TYPING_ENTERS]; /* without their line feed yet, in order */
	size_t enters;
	char *ahead[TYPING_AHEAD]; /* lines that a program was given, or left for the shell */
	size_t aheads;
	char prompt[TYPING_PROMPT];
	size_t prompt_len;
	char key[TYPING_KEYS];
	size_t keys;
	struct typing_place place[TYPING_PLACES]; /* a ring */
	size_t places;
};

void typing_init(struct typing *t, struct lines *l);
void typing_release(struct typing *t);

/* Bytes of INPUT, typed at this time.  0, what entered returned, or -ENOMEM. */
int typing_keys(struct typing *t, const uint8_t *p, size_t len, uint64_t typed_ns, int64_t chunk);
/* Something was typed that is not known, or not yet. */
void typing_unseen(struct typing *t);
/* Output, which goes to the lines.  As above. */
int typing_output(struct typing *t, const uint8_t *p, size_t len);
/* The end: what never had a line feed. */
int typing_end(struct typing *t);

/* For typing_keys.c: where the cursor was at this time. */
struct lines_place typing_place_at(const struct typing *t, uint64_t at_ns);
/* The oldest n that have no line feed yet are known by their keys alone. */
int typing_give_up(struct typing *t, size_t n);

#endif
