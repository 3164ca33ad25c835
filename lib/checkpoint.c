/* SPDX-License-Identifier: ISC */
#include "checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "cert.h"
#include "decimal.h"
#include "err.h"
#include "utf8.h"

#define NAME_START "shellac/"

int checkpoint_format(char out[CHECKPOINT_TEXT_MAX], const struct checkpoint *c)
{
	char root[BASE64_SIZE(MERKLE_HASH)];

	base64_put(root, c->root, MERKLE_HASH);
	return snprintf(out, CHECKPOINT_TEXT_MAX, "%s\n%llu\n%s\n", c->origin,
	    (unsigned long long)c->size, root);
}

/* The next line of the *len bytes at *p, which must not be empty: its length without
 * the line feed.  0 where there is none. */
static size_t take_line(const char **line, const char **p, size_t *len)
{
	const char *lf = memchr(*p, '\n', *len);
	size_t n = lf == NULL ? 0 : (size_t)(lf - *p);

	*line = *p;
	if (n > 0) {
		*p += n + 1;
		*len -= n + 1;
	}
	return n;
}

static int origin_get(char origin[NOTE_NAME_MAX + 1], const char *line, size_t len)
{
	const uint8_t *p = (const uint8_t *)line;
	uint32_t cp;
	size_t i;
	int n;

	if (len == 0)
		return E_FORMAT;
	for (i = 0; i < len; i += (size_t)n) {
		n = utf8_next(p + i, len - i, &cp);
		if (n <= 0 || cp < 0x20)
			return E_FORMAT;
	}
	if (len > NOTE_NAME_MAX)
		return E_RANGE;
	memcpy(origin, line, len);
	origin[len] = '\0';
	return 0;
}

int checkpoint_parse(struct checkpoint *c, const char *text, size_t len)
{
	struct checkpoint got;
	const char *line;
	size_t n;
	int r;

	n = take_line(&line, &text, &len);
	if ((r = origin_get(got.origin, line, n)) != 0)
		return r;
	n = take_line(&line, &text, &len);
	if ((r = decimal_get(&got.size, line, n)) != 0)
		return r;
	n = take_line(&line, &text, &len);
	if (base64_get_all(got.root, MERKLE_HASH, line, n) != 0)
		return E_FORMAT;
	while (len > 0)
		if (take_line(&line, &text, &len) == 0)
			return E_FORMAT;
	*c = got;
	return 0;
}

void checkpoint_origin_id(char out[NOTE_NAME_MAX + 1], const uint8_t id[ID_SIZE])
{
	char hex[2 * ID_SIZE + 1];

	hex_put(hex, id, ID_SIZE);
	snprintf(out, NOTE_NAME_MAX + 1, NAME_START "%s", hex);
}

void checkpoint_origin(char out[NOTE_NAME_MAX + 1], const uint8_t host_pk[PK_SIZE])
{
	uint8_t id[ID_SIZE];

	cert_host_id(id, host_pk);
	checkpoint_origin_id(out, id);
}

int checkpoint_origin_parse(uint8_t id[ID_SIZE], const char *origin)
{
	const size_t n = sizeof(NAME_START) - 1;

	if (strncmp(origin, NAME_START, n) != 0 || strlen(origin) != n + 2 * ID_SIZE)
		return E_FORMAT;
	return hex_get(id, ID_SIZE, origin + n) == 0 ? 0 : E_FORMAT;
}
