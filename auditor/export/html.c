/* SPDX-License-Identifier: ISC */
#include "export/html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"

#define PIECE 1024     /* bytes escaped at once */
#define PER_BYTE 4     /* chars of "\xHH" */
#define NS_S 1000000000u
#define NS_TENTH 100000000u
#define NS_MS 1000000u
#define MINUTE_S 60
#define HOUR_S 3600

/* What a page gives a meaning of its own. */
static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void put_safe(struct sink *out, const char *text)
{
	size_t n;

	while (*text != '\0') {
		n = strcspn(text, "&<>\"'");
		sink_put(out, text, n);
		text += n;
		if (*text != '\0')
			sink_str(out, entity(*text++));
	}
}

/* As many of the first bytes as end with a whole character. */
static size_t whole(const uint8_t *p, size_t len)
{
	size_t n = len < PIECE ? len : PIECE, back = 0;

	if (n == len)
		return n;
	while (back < 3 && (p[n - back] & 0xc0) == 0x80)
		back++;
	return n - back;
}

static void put_escaped(struct sink *out, const void *text, size_t len,
    char *(*escape)(char *, size_t, const void *, size_t))
{
	char safe[PER_BYTE * PIECE + 8];
	const uint8_t *p = text;
	size_t n;

	for (; len > 0; p += n, len -= n) {
		n = whole(p, len);
		put_safe(out, escape(safe, sizeof safe, p, n));
	}
}

void html_text(struct sink *out, const void *text, size_t len)
{
	put_escaped(out, text, len, escape_bytes);
}

void html_shown(struct sink *out, const void *text, size_t len)
{
	put_escaped(out, text, len, escape_shown);
}

void html_str(struct sink *out, const char *text)
{
	html_text(out, text, strlen(text));
}

void html_put(struct sink *out, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	sink_str(out, text);
}

char *html_clock(char out[HTML_TIME_MAX], uint64_t ns)
{
	unsigned long long s = ns / NS_S, tenth = ns % NS_S / NS_TENTH;

	if (s >= HOUR_S)
		snprintf(out, HTML_TIME_MAX, "%llu:%02llu:%02llu.%llu", s / HOUR_S,
		    s % HOUR_S / MINUTE_S, s % MINUTE_S, tenth);
	else
		snprintf(out, HTML_TIME_MAX, "%llu:%02llu.%llu", s / MINUTE_S, s % MINUTE_S, tenth);
	return out;
}

char *html_seconds(char out[HTML_TIME_MAX], uint64_t ns)
{
	snprintf(out, HTML_TIME_MAX, "%llu.%03llu", (unsigned long long)(ns / NS_S),
	    (unsigned long long)(ns % NS_S / NS_MS));
	return out;
}
