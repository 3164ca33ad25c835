/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_RULES_ENDED_H
#define SHELLAC_RULES_ENDED_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"

/* Sessions that have ended and are not done with, the oldest first. */
struct ended_session {
	uint64_t seq, n;    /* of its event; its number */
	uint64_t since_ns;  /* when that came, or it was looked at last; CLOCK_MONOTONIC */
	unsigned tries;
	int looked;         /* its hits were sent */
	uint8_t (*back)[HASH_SIZE]; /* of hits that came back as events */
	size_t backs, back_room;
	size_t sent;        /* of them, so many are expected */
};

#define ENDED_MAX 4096

struct ended {
	struct ended_session *list;
	size_t count, room;
	uint64_t read; /* the last event */
};

/* 0 or -ENOMEM */
int ended_add(struct ended *e, uint64_t seq, uint64_t n, uint64_t now_ns);
/* A hit of session n has come back. */
int ended_back(struct ended *e, uint64_t n, const uint8_t key[HASH_SIZE]);
int ended_is_back(const struct ended_session *s, const uint8_t key[HASH_SIZE]);
/* The first is done with. */
void ended_drop(struct ended *e);
void ended_release(struct ended *e);

/* All up to here is done with. */
uint64_t ended_acked(const struct ended *e);

#endif
