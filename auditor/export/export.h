/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_H
#define SHELLAC_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "export/source.h"
#include "output/sink.h"

/*
 * A session in the formats of others.  A format is a writer that is handed its events
 * once, in order; a page, which has them in more than one place, asks for them itself.
 */
#define EXPORT_STREAMS 3

struct export_job {
	const struct export_source *source;
	struct sink out[EXPORT_STREAMS]; /* those that the format has */
	const char *player;              /* folder of the player's files, or NULL: page.c */
	struct auditor *auditor;         /* for what the store says beside the events; or NULL */
};

struct export_format {
	const char *name, *alias;  /* alias "" for none */
	int (*write)(struct export_job *j); /* 0 or negative */
	int raw;                   /* recorded bytes as they are: never for a terminal */
	int beside;                /* its source cannot stand in it: FILE.source.json */
	const char *const *files;  /* of a folder, ended by NULL; NULL: it is one stream.  The
	                            * last is only there with typed input */
};

/* Ended by a name of NULL. */
extern const struct export_format export_formats[];

/* By name or alias; NULL: none. */
const struct export_format *export_format_find(const char *name);

int export_cast_v2(struct export_job *j);
int export_cast_v3(struct export_job *j);
int export_ttyrec(struct export_job *j);
int export_script(struct export_job *j);
int export_json(struct export_job *j);
int export_text(struct export_job *j);
int export_page(struct export_job *j);

#endif
