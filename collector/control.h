/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONTROL_H
#define SHELLAC_CONTROL_H

#include "collector.h"

/*
 * run/control.sock, for root and the collector's own user.  One line asks, one
 * line answers: "status" a JSON object; "sync" takes in what the FIFOs and the
 * kernel hold, waits until sessions that ended have their final names, then
 * "ok" ("late" after CONTROL_WAIT_MS); anything else "unknown".
 */
struct control;

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_WAIT_MS 5000

/* 0 or -errno */
int control_open(struct control **out, struct collector *c);
/* NULL is fine. */
void control_close(struct control *k);

/* Answers those that waited for what has happened now. */
void control_check(struct control *k);

#endif
