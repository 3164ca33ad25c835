/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <string.h>

#include "../../pusher/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static const char note[] = "log.test/one\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 log.test/one Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9"
    "nTo+zyWE+xeMcTOAYQ8=\n";

/* A witness' answer: its status in the first two bytes.  Nothing that comes is a
 * cosignature of a key that nobody has. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct policy_witness w;
	static struct candidate k;
	struct target t = {.witness = &w};
	struct target_answer a = {.error = "away"};

	if (len < 2)
		return 0;
	if (k.len == 0) {
		memset(w.key.pk, 7, sizeof(w.key.pk));
		assert(note_key_make(&w.key, "witness.test/w", NOTE_COSIGNATURE, w.key.pk) == 0);
		assert(candidate_set(&k, note, sizeof(note) - 1) == 0);
	}
	a.status = p[0] << 8 | p[1];
	a.body = (const char *)p + 2;
	a.len = len - 2 < TARGET_ANSWER_MAX ? len - 2 : TARGET_ANSWER_MAX;
	target_take(&t, &k, 7, &a, 1);
	assert(k.seen[0] == 0 && t.known <= 7 && t.status.state != PUSH_FINE);
	assert(strnlen(t.status.text, sizeof(t.status.text)) < sizeof(t.status.text));
	return 0;
}
