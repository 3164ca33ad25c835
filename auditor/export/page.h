/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_PAGE_H
#define SHELLAC_EXPORT_PAGE_H

#include "export/cuts.h"
#include "export/export.h"
#include "screen/commands.h"

/* A page, in pieces. */
struct page {
	const struct export_job *job;
	const struct export_source *source;
	struct sink *out;
	struct cuts cuts;
	struct commands commands;
	uint8_t *script, *style;   /* of the player; NULL: there is none */
	size_t script_len, style_len;
};

/* Parts of the page that never change, and their bytes; page_assets.c. */
extern const char page_css[], page_js[];

/* page_player.c: reads the player's files from the folder: 0, or negative. */
int page_player_read(struct page *p, const char *folder);

/* page_head.c: up to the verdict, with what may be run in it. */
int page_head(struct page *p);
/* page_verdict.c: who, when, and how far it is proven. */
void page_who(struct page *p);
void page_verdict(struct page *p);
void page_findings(struct page *p);
void page_source(struct page *p);
/* page_commands.c */
int page_commands_read(struct page *p);
void page_commands(struct page *p);
void page_processes(struct page *p);
/* page_transcript.c */
int page_transcript(struct page *p);

/* Is this time of the session in the page? */
int page_has(const struct page *p, uint64_t session_ns);
/* A button that plays from there, and its time. */
void page_time(struct page *p, uint64_t session_ns);

#endif
