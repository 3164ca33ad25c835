/* SPDX-License-Identifier: ISC */
#include "json_at.h"

#include <string.h>

json_t *json_at(const json_t *object, const char *path)
{
	const char *dot;
	json_t *value;

	while ((value = json_object_get(object, path)) == NULL &&
	    (dot = strchr(path, '.')) != NULL) {
		object = json_object_getn(object, path, (size_t)(dot - path));
		path = dot + 1;
	}
	return value;
}
