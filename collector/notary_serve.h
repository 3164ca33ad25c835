/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_NOTARY_SERVE_H
#define SHELLAC_NOTARY_SERVE_H

#include <stddef.h>
#include <stdint.h>

#include "checkpoint.h"
#include "notary_keys.h"

/* The notary's side, see notary.h and notary_wire.h. */

struct notary_state {
	struct notary_keys keys;
	uint8_t host_id[ID_SIZE];
	uint64_t n;             /* of the last certificate */
	uint64_t index;         /* of the last entry but KEY, */
	uint64_t key_index;     /* and of the last KEY */
	int announced;          /* it has the next key in it, and may not be on disk yet */
	struct checkpoint last; /* size 0: none yet */
};

/* The answer to the len bytes of a question; out has room for NOTARY_ANSWER_MAX.  Its
 * length. */
size_t notary_answer(struct notary_state *s, const uint8_t *p, size_t len, uint8_t *out);

/* The forked child: takes its keys, confines itself and answers until the other end of
 * sock is closed. */
_Noreturn void notary_serve(int sock, int store_dir, const char *key_path);

#endif
