/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_JSON_AT_H
#define SHELLAC_JSON_AT_H

#include <jansson.h>

/* What stands in an object at a path, the names of objects inside of each other with dots
 * between them, as "user.name"; a member whose own name has the dots is found too, and
 * before.  Borrowed; NULL where there is none, and where object is none. */
json_t *json_at(const json_t *object, const char *path);

#endif
