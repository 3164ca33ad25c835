/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONF_TEXT_H
#define SHELLAC_CONF_TEXT_H

#include <stdarg.h>

struct conf_error;

/* What is wrong with a line, as vprintf(3) has it; what is not printable ASCII is put down as
 * a question mark. */
void conf_error_set(struct conf_error *e, unsigned line, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* Without the blanks around it; s is changed. */
char *conf_text_trim(char *s);

/* Parts a line at its '=', without the blanks around both; the line is changed.  1; 0: it is
 * empty, or a comment; -1: it has no '='. */
int conf_text_pair(char *line, char **key, char **value);

/* Values of shellac.conf(5) that are text. */
#define CONF_NONE "none"

/* "none", which gives "", or an absolute path of printable ASCII, at most
 * CONF_PATH_MAX long.  1 and out, or 0. */
int conf_text_path(char *out, const char *s);

/* "none" likewise, or the name of a group of at most CONF_GROUP_MAX. */
int conf_text_group(char *out, const char *s);

#endif
