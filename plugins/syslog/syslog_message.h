/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_SYSLOG_MESSAGE_H
#define SHELLAC_SYSLOG_MESSAGE_H

#include <stddef.h>

#include "../feed.h"

#define SYSLOG_DEFAULT 7680 /* bytes; what daemons take without being told is 8192 */
#define SYSLOG_SMALLEST 2560
#define SYSLOG_LARGEST 65000

enum syslog_form {
	SYSLOG_BSD,  /* RFC 3164 with a cookie, for the local socket */
	SYSLOG_IETF, /* RFC 5424 */
};

struct syslog_options {
	enum syslog_form form;
	int facility; /* as in syslog.h: LOG_AUTHPRIV ... */
	size_t max;   /* bytes of a message */
	int pid;      /* to be said; of this process */
};

/* The facility of a name such as "authpriv" or "local3"; -1 where it is none. */
int syslog_facility(const char *name);

/* Writes the event as one message without an end or a frame to out, which has room for o->max;
 * its length, or 0 without memory. */
size_t syslog_message(char *out, const struct syslog_options *o, const struct feed_event *e);

#endif
