/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_CELL_H
#define SHELLAC_REPORT_CELL_H

#include "report/report.h"

/* The longest text of a cell, as escape_str() makes it. */
#define REPORT_CELL_MAX 20480

/* A value for eyes, UTF-8 without control characters; "-" where it is not known.  Returns
 * out. */
char *report_cell(char out[REPORT_CELL_MAX], enum report_type type, const union report_value *v);

/* 1 for what stands at the right of its column. */
int report_cell_right(enum report_type type);

#endif
