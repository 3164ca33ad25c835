/* SPDX-License-Identifier: ISC */
/* Words for the numbers of process_record.h. */
#include "process_record.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *name_of(const char *const *names, size_t count, uint8_t v)
{
	return v < count && names[v] != NULL ? names[v] : "?";
}

const char *process_reason_name(uint8_t reason)
{
	static const char *const names[] = {
		[REASON_RECORDER] = "recorder",
		[REASON_ANCESTRY] = "ancestry",
		[REASON_ANCESTRY_LIVE] = "ancestry-live",
		[REASON_NO_RECORDER] = "no-recorder",
		[REASON_NO_RECORDER_TERMINAL] = "no-recorder-terminal",
		[REASON_BROKEN] = "broken",
		[REASON_FORK] = "fork",
		[REASON_LEAD_IN] = "lead-in",
	};

	return name_of(names, COUNT(names), reason);
}

const char *process_origin_name(uint8_t origin)
{
	static const char *const names[] = {
		[ORIGIN_UNKNOWN] = "unknown",
		[ORIGIN_SSHD] = "sshd",
		[ORIGIN_CRON] = "cron",
		[ORIGIN_AT] = "at",
		[ORIGIN_SYSTEMD] = "systemd",
		[ORIGIN_LOGIN] = "login",
		[ORIGIN_GETTY] = "getty",
		[ORIGIN_SU] = "su",
		[ORIGIN_SUDO] = "sudo",
		[ORIGIN_MULTIPLEXER] = "multiplexer",
		[ORIGIN_CONTAINER] = "container",
		[ORIGIN_KERNEL] = "kernel",
	};

	return name_of(names, COUNT(names), origin);
}

const char *process_certainty_name(uint8_t certainty)
{
	static const char *const names[] = {
		[CERTAIN_EXACT] = "exact",
		[CERTAIN_LIKELY] = "likely",
		[CERTAIN_DOUBTFUL] = "doubtful",
	};

	return name_of(names, COUNT(names), certainty);
}
