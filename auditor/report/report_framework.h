/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_FRAMEWORK_H
#define SHELLAC_REPORT_FRAMEWORK_H

#include "report/report.h"

/* A requirement, in our words, and what of a report is evidence for it. */
struct report_requirement {
	const char *id, *asks;
	unsigned topics;       /* enum report_topic */
	const char *elsewhere; /* what it wants that no report of this host can show; or NULL */
};

struct report_framework {
	const char *key, *name;
	const struct report_requirement *requirement;
	unsigned requirements;
};

/* "pci", "nist" or "iso"; NULL for another. */
const struct report_framework *report_framework_find(const char *key);

/* The ids of the requirements that these topics are evidence for, by blanks, into out, which
 * is returned. */
#define REPORT_IDS_MAX 160
char *report_framework_ids(char out[REPORT_IDS_MAX], const struct report_framework *f,
    unsigned topics);

/* Rows of a table with one of these topics. */
size_t report_framework_rows(const struct report_table *t, unsigned topics);

#endif
