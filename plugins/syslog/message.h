/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_MESSAGE_OF_EVENT_H
#define SHELLAC_MESSAGE_OF_EVENT_H

#include <stddef.h>

#include "../feed.h"

#define MESSAGE_DEFAULT 7680 /* bytes; what daemons take without being told is 8192 */
#define MESSAGE_SMALLEST 2560
#define MESSAGE_LARGEST 65000

enum message_form {
	MESSAGE_BSD,  /* RFC 3164 with a cookie, for the local socket */
	MESSAGE_IETF, /* RFC 5424 */
};

struct message_options {
	enum message_form form;
	int facility; /* as in syslog.h: LOG_AUTHPRIV ... */
	size_t max;   /* bytes of a message */
	int pid;      /* to be said; of this process */
};

/* The facility of a name such as "authpriv" or "local3"; -1 where it is none. */
int message_facility(const char *name);

/* Writes the event as one message without an end or a frame to out, which has room for o->max;
 * its length, or 0 without memory. */
size_t message_of_event(char *out, const struct message_options *o, const struct feed_event *e);

#endif
