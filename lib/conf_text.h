/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_CONF_TEXT_H
#define SHELLAC_CONF_TEXT_H

/* Values of shellac.conf(5) that are text. */
#define CONF_NONE "none"

/* "none", which gives "", or an absolute path of printable ASCII, at most
 * CONF_PATH_MAX long.  1 and out, or 0. */
int conf_text_path(char *out, const char *s);

/* "none" likewise, or the name of a group of at most CONF_GROUP_MAX. */
int conf_text_group(char *out, const char *s);

#endif
