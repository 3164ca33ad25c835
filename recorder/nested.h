/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NESTED_H
#define SHELLAC_NESTED_H

#include "privilege.h"

#define NESTED_DEPTH_MAX 8

/* 1 if this terminal is recorded already: the session leader of our controlling
 * terminal is the child of a recorder; or if NESTED_DEPTH_MAX recorders, of two
 * processes each, are among our ancestors.  Read from /proc, proc(5). */
int nested_inside(enum privilege privilege);

#endif
