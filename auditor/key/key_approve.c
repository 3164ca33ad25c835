/* SPDX-License-Identifier: ISC */
/* An auditor's leave to purge sessions. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "approval.h"
#include "bytes.h"
#include "key/key.h"
#include "store/select.h"

/* A whole id needs no store beside the auditor's key. */
static int take_session(struct auditor *a, struct approval *v, const char *text)
{
	struct store_session *e;
	int status;

	if (v->sessions == APPROVAL_SESSIONS_MAX) {
		complain("an approval names at most %d sessions", APPROVAL_SESSIONS_MAX);
		return AUDIT_USAGE;
	}
	if (strlen(text) == 2 * ID_SIZE && hex_get(v->id[v->sessions], ID_SIZE, text) == 0) {
		v->sessions++;
		return AUDIT_OK;
	}
	if (a->store.fd < 0 && a->store.access == NULL &&
	    (status = auditor_open(a, 0)) != AUDIT_OK)
		return status;
	e = select_or_complain(a, text, &status);
	if (e == NULL)
		return status;
	memcpy(v->id[v->sessions++], e->name.id, ID_SIZE);
	return AUDIT_OK;
}

static int sign(const struct approval *v, const char *secret)
{
	char note[NOTE_MAX], line[NOTE_LINE_MAX];
	struct note_key key;
	uint8_t sk[SK_SIZE];
	int len = approval_format(note, v), n, status;

	if (len < 0) {
		complain("--reason: one to %d characters of printable ASCII", APPROVAL_REASON_MAX);
		return AUDIT_USAGE;
	}
	status = key_load_auditor(secret, &key, sk);
	if (status != AUDIT_OK)
		return status;
	n = note_sign(line, note, (size_t)len, &key, sk, 0);
	sodium_memzero(sk, sizeof(sk));
	if (n < 0)
		return AUDIT_CANNOT;
	printf("%.*s\n%s", len, note, line);
	return AUDIT_OK;
}

int key_approve(struct auditor *a, const struct key_args *args)
{
	struct approval v = { .sessions = 0 };
	int i, status = AUDIT_OK;

	snprintf(v.reason, sizeof v.reason, "%s", strlen(args->reason) <= APPROVAL_REASON_MAX ?
	    args->reason : "");
	note_date_now(v.date);
	for (i = 0; i < args->count && status == AUDIT_OK; i++)
		status = take_session(a, &v, args->files[i]);
	return status == AUDIT_OK ? sign(&v, args->sign) : status;
}
