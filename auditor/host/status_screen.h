/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_STATUS_SCREEN_H
#define SHELLAC_STATUS_SCREEN_H

#include <jansson.h>

/* The collector's status on standard output: a verdict, what is wrong and what to do, then
 * a line for each part.  On a terminal it is never more than 24 lines of 80 columns. */
void status_screen(const json_t *status);

/* AUDIT_OK, or AUDIT_FINDING where something fails; adds "verdict" and "findings" to it. */
int status_judge(json_t *status);

#endif
