/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../collector/notary_serve.h"
#include "../../collector/notary_wire.h"
#include "bytes.h"
#include "cert.h"
#include "ledger_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void begin(struct notary_state *s)
{
	uint8_t seed[32];

	memset(seed, 7, sizeof(seed));
	*s = (struct notary_state){.keys = {.used = 1, .settled = 1, .host.place[0].there = 1}};
	crypto_sign_seed_keypair(s->keys.host.place[0].pk, s->keys.host.place[0].sk, seed);
	memcpy(s->keys.host.first_pk, s->keys.host.place[0].pk, PK_SIZE);
	cert_host_id(s->host_id, s->keys.host.first_pk);
	s->keys.fd = memfd_create("epoch.key", MFD_CLOEXEC);
	s->keys.host_fd = memfd_create("host.key", MFD_CLOEXEC);
	if (s->keys.fd < 0 || s->keys.host_fd < 0)
		abort();
}

/* What it signed is what it was asked to, and of a kind that it signs. */
static void check(const struct notary_state *s, const uint8_t *p, size_t len, const uint8_t *out,
    size_t n)
{
	uint8_t cert[FRAME_BODY_MAX];
	struct entry e;

	assert(n >= NOTARY_STATUS && n <= NOTARY_ANSWER_MAX);
	if (get_u32(out) != 0) {
		assert(n == NOTARY_STATUS && (int32_t)get_u32(out) < 0);
	} else if (p[0] == NOTARY_CERT) {
		assert(n == NOTARY_STATUS + SIG_SIZE && len - 1 + SIG_SIZE <= sizeof(cert));
		memcpy(cert, p + 1, len - 1);
		memcpy(cert + len - 1, out + NOTARY_STATUS, SIG_SIZE);
		assert(cert_verify(cert, len - 1 + SIG_SIZE,
		    notary_host_used(&s->keys)->pk) == 0);
	} else if (p[0] == NOTARY_ENTRY) {
		assert(entry_parse(p + 1, len - 1, &e) == 0);
		assert(e.type == ENTRY_GENESIS || e.type == ENTRY_EPOCH || e.type == ENTRY_RECOVER ||
		    e.type == ENTRY_KEY);
		assert(n == NOTARY_STATUS + PK_SIZE + (e.type == ENTRY_KEY ? 2 * SIG_SIZE : SIG_SIZE));
	} else {
		assert(p[0] == NOTARY_EPOCH_KEY || p[0] == NOTARY_CHECKPOINT ||
		    p[0] == NOTARY_HOST_KEY);
	}
}

/* Questions, each behind its length (u16); where that is more than there is, all of
 * the rest is one. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static uint8_t out[NOTARY_ANSWER_MAX];
	uint8_t *question;
	struct notary_state s;
	uint64_t size, n_cert;
	size_t n;

	begin(&s);
	while (len >= 2) {
		n = get_u16(p) < len - 2 ? get_u16(p) : len - 2;
		question = malloc(n > 0 ? n : 1);
		if (question == NULL)
			abort();
		memcpy(question, p + 2, n);
		size = s.last.size;
		n_cert = s.n;
		check(&s, question, n, out, notary_answer(&s, question, n, out));
		assert(s.last.size >= size && s.n >= n_cert);
		free(question);
		p += 2 + n;
		len -= 2 + n;
	}
	close(s.keys.fd);
	close(s.keys.host_fd);
	return 0;
}
