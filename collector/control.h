/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONTROL_H
#define SHELLAC_CONTROL_H

#include "collector.h"

/*
 * run/control.sock, for root and the collector's own user.  One line asks, one
 * line answers: "status" a JSON object; "metrics" one with a text, openmetrics;
 * "coverage" an array of what goes on unrecorded; "sync" takes in what the FIFOs and
 * the kernel hold, waits until sessions that ended have their final names, then "ok"
 * ("late" after CONTROL_WAIT_MS); "rotate" the same, once an epoch has ended;
 * "rotate-key" the same, and the host has a new key by then, or "failed"; the lines
 * of custody.h; anything else "unknown".
 */
struct control;
struct client; /* who asked, until it is gone */

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_WAIT_MS 5000
#define CONTROL_LATER_MS 9000

/* 0 or -errno */
int control_open(struct control **out, struct collector *c);
/* NULL is fine. */
void control_close(struct control *k);

/* Answers one line, with its line feed, to who asked.  May end cl. */
void control_answer(struct client *cl, const char *line);

/* The answer comes later; "late" after CONTROL_LATER_MS.  Where cl goes before,
 * custody_forget() is called with it. */
void control_later(struct client *cl);

/* Takes in what FIFOs and kernel hold now. */
void control_drain(struct collector *c);

/* Have all sessions whose closing was begun by then their final names? */
int control_closed_up_to(const struct collector *c, uint64_t seq);

/* Answers those that waited for what has happened now. */
void control_check(struct control *k);

#endif
