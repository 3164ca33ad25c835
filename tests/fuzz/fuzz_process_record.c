/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "process_record.h"
#include "process_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken is what would be written. */
static void body(const struct process_record *r)
{
	uint8_t again[PROCESS_BODY];
	union {
		struct process_exec exec;
		struct process_loss loss;
		struct process_terminal terminal;
		struct process_watch watch;
		struct process_boot boot;
		struct process_input input;
	} u;

	memcpy(again, r->body, sizeof(again));
	if (r->kind == PROCESS_EXEC && process_exec_parse(r->body, &u.exec) == 0)
		process_exec_put(again, &u.exec);
	else if (r->kind == PROCESS_LOSS && process_loss_parse(r->body, &u.loss) == 0)
		process_loss_put(again, &u.loss);
	else if (r->kind == PROCESS_TERMINAL && process_terminal_parse(r->body, &u.terminal) == 0)
		process_terminal_put(again, &u.terminal);
	else if (r->kind == PROCESS_WATCH && process_watch_parse(r->body, &u.watch) == 0)
		process_watch_put(again, &u.watch);
	else if (r->kind == PROCESS_INPUT && process_input_parse(r->body, &u.input) == 0)
		process_input_put(again, &u.input);
	else if (r->kind == PROCESS_BOOT && process_boot_parse(r->body, &u.boot) == 0) {
		process_boot_put(again, &u.boot);
		process_boot_date(&u.boot, r->read_wall_ns < 0 ? UINT64_MAX :
		    (uint64_t)r->read_wall_ns);
	} else {
		assert(r->kind == PROCESS_ACCT || r->kind == PROCESS_TEXT);
	}
	assert(memcmp(again, r->body, sizeof(again)) == 0);
}

static void text(struct process_text *t, const struct process_record *r)
{
	size_t len = 0;
	const char *p;

	if (process_text_take(t, r) != 1)
		return;
	assert(!process_text_waits(t) && t->have == t->want && t->want <= PROCESS_TEXT_MAX);
	if (t->record.kind != PROCESS_EXEC) {
		assert(t->record.kind == PROCESS_INPUT && t->want == t->input.text_len);
		return;
	}
	assert(t->want == t->exec.text_len);
	for (unsigned which = EXEC_EXE; which <= EXEC_CWD; which <<= 1) {
		p = process_text_path(t, which);
		assert(p == NULL || p + strlen(p) <= t->text + t->want);
	}
	p = process_text_args(t, &len);
	assert(p == NULL || p + len == t->text + t->want);
}

static void record(uint8_t version, const uint8_t *p, struct process_text *t)
{
	uint8_t again[PROCESS_SIZE];
	struct process_record r;

	if (process_record_parse_in(version, p, &r) != 0)
		return;
	assert(version > 1 || r.kind == PROCESS_ACCT);
	assert(version > 2 || r.kind != PROCESS_INPUT);
	process_record_put(again, &r);
	assert(memcmp(again, p, sizeof(again)) == 0);
	assert(r.kind != PROCESS_ACCT || strcmp(process_reason_name(r.reason), "?") != 0);
	body(&r);
	text(t, &r);
}

/* A header, then records. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	uint8_t header[PROCESS_HEADER], boot_id[BOOT_ID_SIZE], version;
	static struct process_text t;
	uint64_t k;

	if (len < PROCESS_HEADER || process_header_parse(p, boot_id, &k, &version) != 0)
		return 0;
	process_header_put(header, boot_id, k);
	assert(version != PROCESS_VERSION || memcmp(header, p, sizeof(header)) == 0);
	process_text_init(&t);
	for (p += PROCESS_HEADER, len -= PROCESS_HEADER; len >= PROCESS_SIZE;
	    p += PROCESS_SIZE, len -= PROCESS_SIZE)
		record(version, p, &t);
	return 0;
}
