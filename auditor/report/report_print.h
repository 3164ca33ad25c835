/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_PRINT_H
#define SHELLAC_REPORT_PRINT_H

#include "report/report.h"
#include "report/report_framework.h"
#include "output/sink.h"

/* One way to write a report down. */
struct report_print {
	const struct report *report;
	const struct report_framework *framework; /* NULL: no requirements are named */
	const char *subject;                      /* the host, for titles; hostile */
	struct sink *out;                         /* its error is the caller's to see */
};

/* Text for a terminal or a file, 100 columns where its rows are not wider. */
void report_print_text(const struct report_print *p);

/* One JSON object a line, by its key type: report, requirement, section, fact, gap, row.
 * -ENOMEM is put into out->error. */
void report_print_json(const struct report_print *p);

/* A page that needs nothing else: no script, no network, nothing but its own style. */
void report_print_html(const struct report_print *p);

#endif
