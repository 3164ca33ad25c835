/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_EVENTS_INPUT_H
#define SHELLAC_EVENTS_INPUT_H

#include <jansson.h>

/* Parts what an input plugin wrote: *known gets what it has of the fields of ECS that it
 * may set, with values of their type, and *other all else; both new objects, empty where there
 * is nothing.  0 or -ENOMEM. */
int events_input_part(json_t *object, json_t **known, json_t **other);

#endif
