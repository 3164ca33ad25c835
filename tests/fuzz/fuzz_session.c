/* SPDX-License-Identifier: ISC */
/* A hostile session's file, its seals right or not (session_make.h), through what list, cat,
 * replay, search and export do with one: nothing fails but with a code, and no control
 * sequence comes out but what a replay is allowed. */
#include <assert.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "escape.h"
#include "export/export.h"
#include "pattern.h"
#include "replay/draw.h"
#include "replay/reel.h"
#include "replay/view.h"
#include "replay/replay_filter.h"
#include "screen/commands.h"
#include "screen/transcript.h"
#include "search/search_read.h"
#include "session_make.h"
#include "sessions/list.h"
#include "sessions/session_judge.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The events of a session that may be shown. */
struct events {
	struct shown_event *event;
	size_t events, room;
};

static int keep_event(void *arg, const struct shown_event *x)
{
	struct events *all = arg;
	struct shown_event *n;
	uint8_t *copy;

	if (array_room(&all->event, all->events, &all->room, sizeof *x) != 0)
		abort();
	n = &all->event[all->events++];
	*n = *x;
	n->e.data = NULL;
	n->e.salt = NULL;
	if (x->e.len == 0)
		return 0;
	copy = malloc(x->e.len); /* so that a read past its end is seen */
	assert(copy != NULL);
	n->e.data = memcpy(copy, x->e.data, x->e.len);
	return 0;
}

static void release(struct events *all)
{
	size_t i;

	for (i = 0; i < all->events; i++)
		free((void *)(uintptr_t)all->event[i].e.data);
	free(all->event);
}

static int each(void *ctx, shown_fn *take, void *arg)
{
	const struct events *all = ctx;
	size_t i;
	int r = 0;

	for (i = 0; i < all->events && r == 0; i++)
		r = take(arg, &all->event[i]);
	return r;
}

/* Text for a file: UTF-8, no control characters but line feeds and tabs; with printable, for
 * a terminal: no tabs either, and nothing that turns text round or hides in it. */
static void check_text(const void *text, size_t len, int printable)
{
	const uint8_t *p = text, *end = p + len;
	uint32_t cp;
	int n;

	for (; p < end; p += n) {
		if (*p == '\n' || (*p == '\t' && !printable) || (*p >= 0x20 && *p < 0x7f)) {
			n = 1;
			continue;
		}
		n = utf8_next(p, (size_t)(end - p), &cp);
		assert(n > 0 && cp >= 0xa0);
		assert(!printable || escape_printable(cp));
	}
}

/* What may begin with ESC: through the filter, and drawn. */
static const char filtered[] =
    "^\033([78DEM]|[()*+][0AB]|\\[[0-9;]*[@ABCDEFGHIKLMPSXZ`adefr]|\\[[0-9]*[bT]|\\[[0-9;:]*m"
    "|\\[[012]?J|\\[[su]|\\[4[hl]|\\[\\?(7|25|47|1047|1048|1049)[hl])";
static const char drawn[] =
    "^\033\\[([0-9]*(;[0-9]*)?H|[0-9;:]*m|K|2J|\\?(25|1049)[hl])";

static void check_terminal(const struct sink *out, const char *allowed, regex_t *re)
{
	const uint8_t *p = out->buf, *end = p + out->len;
	regmatch_t m;
	uint32_t cp;
	int n;

	if (re->re_nsub == 0 && regcomp(re, allowed, REG_EXTENDED) != 0)
		abort();
	for (; p < end; p += n) {
		if (*p != 0x1b) {
			n = utf8_next(p, (size_t)(end - p), &cp);
			assert(n > 0 && cp != 0);
			assert(escape_printable(cp) || strchr("\b\t\n\v\f\r\x0e\x0f", (int)cp) != NULL);
			continue;
		}
		m.rm_so = 0;
		m.rm_eo = end - p < 256 ? (regoff_t)(end - p) : 256;
		assert(regexec(re, (const char *)p, 1, &m, REG_STARTEND) == 0);
		n = (int)m.rm_eo;
	}
}

static void use_filter(struct events *all)
{
	static regex_t re;
	struct replay_filter f;
	struct sink out;
	size_t i;

	if (sink_init(&out, -1) != 0)
		abort();
	replay_filter_init(&f, &out);
	for (i = 0; i < all->events; i++)
		if (all->event[i].e.type == FRAME_OUTPUT)
			replay_filter_put(&f, all->event[i].e.data, all->event[i].e.len);
	replay_filter_end(&f);
	check_terminal(&out, filtered, &re);
	sink_release(&out);
}

static void draw(struct draw *d, struct view *v, const struct screen *s)
{
	view_compose(v, s);
	draw_cells(d, v->cells, v->row, v->col, v->visible);
}

/* Forth and back, on a terminal of another size. */
static void use_reel(int fd)
{
	static regex_t re;
	struct reel r;
	struct sink out;
	struct draw d;
	struct view v;
	uint64_t end;

	if (sink_init(&out, -1) != 0 || draw_init(&d, &out, DRAW_256, 12, 50) != 0 ||
	    view_init(&v, 12, 50) != 0)
		abort();
	if (reel_open(&r, fd) == 0) {
		(void)reel_scout(&r, 1000000);
		end = reel_known(&r);
		if (reel_seek(&r, UINT64_MAX) == 0)
			draw(&d, &v, r.screen);
		if (reel_seek(&r, end / 2) == 0)
			draw(&d, &v, r.screen);
		(void)reel_seek_chunk(&r, 1);
		draw(&d, &v, r.screen);
	}
	reel_release(&r);
	check_terminal(&out, drawn, &re);
	view_release(&v);
	draw_release(&d);
	sink_release(&out);
}

static void check_line(const char *text, size_t len, size_t typed)
{
	check_text(text, len, 1);
	assert(memchr(text, '\n', len) == NULL);
	assert(typed == TRANSCRIPT_NOT_TYPED || typed <= len);
}

static int on_line(void *arg, const struct transcript_line *l)
{
	(void)arg;
	check_line(l->text, l->len, l->typed);
	return 0;
}

static void use_transcript(struct events *all)
{
	struct transcript *t;

	if (transcript_new(&t, 0, on_line, NULL) != 0)
		abort();
	assert(each(all, transcript_event, t) == 0);
	assert(transcript_end(t) == 0);
	transcript_free(t);
}

struct searching {
	struct pattern *pattern[2];
};

static int search_line(void *arg, const struct search_line *l)
{
	struct searching *s = arg;
	size_t at, len, i;

	check_line(l->text, l->len, l->typed);
	for (i = 0; i < 2; i++)
		if (pattern_find(s->pattern[i], l->text, l->len, 0, &at, &len) == 1)
			assert(at + len <= l->len);
	return 0;
}

/* With the rows of full-screen programs, and what was typed unseen. */
static void use_search(int fd, const struct judge_how *how)
{
	struct searching s;
	struct verdict v;
	char why[PATTERN_WHY];

	if (pattern_new(&s.pattern[0], "root", PATTERN_NOCASE, why) != 0 ||
	    pattern_new(&s.pattern[1], "(a|b)+[0-9]*$", PATTERN_REGEX, why) != 0)
		abort();
	assert(search_read(fd, NULL, how, search_line, &s, &v) == 0);
	pattern_free(s.pattern[0]);
	pattern_free(s.pattern[1]);
}

static void use_commands(struct events *all)
{
	struct commands_gather *g;
	struct commands c;
	size_t i;

	if (commands_gather_new(&g) != 0)
		abort();
	assert(each(all, commands_gather_event, g) == 0);
	assert(commands_join(&c, g, NULL, 0) == 0);
	for (i = 0; i < c.lines; i++)
		check_text(c.line[i].text, strlen(c.line[i].text), 1);
	commands_release(&c);
	commands_gather_free(g);
}

static void use_export(struct events *all, const struct verdict *v, int input)
{
	struct export_source source = { .ask = { 0, UINT64_MAX, UINT64_MAX, input },
		.verdict = *v, .level_why = "a checkpoint", .each = each, .ctx = all };
	const struct export_format *f;
	struct export_job job = { .source = &source };
	int i;

	if (export_facts_read(&source) != 0)
		return;
	for (f = export_formats; f->name != NULL; f++) {
		for (i = 0; i < EXPORT_STREAMS; i++)
			if (sink_init(&job.out[i], -1) != 0)
				abort();
		(void)f->write(&job);
		for (i = 0; i < EXPORT_STREAMS; i++) {
			if (!f->raw)
				check_text(job.out[i].buf, job.out[i].len, 0);
			sink_release(&job.out[i]);
		}
	}
}

/* A store of one session, in memory; where its file is. */
static char place[] = "/dev/shm/fuzz-session-XXXXXX";
static const char folders[] = "/session/2026/11/22";

static void remove_store(void)
{
	char path[128];

	snprintf(path, sizeof path, "rm -rf %s", place);
	assert(system(path) == 0);
}

static void make_store(struct store *s, struct store_session *e)
{
	char path[128];
	size_t i;

	if (mkdtemp(place) == NULL || atexit(remove_store) != 0)
		abort();
	for (i = 1; i <= strlen(folders); i++) {
		snprintf(path, sizeof path, "%s%.*s", place, (int)i, folders);
		if ((folders[i] == '/' || folders[i] == '\0') && mkdir(path, 0700) != 0)
			abort();
	}
	if (store_open(s, place) != 0)
		abort();
	*e = (struct store_session){ .name = { 1, { 0 }, SESSION_CLOSED }, .day = "2026/11/22" };
}

static void write_session(const struct store *s, const struct store_session *e,
    const struct made *m)
{
	char path[STORE_PATH_MAX];
	int fd;

	store_session_path(path, e);
	fd = openat(s->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, m->p, m->len) != (ssize_t)m->len)
		abort();
	close(fd);
}

static void check_row(const struct session_record *r)
{
	const struct list_column *column[LIST_COLUMNS];
	char cell[LIST_CELL];
	const char *wrong;
	unsigned n = list_columns(column, list_column_names(), &wrong), i;
	size_t len;

	assert(n > 0);
	for (i = 0; i < n; i++) {
		len = column[i]->put(cell, &r->row);
		assert(len < sizeof cell);
		check_text(cell, len, 1);
	}
}

/* The row of list, and as its cache keeps it. */
static void use_list(const struct made *m, const struct judge_how *how)
{
	static struct store s;
	static struct store_session e;
	struct session_judged j;
	struct session_record kept;
	struct rest rest;
	uint8_t *p;
	size_t len;

	if (e.day[0] == '\0')
		make_store(&s, &e);
	write_session(&s, &e, m);
	assert(session_judge(&j, &s, &e, how) == 0);
	j.record.row.entry = &e;
	check_row(&j.record);
	if (session_record_pack(&p, &len, &j.record) != 0)
		abort();
	rest = (struct rest){ p, len };
	assert(session_record_unpack(&kept, &rest) == 0 && rest.len == 0);
	kept.row.as = "";
	kept.row.entry = &e;
	check_row(&kept);
	free(p);
}

static int make_file(const struct made *m)
{
	int fd = memfd_create("session", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, m->p, m->len, 0) != (ssize_t)m->len)
		abort();
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct events all = { NULL, 0, 0 };
	struct judge_how how = { 0 };
	struct verdict v;
	struct made m;
	int fd;

	session_make(&m, p, len);
	how.host_pk = m.host_pk;
	use_list(&m, &how);
	fd = make_file(&m);
	if (shown_file(fd, NULL, &how, keep_event, &all, &v) == 0) {
		use_filter(&all);
		use_transcript(&all);
		use_search(fd, &how);
		use_commands(&all);
		use_export(&all, &v, 1);
	}
	use_reel(fd);
	release(&all);
	close(fd);
	session_make_free(&m);
	return 0;
}
