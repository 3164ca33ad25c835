/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_KEY_H
#define SHELLAC_KEY_H

#include "auditor.h"
#include "enrolment.h"

/* shellac key VERB: what was given with it, NULL where it was not. */
struct key_args {
	const char *policy, *sign, *auditor, *name, *reason;
	const char *file; /* the argument behind the verb, */
	char **files;     /* and all of them */
	int count;
};

/* Each returns an exit status. */
int key_new(struct auditor *a, const struct key_args *args);
int key_show(struct auditor *a, const struct key_args *args);
int key_auditor(struct auditor *a, const struct key_args *args);
int key_rotate(struct auditor *a, const struct key_args *args);
int key_enrol(struct auditor *a, const struct key_args *args);
int key_sign(struct auditor *a, const struct key_args *args);
int key_approve(struct auditor *a, const struct key_args *args);
int key_check(struct auditor *a, const struct key_args *args);

/* Prints the id of a host, its first key, and that of today by its name as a log. */
void key_print(const struct host_pub *k, const uint8_t *newest);

/* An auditor's secret key, and the public one from FILE.pub beside it.  AUDIT_OK or
 * AUDIT_CANNOT, with a message; wipe sk after use. */
int key_load_auditor(const char *path, struct note_key *key, uint8_t sk[SK_SIZE]);

#endif
