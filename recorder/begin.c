/* SPDX-License-Identifier: ISC */
/* The first chunk: what is going to run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "environ.h"
#include "err.h"
#include "keeper.h"
#include "notice.h"

#define FLUSH_MS 5000

/* 0 or -errno */
static int add_argv(struct keeper *k, uint64_t now)
{
	char *const *a;
	uint8_t *all;
	size_t len = 0, n;

	for (a = k->cfg->program->argv; *a != NULL; a++)
		len += strlen(*a) + 1;
	all = malloc(len + 1);
	if (all == NULL)
		return -ENOMEM;
	len = 0;
	for (a = k->cfg->program->argv; *a != NULL; a++) {
		n = strlen(*a) + 1;
		memcpy(all + len, *a, n);
		len += n;
	}
	record_meta(&k->record, now, META_ARGV, all, len, 1);
	free(all);
	return 0;
}

/* Without it a reader takes what was hidden for what the terminal did not echo. */
static void add_policy(struct keeper *k, uint64_t now)
{
	static const char *const words[] = { [CONF_INPUT_ALL] = "all", [CONF_INPUT_NONE] = "none" };
	const char *word = words[k->cfg->conf->input];

	if (word != NULL)
		record_meta(&k->record, now, META_INPUT, (const uint8_t *)word, strlen(word), 1);
}

/* What the user is to see first; the keeper shows it before the program starts.  One that
 * cannot be read is the collector's to complain about.  0 or -errno. */
static int add_notice(struct keeper *k, uint64_t now)
{
	const char *path = k->cfg->conf->notice;
	const uint8_t *shown;
	struct notice n;
	size_t len;

	if (!k->cfg->terminal || *path == '\0' || notice_load(&n, path) != 0)
		return 0;
	len = pty_show(&k->pty, n.text, n.len, &shown);
	return record_output(&k->record, now, shown, len) < 0 ? -EPIPE : 0;
}

const char *begin_session(struct keeper *k)
{
	const char *term = environ_find(k->cfg->inherited->environ, "TERM");
	const char *path = k->cfg->program->path;
	const struct winsize *w = &k->pty.size;
	uint64_t now = k->record.last_ns;

	k->record.window = (struct window){ .rows = w->ws_row, .cols = w->ws_col,
	    .xpixel = w->ws_xpixel, .ypixel = w->ws_ypixel };
	if (add_argv(k, now) != 0)
		return err_text(-ENOMEM);
	if (term != NULL)
		record_meta(&k->record, now, META_TERM, (const uint8_t *)term, strlen(term), 1);
	record_meta(&k->record, now, META_PROGRAM, (const uint8_t *)path, strlen(path), 1);
	add_policy(k, now);
	if (add_notice(k, now) != 0)
		return "the collector is gone";
	record_seal(&k->record, now, SEAL_START, 0, 0, 0);
	return finish_flush(k, FLUSH_MS) == 0 ? NULL : "the collector takes nothing";
}
