/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "forward.h"
#include "io.h"
#include "log.h"

#define BEAT_NS UINT64_C(30000000000)
#define MUCH (4 << 20) /* bytes that it takes to be worth a line */

int notice_beat(struct forward *f)
{
	uint64_t now = clock_boot();

	if (f->beat_ns != 0 && now - f->beat_ns < BEAT_NS &&
	    (f->behind_bytes > 0 || f->beat_behind == 0))
		return 0; /* that it has caught up is worth one at once */
	f->beat_ns = now;
	f->beat_behind = f->behind_bytes;
	return sender_beat(f->sender, f->behind_bytes, f->lost,
	    f->behind_bytes > MUCH ? "catching up" : "current");
}

/* The event of a plugin that brings some, too: the collector adds who and when. */
static void tell_tampered(uint64_t count)
{
	char line[512];
	int len = snprintf(line, sizeof(line), "{\"event\":{\"kind\":\"alert\","
	    "\"category\":[\"intrusion_detection\"],\"type\":[\"info\"],"
	    "\"action\":\"tamper-detected\",\"reason\":\"the fleet store has other bytes under the "
	    "same key\"},\"message\":\"%llu pieces of evidence came to the fleet store a second time "
	    "with other bytes; shellac fleet list\"}\n", (unsigned long long)count);

	if (io_write_all(1, line, (size_t)len) != 0)
		log_warn("nobody takes events on standard output");
}

void notice_changes(struct forward *f)
{
	const struct sender_counts *c = sender_counts(f->sender);

	if (c->tampered > f->told_tampered) {
		log_error("TAMPERED: %llu pieces came again with other bytes; the fleet store keeps "
		    "the first, and these in its table tamper",
		    (unsigned long long)(c->tampered - f->told_tampered));
		if (f->events)
			tell_tampered(c->tampered - f->told_tampered);
		f->told_tampered = c->tampered;
	}
	if (f->behind_bytes > MUCH && !f->was_behind)
		log_notice("behind by %llu bytes in %llu sessions that have ended",
		    (unsigned long long)f->behind_bytes, (unsigned long long)f->behind_sessions);
	else if (f->behind_bytes <= MUCH && f->was_behind)
		log_notice("caught up");
	f->was_behind = f->behind_bytes > MUCH;
}

void notice_json(const struct forward *f)
{
	const struct sender_counts *c = sender_counts(f->sender);
	char when[CLOCK_RFC3339_SIZE + 2] = "null", line[640];
	int len;

	if (c->last_ns != 0) {
		when[0] = '"';
		clock_rfc3339(when + 1, c->last_ns);
		memcpy(when + strlen(when), "\"", 2);
	}
	len = snprintf(line, sizeof(line), "{\"connected\":%s,\"behind_bytes\":%llu,"
	    "\"behind_sessions\":%llu,\"last_commit\":%s,\"commits\":%llu,\"rows\":%llu,"
	    "\"bytes\":%llu,\"tampered\":%llu,\"lost\":%llu,\"ledger\":%llu}\n",
	    f->connected ? "true" : "false", (unsigned long long)f->behind_bytes,
	    (unsigned long long)f->behind_sessions, when, (unsigned long long)c->commits,
	    (unsigned long long)c->rows, (unsigned long long)c->bytes,
	    (unsigned long long)c->tampered, (unsigned long long)f->lost,
	    (unsigned long long)f->cursor.ledger);
	if (io_write_all(2, line, (size_t)len) != 0)
		return; /* nobody listens */
}
