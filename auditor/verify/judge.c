/* SPDX-License-Identifier: ISC */
#include "verify/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"

#define TORN_LOOKS 5          /* at a live file that seems torn */
#define TORN_WAIT_NS 50000000 /* between them */

const char *verdict_word(enum verdict_status s)
{
	static const char *const words[] = {
		"COMPLETE", "LIVE", "CUT", "UNSEALED", "PURGED", "UNCERTIFIED", "TORN", "TAMPERED",
	};

	return words[s];
}

int verdict_good(const struct verdict *v)
{
	return v->status <= STATUS_LIVE;
}

/* Findings of the tree's own codes are data; the rest are errors of reading. */
static int is_finding(int code)
{
	return code <= E_FORMAT && code >= E_REFUSED;
}

static void find(struct verdict *v, int code, int64_t chunk, uint64_t offset, const char *kind,
    const char *text)
{
	struct finding *f;

	if (v->findings == VERDICT_FINDINGS)
		return;
	f = &v->finding[v->findings++];
	f->code = code;
	f->chunk = chunk;
	f->offset = offset;
	f->kind = kind;
	snprintf(f->text, sizeof f->text, "%s", text);
}

int judge_open(struct judge *j, int fd, const struct store_session *entry,
    const struct judge_how *how)
{
	struct stat st;
	int r;

	memset(j, 0, sizeof *j);
	agree_begin(&j->agree, how->expect);
	j->host_pk = how->host_pk;
	j->host_id = how->host_id;
	j->keys = how->keys;
	j->entry = entry;
	if (fstat(fd, &st) != 0)
		return -errno;
	j->size = (uint64_t)st.st_size;
	r = session_file_open(&j->file, fd);
	j->file.chain.defer = how->fast;
	if (r == 0)
		return 0;
	if (!is_finding(r))
		return r;
	j->done = j->damaged = 1;
	return 0;
}

void judge_close(struct judge *j)
{
	session_file_release(&j->file);
}

static void note_window(struct verdict *v, const struct event *e)
{
	if (e->type != FRAME_BEGIN && e->type != FRAME_WINDOW)
		return;
	if (e->window.rows > v->rows)
		v->rows = e->window.rows;
	if (e->window.cols > v->cols)
		v->cols = e->window.cols;
}

static void note_event(struct judge *j, const struct event *e)
{
	note_window(&j->v, e);
	hidden_runs_event(&j->hidden, e, (int64_t)j->file.chain.chunk, j->file.frame_off);
	notice_seen_event(&j->notice, e, j->file.chain.chunk, j->file.frame_off);
}

static void note_gap(struct judge *j)
{
	const struct chain *c = &j->file.chain;

	if (c->last.kind == SEAL_GAP && j->gaps < VERDICT_GAPS)
		j->gap[j->gaps++] = (struct verdict_gap){ .chunk = (int64_t)c->chunk - 1,
			.offset = j->file.frame_off, .bytes = c->lost_bytes - j->lost };
	j->lost = c->lost_bytes;
}

int judge_next(struct judge *j, struct frame *f, struct event *e)
{
	int r;

	if (j->done)
		return 0;
	r = session_file_next(&j->file, j->host_pk, f, e);
	if (r == 1) {
		if (f->type == FRAME_CERT && j->keys != NULL && !j->file.chain.certified)
			j->file.chain.certified = host_chain_signer(j->keys, f->body, f->len) != NULL;
		agree_frame(&j->agree, &j->file.chain, f, j->file.frame_off);
		if (f->type >= FRAME_BEGIN)
			note_event(j, e);
		else if (f->type == FRAME_SEAL)
			note_gap(j);
		return 1;
	}
	j->done = 1;
	if (r < 0 && !is_finding(r))
		return r;
	j->damaged = r < 0;
	return 0;
}

static int is_torn(const struct judge *j)
{
	return j->damaged && strcmp(j->file.finding.kind, "torn") == 0;
}

static void judge_damage(struct judge *j)
{
	const struct finding *f = &j->file.finding;

	if (!j->damaged)
		return;
	j->v.status = is_torn(j) ? STATUS_TORN : STATUS_TAMPERED;
	find(&j->v, f->code, f->chunk, f->offset, f->kind, f->text);
}

/* What is wrong with a certificate, or NULL. */
static const char *wrong_certificate(const struct judge *j)
{
	const struct chain *c = &j->file.chain;
	uint8_t host[ID_SIZE];
	int other;

	if (j->host_pk == NULL)
		return "no key of this host is known: its certificate was not checked";
	cert_host_id(host, j->host_pk);
	other = memcmp(j->host_id != NULL ? j->host_id : host, c->cert.host_id, ID_SIZE) != 0;
	if (c->certified && other && j->host_id != NULL)
		return "the certificate names another host";
	if (c->certified)
		return c->cert.flags & CERT_F_CLAIMED ?
		    "taken in from a spool: nobody attests who this was" : NULL;
	return other ? "the certificate is not by this host's key" : "the certificate was "
	    "changed, or is not by the key that the host had then";
}

static void judge_certificate(struct judge *j)
{
	const char *text = j->file.chain.have_cert ? wrong_certificate(j) : NULL;
	struct verdict *v = &j->v;

	if (text == NULL)
		return;
	find(v, E_SIGNATURE, -1, 0, "certificate", text);
	if (v->status < STATUS_UNCERTIFIED)
		v->status = STATUS_UNCERTIFIED;
}

static void judge_name(struct judge *j)
{
	const struct chain *c = &j->file.chain;
	const struct store_session *e = j->entry;
	char day[STORE_DAY_MAX];
	const char *text = NULL;

	if (e == NULL || !c->have_cert)
		return;
	store_day(day, c->cert.wall_ns);
	if (e->name.n != c->cert.n)
		text = "the file's name has another number than the certificate";
	else if (memcmp(e->name.id, c->cert.id, ID_SIZE) != 0)
		text = "the file's name has another id than the certificate";
	else if (e->day[0] != '\0' && strcmp(e->day, day) != 0)
		text = "the file lies in another day's folder than the certificate's";
	else if (e->name.state == SESSION_CUT && c->ended)
		text = "the file's name says cut, but its END is there";
	if (text == NULL)
		return;
	find(&j->v, E_CHAIN, -1, 0, "name", text);
	j->v.status = STATUS_TAMPERED;
}

/* A file that is damaged before its end has a finding already, and no end. */
static void judge_ledger(struct judge *j)
{
	const struct session_file *s = &j->file;
	struct agree *a = &j->agree;
	struct rest rest = { .p = (const uint8_t *)"" };

	if (is_torn(j))
		rest = (struct rest){ .p = s->run + s->run_pos, .len = s->run_len - s->run_pos };
	if (!j->damaged || is_torn(j))
		agree_end(a, &s->chain, &rest,
		    s->purged ? s->was.length : s->chain.offset + rest.len, j->size);
	if (a->text == NULL)
		return;
	find(&j->v, E_CHAIN, a->chunk, a->offset, "ledger", a->text);
	j->v.status = STATUS_TAMPERED;
}

static void judge_end(struct judge *j)
{
	const struct chain *c = &j->file.chain;
	struct verdict *v = &j->v;
	int64_t open = (int64_t)c->chunk;
	int live = j->entry != NULL && j->entry->name.state == SESSION_LIVE;

	if (j->damaged || c->ended)
		return;
	if (live) {
		v->status = STATUS_LIVE;
		return;
	}
	if (j->size == 0 || !c->have_cert) {
		v->status = STATUS_TORN;
		find(v, E_SHORT, open, j->size, "torn", "the file is empty");
		return;
	}
	v->status = c->chunk == 0 ? STATUS_UNSEALED : STATUS_CUT;
	find(v, E_SHORT, open, j->size, "cut", "the recording stops without its END");
	if (c->payload_frames > 0)
		find(v, E_SHORT, open, j->size, "unsealed",
		    "no seal covers what follows the last one: nobody vouches for it");
}

static void judge_purged(struct judge *j)
{
	struct verdict *v = &j->v;

	if (!j->file.purged || j->damaged)
		return;
	v->was = j->file.was;
	if (v->status != STATUS_LIVE) {
		v->status = STATUS_PURGED;
		return;
	}
	find(v, E_FORMAT, -1, 0, "name", "the file's name says live, but its payload was deleted");
	v->status = STATUS_TAMPERED;
}

/* What a failed check is about is not believed, this neither. */
static void judge_hidden(struct judge *j)
{
	unsigned i;

	for (i = 0; i < j->hidden.found; i++) {
		if (j->damaged && !is_torn(j) &&
		    j->hidden.at[i].chunk == (int64_t)j->file.chain.chunk)
			continue;
		find(&j->v, E_RANGE, j->hidden.at[i].chunk, j->hidden.at[i].offset, "hidden",
		    "over 256 bytes were typed in a row that nothing echoed: they were not kept");
	}
}

/* Once its chunk is known to be right. */
static void judge_notice(struct judge *j)
{
	const struct chain *c = &j->file.chain;

	if (c->chunk > 0 && !j->file.purged && notice_seen_differs(&j->notice, &c->cert))
		find(&j->v, E_DIGEST, 0, j->notice.offset, "notice",
		    "the user was not shown the notice that the certificate names");
}

static void judge_gaps(struct judge *j)
{
	char text[80];
	unsigned i;

	for (i = 0; i < j->gaps; i++) {
		snprintf(text, sizeof text, "%llu bytes are missing: there was no room to keep them",
		    (unsigned long long)j->gap[i].bytes);
		find(&j->v, E_RANGE, j->gap[i].chunk, j->gap[i].offset, "gap", text);
	}
}

const struct verdict *judge_verdict(struct judge *j)
{
	const struct chain *c = &j->file.chain;
	struct verdict *v = &j->v;

	if (v->findings == 0) {
		v->status = STATUS_COMPLETE;
		judge_end(j);
		judge_purged(j);
		judge_damage(j);
		judge_certificate(j);
		judge_name(j);
		judge_ledger(j);
		judge_hidden(j);
		judge_notice(j);
		judge_gaps(j);
	}
	v->chain = *c;
	v->shown_frames = j->damaged && !is_torn(j) ? c->sealed_frame + 1 : c->frame;
	v->level = c->certified && v->status < STATUS_UNCERTIFIED ? 0 : LEVEL_NONE;
	return v;
}

int judge_whole(int fd, const struct store_session *e, const struct judge_how *how,
    struct verdict *v)
{
	struct judge j;
	struct frame f;
	struct event ev;
	int r = judge_open(&j, fd, e, how);

	while (r >= 0 && (r = judge_next(&j, &f, &ev)) > 0)
		;
	if (r == 0)
		*v = *judge_verdict(&j);
	judge_close(&j);
	return r;
}

static int judge_once(const struct store *s, struct store_session *e, const struct judge_how *how,
    struct verdict *v)
{
	int fd = store_open_session(s, e), r;

	if (fd < 0)
		return fd;
	r = judge_whole(fd, e, how, v);
	close(fd);
	return r;
}

int judge_session(const struct store *s, struct store_session *e, const struct judge_how *how,
    struct verdict *v)
{
	static const struct timespec wait = { .tv_nsec = TORN_WAIT_NS };
	int looks, r;

	for (looks = 1;; looks++) {
		r = judge_once(s, e, how, v);
		if (r != 0 || v->status != STATUS_TORN || e->name.state != SESSION_LIVE ||
		    looks == TORN_LOOKS)
			return r;
		nanosleep(&wait, NULL);
	}
}
