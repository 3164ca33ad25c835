/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdint.h>

#include "../../collector/events_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is parted is all there, and what is known is known again. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	json_t *object = json_loadb((const char *)p, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *known, *other, *again, *none;

	if (!json_is_object(object)) {
		json_decref(object);
		return 0;
	}
	assert(events_input_part(object, &known, &other) == 0);
	assert(json_object_size(object) == 0 || json_object_size(known) + json_object_size(other) > 0);
	assert(events_input_part(known, &again, &none) == 0);
	assert(json_equal(known, again) && json_object_size(none) == 0);
	json_decref(again);
	json_decref(none);
	assert(json_object_update_recursive(other, known) == 0);
	assert(json_equal(other, object));
	json_decref(known);
	json_decref(other);
	json_decref(object);
	return 0;
}
