/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "auditor.h"
#include "err.h"
#include "store/live.h"

const struct opt rotate_opts[] = {
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

int cmd_rotate(struct auditor *a, int argc, char **argv)
{
	int status, r;

	if (command_flag("rotate", argc, argv, &status) < 0)
		return status;
	if (a->control[0] == '\0') {
		complain("a copied store has no collector");
		return AUDIT_CANNOT;
	}
	r = live_rotate(a->control);
	if (r == 0)
		return AUDIT_OK;
	complain("%s: nothing is rotated: %s", a->control, r == -ETIME ?
	    "the collector did not get it to disk in time" : err_text(r));
	return AUDIT_CANNOT;
}
