/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KNOWN_HOST_H
#define SHELLAC_KNOWN_HOST_H

#include "enrolment.h"
#include "keys.h"
#include "witness_policy.h"

/* What is known of a host from elsewhere: its public key, and more if it enrolled. */
struct known_host {
	struct host_pub key;
	const uint8_t *host_id;        /* of its first key; NULL: key may be that or a later one */
	const uint8_t *epoch_pk;       /* of its first epoch; NULL: not known */
	struct witness_policy *policy; /* NULL: none */
	struct enrolment enrolment;
	uint8_t *text;
};

/* From a host.pub, or from an enrolment that its host signed: whether an auditor did
 * is for who keeps it to check, shellac key check.  0, -errno, E_KEY for neither, or
 * as enrolment_open() and policy_parse().  Release it either way. */
int known_host_load(struct known_host *k, const char *path);
void known_host_release(struct known_host *k);

#endif
