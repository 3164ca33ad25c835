/* SPDX-License-Identifier: ISC */
#include "session_judge.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "verify/shown.h"

#define PAUSE_NS UINT64_C(5000000000) /* what is longer is no work */

struct reading {
	struct session_judged *out;
	uint64_t active_ns;
};

static void take_text(char out[SESSION_TEXT_MAX], const struct event *e)
{
	size_t len = e->len < SESSION_TEXT_MAX ? e->len : SESSION_TEXT_MAX - 1, i;

	for (i = 0; i < len; i++)
		out[i] = e->data[i] != '\0' ? (char)e->data[i] : ' ';
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
}

static int take(void *arg, const struct shown_event *x)
{
	struct reading *r = arg;

	if (x->e.dt <= PAUSE_NS)
		r->active_ns += x->e.dt;
	if (x->e.type == FRAME_META && x->e.kind == META_PROGRAM)
		take_text(r->out->program, &x->e);
	else if (x->e.type == FRAME_META && x->e.kind == META_ARGV)
		take_text(r->out->args, &x->e);
	return 0;
}

static void fill(struct session_judged *j, uint64_t active_ns)
{
	const struct verdict *v = &j->verdict;
	const struct chain *c = &v->chain;
	struct session_row *w = &j->record.row;

	*w = (struct session_row){ .have_cert = c->have_cert, .user = c->cert.user,
		.tty = c->cert.tty, .host = c->cert.host, .from = c->cert.from, .cwd = c->cert.cwd,
		.program = j->program, .args = j->args, .as = "", .uid = c->cert.uid, .gid = c->cert.gid,
		.start_ns = c->have_cert ? c->cert.wall_ns : 0, .length_ns = c->elapsed_ns,
		.active_ns = active_ns, .bytes_in = c->in_bytes, .bytes_out = c->out_bytes,
		.lost = c->lost_bytes, .hidden = c->hidden_bytes, .status = v->status,
		.level = v->level, .exited = c->ended, .findings = v->findings, .finding = "",
		.finding_chunk = -1 };
	if (c->chunk > 0 && v->status != STATUS_LIVE)
		w->end_ns = c->last.wall_ns;
	if (c->ended)
		w->wait_status = (int)c->last.status;
	if (v->findings > 0) {
		w->finding = v->finding[0].text;
		w->finding_chunk = v->finding[0].chunk;
	}
}

int session_judge(struct session_judged *out, const struct store *s, struct store_session *e,
    const struct judge_how *how)
{
	struct reading read = { .out = out };
	struct session_record *r = &out->record;
	int e2;

	memset(r, 0, sizeof *r);
	out->program[0] = out->args[0] = '\0';
	r->state = e->state; /* before it is read */
	if ((e2 = shown_session(s, e, how, take, &read, &out->verdict)) != 0)
		return e2;
	r->name = e->name;
	memcpy(r->day, e->day, sizeof r->day);
	r->base = out->verdict.level;
	r->own = out->verdict.findings;
	fill(out, read.active_ns);
	return 0;
}
