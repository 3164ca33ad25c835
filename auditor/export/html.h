/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EXPORT_HTML_H
#define SHELLAC_EXPORT_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "output/sink.h"

/* Text in a page, in elements and quoted attributes alike.  What may not stand on a
 * terminal may not stand here either and is escaped as lib/escape.h does. */
void html_text(struct sink *out, const void *p, size_t len);
/* The same of what a screen has made safe, escape_shown(). */
void html_shown(struct sink *out, const void *p, size_t len);
void html_str(struct sink *out, const char *text);

/* Formatted, the page's own: none of the arguments is foreign. */
void html_put(struct sink *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "1:02:03.4" of a time in a session, and its seconds as an attribute has them. */
#define HTML_TIME_MAX 32
char *html_clock(char out[HTML_TIME_MAX], uint64_t ns);
char *html_seconds(char out[HTML_TIME_MAX], uint64_t ns);

#endif
