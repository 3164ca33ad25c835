/* SPDX-License-Identifier: ISC */
/* Bodies of CERT; what is read is written the same, but for its signature. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t pk[PK_SIZE], sk[SK_SIZE];
	uint8_t again[FRAME_BODY_MAX];
	struct cert c;
	int n;

	if (sodium_init() < 0)
		abort();
	if (cert_parse(data, size, &c) != 0)
		return 0;
	crypto_sign_seed_keypair(pk, sk, c.pk);
	n = cert_put(again, &c, sk);
	if (n < 0 || (size_t)n != size || memcmp(again, data, size - SIG_SIZE) != 0)
		abort();
	if (cert_verify(again, (size_t)n, pk) != 0)
		abort();
	cert_verify(data, size, c.pk);
	return 0;
}
