/* SPDX-License-Identifier: ISC */
#include "note_text.h"

#include <string.h>
#include <time.h>

#include "err.h"

int note_text_take(struct rest *b, const char *word, char *value, size_t size)
{
	const char *p = (const char *)b->p, *end = memchr(b->p, '\n', b->len);
	size_t n = strlen(word), len;

	if (end == NULL || (size_t)(end - p) <= n || memcmp(p, word, n) != 0 || p[n] != ' ')
		return E_FORMAT;
	len = (size_t)(end - p) - n - 1;
	if (len >= size || memchr(p, '\0', n + 1 + len) != NULL)
		return E_FORMAT;
	memcpy(value, p + n + 1, len);
	value[len] = '\0';
	rest_take(b, n + 1 + len + 1);
	return 0;
}

int note_date_good(const char *s)
{
	static const char shape[] = "0000-00-00T00:00:00Z";
	size_t i;

	if (strlen(s) != sizeof(shape) - 1)
		return 0;
	for (i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != shape[i])
			return 0;
	return 1;
}

void note_date_now(char out[NOTE_DATE_SIZE])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(out, NOTE_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
}
