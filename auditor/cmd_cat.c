/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "err.h"
#include "judge.h"
#include "outcome.h"
#include "select.h"
#include "sink.h"
#include "text_filter.h"

enum { OPT_RAW = OPT_LONG };

const struct opt cat_opts[] = {
	{ OPT_RAW, "raw", NULL, "the exact bytes, control sequences and all" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

/*
 * A chunk is held back until its seal has verified, so that nothing is shown that
 * a check then refuses.
 */
struct cat {
	struct sink out;
	struct text_filter text;
	int raw;
	size_t held;
	uint8_t chunk[CHUNK_PAYLOAD_MAX];
};

static void let_go(struct cat *c)
{
	if (c->raw)
		sink_put(&c->out, c->chunk, c->held);
	else
		text_filter_put(&c->text, c->chunk, c->held);
	c->held = 0;
}

static void take(struct cat *c, const struct frame *f, const struct event *e)
{
	if (f->type == FRAME_SEAL) {
		let_go(c);
	} else if (f->type == FRAME_OUTPUT && e->len <= sizeof c->chunk - c->held) {
		/* always so: the chain refuses a longer payload */
		memcpy(c->chunk + c->held, e->data, e->len);
		c->held += e->len;
	}
}

static int copy(struct cat *c, struct judge *j)
{
	struct frame f;
	struct event e;
	int r;

	while ((r = judge_next(j, &f, &e)) > 0 && c->out.error == 0)
		take(c, &f, &e);
	if (r < 0)
		return r;
	if (c->out.error == 0 && judge_verdict(j)->shown_frames == j->file.chain.frame)
		let_go(c); /* unsealed, but nothing wrong with it */
	if (!c->raw)
		text_filter_end(&c->text);
	return sink_flush(&c->out);
}

static int cat_session(struct auditor *a, struct store_session *e, int raw)
{
	struct cat *c = calloc(1, sizeof *c);
	int fd = store_open_session(&a->store, e), r, status = AUDIT_CANNOT;
	const struct judge_how how = { .host_pk = auditor_pk(a), .keys = &a->keys };
	struct judge j;

	if (c == NULL || sink_init(&c->out, STDOUT_FILENO) != 0 || fd < 0) {
		complain("session %llu: %s", (unsigned long long)e->name.n,
		    fd < 0 ? err_text(fd) : "no memory");
		goto out;
	}
	c->raw = raw;
	text_filter_init(&c->text, &c->out);
	r = judge_open_how(&j, fd, e, &how);
	if (r == 0)
		r = copy(c, &j);
	if (r == 0)
		status = outcome_stop(e, judge_verdict(&j));
	else
		complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
	judge_close(&j);
out:
	if (fd >= 0)
		close(fd);
	if (c != NULL)
		sink_release(&c->out);
	free(c);
	return status;
}

int cmd_cat(struct auditor *a, int argc, char **argv)
{
	struct store_session *e;
	int c, done, raw = 0, status;

	while ((c = command_next(command_find("cat"), argc, argv, &done)) != OPT_END) {
		if (c != OPT_RAW)
			return AUDIT_USAGE;
		raw = 1;
	}
	if (done)
		return AUDIT_OK;
	if (optind != argc - 1) {
		complain("cat takes one session: its number, the start of its id, or \"last\"");
		return AUDIT_USAGE;
	}
	status = auditor_open(a, 1);
	if (status != AUDIT_OK)
		return status;
	e = select_or_complain(a, argv[optind], &status);
	return e == NULL ? status : cat_session(a, e, raw);
}
