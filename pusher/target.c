/* SPDX-License-Identifier: ISC */
#include "target.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "decimal.h"
#include "err.h"

#define DELAY_MIN_MS 1000
#define DELAY_MAX_MS 60000
#define MS UINT64_C(1000000)
#define CORRECTIONS_MAX 3 /* then others ask at the same time, or it jokes */
#define SHOWN 60          /* chars of a body in a text */

enum { OK = 200, CONFLICT = 409, UNPROCESSABLE = 422 };

int target_request(const struct target *t, struct tree *tree, const struct candidate *k,
    char body[TARGET_BODY_MAX])
{
	uint8_t proof[MERKLE_PROOF_MAX][MERKLE_HASH];
	char base64[BASE64_SIZE(MERKLE_HASH)];
	size_t len;
	int n = 0, i;

	if (t->known > 0)
		n = tree_proof(tree, t->known, k->c.size, k->c.root, proof);
	if (n < 0)
		return n;
	len = (size_t)snprintf(body, TARGET_BODY_MAX, "old %" PRIu64 "\n", t->known);
	for (i = 0; i < n; i++) {
		base64_put(base64, proof[i], MERKLE_HASH);
		len += (size_t)snprintf(body + len, TARGET_BODY_MAX - len, "%s\n", base64);
		if (len >= TARGET_BODY_MAX)
			return E_RANGE;
	}
	if (k->len + 1 > TARGET_BODY_MAX - len)
		return E_RANGE;
	body[len++] = '\n';
	memcpy(body + len, k->note, k->len);
	return (int)(len + k->len);
}

__attribute__((format(printf, 3, 4)))
static void say(struct target *t, enum push_state state, const char *fmt, ...)
{
	va_list ap;

	t->status.state = (uint8_t)state;
	va_start(ap, fmt);
	vsnprintf(t->status.text, sizeof(t->status.text), fmt, ap);
	va_end(ap);
}

/* Ever later, up to a minute. */
static void wait_longer(struct target *t, uint64_t now_ns)
{
	t->corrections = 0;
	t->delay_ms = t->delay_ms == 0 ? DELAY_MIN_MS : t->delay_ms * 2;
	if (t->delay_ms > DELAY_MAX_MS)
		t->delay_ms = DELAY_MAX_MS;
	t->due_ns = now_ns + t->delay_ms * MS;
}

void target_failed(struct target *t, int r, uint64_t now_ns)
{
	say(t, PUSH_BROKEN, "the ledger gives no proof from size %" PRIu64 " on: %s", t->known,
	    err_text(r));
	wait_longer(t, now_ns);
}

static void take_cosignature(struct target *t, struct candidate *k, const struct target_answer *a,
    uint64_t now_ns)
{
	uint64_t time_s = 0;
	int r;

	r = candidate_take(k, t->status.index, &t->witness->key, a->body, a->len, &time_s);
	if (r != 0) {
		say(t, PUSH_AWAY, "its answer is no cosignature of its key: %s", err_text(r));
		wait_longer(t, now_ns);
		return;
	}
	say(t, PUSH_FINE, "%s", "");
	t->known = k->c.size;
	t->corrections = t->delay_ms = 0;
	t->due_ns = 0;
	t->status.size = k->c.size;
	t->status.time_s = time_s;
}

/* It is at another size than we thought: asked again at once, a few times. */
static void take_size(struct target *t, uint64_t newest, const struct target_answer *a,
    uint64_t now_ns)
{
	uint64_t size;

	if (a->len == 0 || a->body[a->len - 1] != '\n' ||
	    decimal_get(&size, a->body, a->len - 1) != 0) {
		say(t, PUSH_AWAY, "409 without a size");
		wait_longer(t, now_ns);
		return;
	}
	if (size > newest) {
		say(t, PUSH_ROLLBACK, "it cosigned size %" PRIu64 ", this ledger has %" PRIu64, size,
		    newest);
		wait_longer(t, now_ns);
		return;
	}
	t->known = size;
	t->due_ns = 0;
	if (++t->corrections > CORRECTIONS_MAX)
		wait_longer(t, now_ns);
}

void target_take(struct target *t, struct candidate *k, uint64_t newest,
    const struct target_answer *a, uint64_t now_ns)
{
	size_t shown = a->len < SHOWN ? a->len : SHOWN;

	switch (a->status) {
	case OK:
		take_cosignature(t, k, a, now_ns);
		return;
	case CONFLICT:
		take_size(t, newest, a, now_ns);
		return;
	case UNPROCESSABLE:
		/* the proof was checked before it left: what it was checked against is not theirs */
		say(t, PUSH_FORK, "at size %" PRIu64 " it knows another ledger of this name", t->known);
		break;
	case 0:
		say(t, PUSH_AWAY, "%s", a->error);
		break;
	default:
		while (shown > 0 && a->body[shown - 1] == '\n')
			shown--;
		say(t, a->status == 403 || a->status == 404 ? PUSH_REFUSED : PUSH_AWAY, "%ld: %.*s",
		    a->status, (int)shown, a->body);
		break;
	}
	wait_longer(t, now_ns);
}
