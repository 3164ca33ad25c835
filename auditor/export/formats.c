/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "export/export.h"

static const char *const script_files[] = { "typescript", "timing", "input", NULL };

const struct export_format export_formats[] = {
	{ "asciicast-v2", "cast", export_cast_v2, 0, 0, NULL },
	{ "asciicast-v3", "v3", export_cast_v3, 0, 0, NULL },
	{ "script", "", export_script, 1, 0, script_files },
	{ "ttyrec", "", export_ttyrec, 1, 1, NULL },
	{ "text", "", export_text, 0, 0, NULL },
	{ "json", "", export_json, 0, 0, NULL },
	{ "html", "", export_page, 0, 0, NULL },
	{ NULL, NULL, NULL, 0, 0, NULL },
};

const struct export_format *export_format_find(const char *name)
{
	const struct export_format *f;

	for (f = export_formats; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0 || (f->alias[0] != '\0' && strcmp(f->alias, name) == 0))
			return f;
	return NULL;
}
