/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../setup/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What is taken names only what setup writes to, and comes back the same. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct record rec = { 0 }, back = { 0 };
	char *text;
	size_t i;

	if (record_parse(&rec, (const char *)p, len) != 0) {
		assert(rec.count == 0 && rec.item == NULL);
		return 0;
	}
	for (i = 0; i < rec.count; i++)
		assert(rec.item[i].kind == ITEM_FILE ?
		    record_path_is_known(rec.item[i].what, rec.item[i].name) :
		    record_user_is_good(rec.item[i].name));
	text = record_text(&rec);
	assert(text != NULL && record_parse(&back, text, strlen(text)) == 0);
	assert(back.count == rec.count);
	for (i = 0; i < rec.count; i++)
		assert(tree_same(&rec.item[i].before, &back.item[i].before) &&
		    tree_same(&rec.item[i].after, &back.item[i].after) &&
		    rec.item[i].pending == back.item[i].pending);
	free(text);
	record_release(&rec);
	record_release(&back);
	return 0;
}
