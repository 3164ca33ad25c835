/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_COMMANDS_INTERNAL_H
#define SHELLAC_COMMANDS_INTERNAL_H

#include "screen/commands.h"
#include "screen/transcript_internal.h"

struct gathered {
	struct command_line line;
	enum typing_at at;
	int ran;        /* a shell took it after all: it was typed ahead */
};

struct commands_gather {
	struct transcript *transcript;
	struct gathered *line;
	size_t lines, room;
	char *argv;     /* what the session began with, or NULL */
	uint64_t last_ns;
};

#endif
