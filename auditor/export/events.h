/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_EVENTS_H
#define SHELLAC_EXPORT_EVENTS_H

#include "export/source.h"

/* What happens in an export. */
enum export_kind {
	EXPORT_OUTPUT,  /* data */
	EXPORT_INPUT,   /* data; only where it was asked for, as HIDDEN */
	EXPORT_HIDDEN,  /* n typed bytes that nothing echoed */
	EXPORT_WINDOW,  /* another window than before */
	EXPORT_FINDING, /* text: something is wrong from here on, or was before */
};

struct export_event {
	enum export_kind kind;
	uint64_t at_ns;      /* of the export: since its begin, pauses cut */
	uint64_t session_ns; /* of the session */
	int64_t chunk;
	int sealed;
	const uint8_t *data; /* until the callback returns */
	size_t len;
	uint64_t n;
	struct window window;
	const char *text;
};

/* 0 to go on; anything else ends it and is returned. */
typedef int export_fn(void *arg, const struct export_event *x);

/* Hands over the export's events, in order.  0, what take returned, or negative. */
int export_events(const struct export_source *s, export_fn *take, void *arg);

/* The clock of an export: times of the session, in order, to its own. */
struct export_clock {
	uint64_t last_ns, now_ns, idle_ns;
};
uint64_t export_clock_at(struct export_clock *c, uint64_t session_ns);

#endif
