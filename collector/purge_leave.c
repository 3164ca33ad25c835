/* SPDX-License-Identifier: ISC */
#include "purge_leave.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "bytes.h"
#include "err.h"
#include "io.h"

static const char *wrong(int r)
{
	switch (r) {
	case E_KEY:
		return "the approval is signed by none of purge_approvers";
	case E_SIGNATURE:
		return "the approval's signature does not verify";
	default:
		return "this is no approval; shellac key approve makes one";
	}
}

const char *purge_leave_read(struct purge_leave *l, const char *approvers, const char *base64)
{
	struct approvers keys;
	int r;

	l->len = 0;
	if (approvers[0] == '\0')
		return base64[0] == '\0' ? NULL :
		    "purge_approvers is none: nobody's approval counts here";
	if (base64[0] == '\0')
		return "an auditor has to approve it: shellac key approve, purge --approval";
	r = approvers_load(&keys, approvers);
	if (r != 0) {
		snprintf(l->why, sizeof(l->why), "purge_approvers: %s; nothing is purged",
		    approvers_error(r));
		return l->why;
	}
	r = base64_get((uint8_t *)l->note, sizeof(l->note), base64, strlen(base64), &l->len);
	if (r == 0)
		r = approval_open(&l->approval, l->note, l->len, &keys);
	if (r != 0)
		return wrong(r);
	hash_of(l->digest, l->note, l->len);
	return NULL;
}

int purge_leave_keep(const struct store *s, const struct purge_leave *l)
{
	char name[2 * HASH_SIZE + 1];
	int dir = io_make_dir(s->dir, PURGE_LEAVE_DIR, 0700), r;

	if (dir < 0)
		return dir;
	hex_put(name, l->digest, HASH_SIZE);
	r = io_replace_file(dir, name, 0600, l->note, l->len);
	close(dir);
	if (r == 0 && fsync(s->dir) < 0)
		r = -errno;
	return r;
}
