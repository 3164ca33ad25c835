/* SPDX-License-Identifier: ISC */
#include "report/report_framework.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct report_requirement pci[] = {
	{ "10.2.1.2", "all that is done with administrative access is logged",
	    TOPIC_PRIVILEGED | TOPIC_UNRECORDED | TOPIC_OUTAGE | TOPIC_LOSS,
	    "interactive application and system accounts that never use a terminal" },
	{ "10.2.1.3", "access to audit logs is logged", TOPIC_ACCESS,
	    "who read a copy of the store, or the store itself as root" },
	{ "10.2.1.6", "starting, stopping and pausing of audit logs is logged",
	    TOPIC_START | TOPIC_OUTAGE | TOPIC_CONFIG, NULL },
	{ "10.2.2", "each entry tells who, what, when, how it ended, from where and on which system",
	    TOPIC_SESSION, NULL },
	{ "10.3.2", "audit logs are protected from being changed", TOPIC_PROOF | TOPIC_KEY,
	    "file permissions of copies that were made of this store" },
	{ "10.3.3", "audit logs are soon copied to where they are hard to change", TOPIC_WITNESS,
	    "copies of the store on other machines; a witness keeps digests, not recordings" },
	{ "10.3.4", "changes of audit logs are detected", TOPIC_PROOF | TOPIC_FINDING |
	    TOPIC_WITNESS, "that somebody is alerted when a check of the store finds something" },
	{ "10.4", "audit logs are reviewed daily, and what is odd is followed up",
	    TOPIC_REVIEW | TOPIC_FINDING, "what was done about each exception" },
	{ "10.5.1", "twelve months are kept, three of them at hand",
	    TOPIC_RETENTION | TOPIC_PURGE, "what is kept in archives beside this store" },
	{ "10.6", "clocks are synchronised", TOPIC_CLOCK,
	    "which time servers are used, and who may change them" },
	{ "10.7", "failures of security controls are detected and answered",
	    TOPIC_FAILURE | TOPIC_OUTAGE | TOPIC_LOSS | TOPIC_CAPACITY,
	    "what was done about each failure, and by whom" },
};

static const struct report_requirement nist[] = {
	{ "AC-6(9)", "privileged functions are logged", TOPIC_PRIVILEGED | TOPIC_UNRECORDED, NULL },
	{ "AC-8", "a notice is shown before the system is used", TOPIC_NOTICE,
	    "the wording of the notice, and who approved it" },
	{ "AU-3", "records tell what, when, where, from where, how it ended and who",
	    TOPIC_SESSION, NULL },
	{ "AU-4", "there is room for the audit log", TOPIC_CAPACITY, NULL },
	{ "AU-5", "failures of logging raise an alert and are answered",
	    TOPIC_FAILURE | TOPIC_OUTAGE | TOPIC_LOSS, "who was alerted, and when" },
	{ "AU-6(8)", "the text of privileged commands is analysed on a separate system",
	    TOPIC_PRIVILEGED | TOPIC_REVIEW | TOPIC_ACCESS,
	    "on which system this report and the reviews were made" },
	{ "AU-8", "time stamps are right", TOPIC_CLOCK, NULL },
	{ "AU-9(3)", "cryptography protects the audit log's integrity",
	    TOPIC_PROOF | TOPIC_WITNESS | TOPIC_KEY | TOPIC_FINDING, NULL },
	{ "AU-9(5)", "two persons are needed to move or delete audit information", TOPIC_PURGE,
	    "that the approving auditor is not the administrator who deleted" },
	{ "AU-10", "nobody can deny what was done", TOPIC_PROOF | TOPIC_SESSION,
	    "that each account is used by one person" },
	{ "AU-11", "records are kept for as long as required", TOPIC_RETENTION | TOPIC_PURGE,
	    "the retention time that applies, and archives" },
	{ "AU-14", "sessions can be recorded and seen again", TOPIC_SESSION | TOPIC_UNRECORDED |
	    TOPIC_OUTAGE | TOPIC_LOSS | TOPIC_START | TOPIC_CONFIG, NULL },
};

static const struct report_requirement iso[] = {
	{ "A.8.15", "logs of activities, exceptions and faults are made, kept, protected and analysed",
	    TOPIC_SESSION | TOPIC_PRIVILEGED | TOPIC_UNRECORDED | TOPIC_OUTAGE | TOPIC_PROOF |
	    TOPIC_WITNESS | TOPIC_FAILURE | TOPIC_START | TOPIC_LOSS | TOPIC_ACCESS |
	    TOPIC_RETENTION | TOPIC_PURGE | TOPIC_CONFIG | TOPIC_KEY | TOPIC_CAPACITY,
	    "logs of other systems and applications" },
	{ "A.8.16", "what is odd is looked for, and judged",
	    TOPIC_REVIEW | TOPIC_FINDING | TOPIC_UNRECORDED | TOPIC_OUTAGE,
	    "monitoring of networks and applications" },
	{ "A.8.17", "clocks are synchronised to an approved source", TOPIC_CLOCK,
	    "that the source is an approved one" },
};

static const struct report_framework frameworks[] = {
	{ "pci", "PCI DSS 4.0.1", pci, COUNT(pci) },
	{ "nist", "NIST SP 800-53", nist, COUNT(nist) },
	{ "iso", "ISO/IEC 27001 Annex A", iso, COUNT(iso) },
};

const struct report_framework *report_framework_find(const char *key)
{
	size_t i;

	for (i = 0; i < COUNT(frameworks); i++)
		if (strcmp(frameworks[i].key, key) == 0)
			return &frameworks[i];
	return NULL;
}

char *report_framework_ids(char out[REPORT_IDS_MAX], const struct report_framework *f,
    unsigned topics)
{
	size_t len = 0;
	unsigned i;

	out[0] = '\0';
	for (i = 0; f != NULL && i < f->requirements; i++) {
		if ((f->requirement[i].topics & topics) == 0)
			continue;
		len += (size_t)snprintf(out + len, REPORT_IDS_MAX - len, "%s%s", len > 0 ? " " : "",
		    f->requirement[i].id);
		if (len >= REPORT_IDS_MAX)
			break;
	}
	return out;
}

size_t report_framework_rows(const struct report_table *t, unsigned topics)
{
	size_t i, rows = 0;

	if ((t->topics & topics) == 0)
		return 0;
	for (i = 0; i < t->rows; i++)
		rows += (t->topic[i] & topics) != 0;
	return rows;
}
