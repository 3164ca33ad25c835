/* SPDX-License-Identifier: ISC */
#include "access_path.h"

#include <stddef.h>
#include <string.h>

#include "ledger_file.h"
#include "process_record.h"
#include "review_note.h"
#include "store_name.h"

static const char *after(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len + 1 : NULL;
}

static int is_number(const char *s, size_t len)
{
	return len > 0 && strspn(s, "0123456789") == len;
}

/* What follows session/: a part of yyyy/mm/dd, or all of it and a name. */
static enum access_class classify_session(const char *p, uint64_t *n)
{
	static const size_t width[] = {4, 2, 2};
	struct session_name name;
	int i;

	for (i = 0; i < 3; i++) {
		if (strspn(p, "0123456789") != width[i])
			return ACCESS_NEVER;
		p += width[i];
		if (*p == '\0')
			return ACCESS_FOLDER;
		if (*p++ != '/')
			return ACCESS_NEVER;
	}
	if (store_name_parse(&name, p) != 0)
		return ACCESS_NEVER;
	*n = name.n;
	return ACCESS_SESSION;
}

static enum access_class classify_ledger(const char *p)
{
	static const char *const files[] = {LEDGER_LOG, LEDGER_HASHES, LEDGER_CHECKPOINT,
		LEDGER_COSIGNED, LEDGER_KEYS};
	const char *live = after(p, LEDGER_LIVE);
	size_t i;

	if (strcmp(p, LEDGER_LIVE) == 0)
		return ACCESS_FOLDER;
	if (live != NULL)
		return is_number(live, strlen(live)) ? ACCESS_PLAIN : ACCESS_NEVER;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(p, files[i]) == 0)
			return ACCESS_PLAIN;
	return ACCESS_NEVER;
}

enum access_class access_classify(const char *path, uint64_t *n)
{
	uint8_t digest[HASH_SIZE];
	const char *p;

	if (strcmp(path, "session") == 0 || strcmp(path, "process") == 0 ||
	    strcmp(path, LEDGER_DIR) == 0 || strcmp(path, REVIEW_DIR) == 0)
		return ACCESS_FOLDER;
	if (strcmp(path, "number") == 0 || strcmp(path, "host.pub") == 0)
		return ACCESS_PLAIN;
	if ((p = after(path, "session")) != NULL)
		return classify_session(p, n);
	if ((p = after(path, LEDGER_DIR)) != NULL)
		return classify_ledger(p);
	if ((p = after(path, REVIEW_DIR)) != NULL)
		return review_note_name_parse(p, "note", n, digest) != 0 ? ACCESS_NEVER :
		    *n != 0 ? ACCESS_SESSION : ACCESS_ALL_OF_IT;
	if ((p = after(path, "process")) != NULL && process_file_number(p) != 0)
		return ACCESS_ALL_OF_IT;
	return ACCESS_NEVER;
}
