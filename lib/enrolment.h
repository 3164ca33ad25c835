/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_ENROLMENT_H
#define SHELLAC_ENROLMENT_H

#include <stddef.h>
#include <stdint.h>

#include "cert.h"
#include "hash.h"
#include "note.h"

/*
 * What an auditor keeps of a host from the day that it was set up, shellac-format(5),
 * ENROLMENT: a note that the host signed, and the auditor behind it.
 */
struct enrolment {
	char host[CERT_HOST_MAX + 1]; /* its name, printable ASCII without spaces */
	uint8_t host_id[ID_SIZE];     /* of the host's first key */
	struct note_key key;          /* the host's of that day, by its name as a log */
	int has_epoch;                /* there was a ledger: */
	uint8_t epoch_pk[PK_SIZE];    /* the first epoch's key */
	const char *policy;           /* of the witnesses, policy_len bytes; NULL where */
	size_t policy_len;            /* there is none */
};

/* The host's own part: its name (made printable), its first key and that of today;
 * nothing of epoch and policy. */
void enrolment_init(struct enrolment *e, const char *host, const uint8_t first_pk[PK_SIZE],
    const uint8_t host_pk[PK_SIZE]);

/* The text of the note.  Its length; E_RANGE where it leaves no room for two
 * signatures; E_FORMAT for a policy that no note can hold: with a byte below a
 * space's that is no line feed, not UTF-8, or without a line feed at its end. */
int enrolment_format(char out[NOTE_MAX], const struct enrolment *e);

/* Reads such a text, in no other than the spelling of enrolment_format().  policy points
 * into it.  0, E_FORMAT or E_RANGE; E_DIGEST where the policy is not the one whose hash
 * is there. */
int enrolment_parse(struct enrolment *e, const char *text, size_t len);

/* Reads a note of len bytes and checks the host's own signature, which says no more
 * than that who wrote it has the key, and where auditor is not NULL, that one's.  0 or
 * as note_parse() and enrolment_parse(); E_SIGNATURE for one that is wrong; E_KEY where
 * either has not signed. */
int enrolment_open(struct enrolment *e, const char *p, size_t len, const struct note_key *auditor);

#endif
