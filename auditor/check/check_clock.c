/* SPDX-License-Identifier: ISC */
/* The wall clock: certificates and checkpoints name it. */
#include <errno.h>
#include <sys/timex.h>

#include "check/check.h"
#include "err.h"

#define ERROR_MAX_US 1000000

void check_clock(struct check *k)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	if (state < 0)
		check_warn(k, "", "the clock's state is not to be had: %s", err_text(-errno));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC) != 0)
		check_warn(k, "timedatectl set-ntp true", "nobody synchronises the clock: times in "
		    "the record are this host's word only");
	else if (t.esterror > ERROR_MAX_US)
		check_warn(k, "look at the time service", "the clock may be wrong by %ld s",
		    t.esterror / 1000000);
	else
		check_fine(k, "synchronised");
}
