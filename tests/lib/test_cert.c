/* SPDX-License-Identifier: ISC */
#include "cert.h"

#include <sodium.h>
#include <string.h>

#include "err.h"
#include "recording.h"
#include "suite.h"

static uint8_t pk[PK_SIZE], sk[SK_SIZE], body[FRAME_BODY_MAX];

static void fill(char *s, size_t len)
{
	memset(s, 'x', len);
	s[len] = '\0';
}

/* Every string and the ancestors as long as they may be. */
static void largest(struct cert *c)
{
	unsigned i;

	recording_cert(c);
	fill(c->host, CERT_HOST_MAX);
	fill(c->user, CERT_USER_MAX);
	fill(c->tty, CERT_TTY_MAX);
	fill(c->from, CERT_FROM_MAX);
	fill(c->cwd, CERT_CWD_MAX);
	c->flags |= CERT_F_NOTICE;
	c->ancestors = CERT_ANCESTORS_MAX;
	for (i = 0; i < CERT_ANCESTORS_MAX; i++) {
		c->ancestor[i] = (struct ancestor){ .pid = i, .start_ticks = UINT64_MAX - i };
		fill(c->ancestor[i].comm, CERT_COMM_MAX);
	}
}

START_TEST(reads_what_was_written)
{
	struct cert c, again;
	int len;

	recording_cert(&c);
	len = cert_put(body, &c, sk);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), 0);
	ck_assert_uint_eq(again.n, 7);
	ck_assert_uint_eq(again.tty_dev, 136U << 20 | 300);
	ck_assert_uint_eq(again.audit_session, CERT_UNSET);
	ck_assert_str_eq(again.cwd, "/home/ann");
	ck_assert_uint_eq(again.ancestors, 2);
	ck_assert_str_eq(again.ancestor[0].comm, "sshd");
	ck_assert_uint_eq(again.ancestor[1].start_ticks, 5);
	ck_assert_int_eq(cert_verify(body, (size_t)len, pk), 0);
}
END_TEST

START_TEST(the_largest_fits)
{
	struct cert c, again;
	int len;

	largest(&c);
	len = cert_put(body, &c, sk);
	ck_assert_int_gt(len, 0);
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), 0);
	ck_assert_str_eq(again.cwd, c.cwd);
	ck_assert_str_eq(again.ancestor[15].comm, c.ancestor[15].comm);
}
END_TEST

START_TEST(refuses_every_other_length)
{
	struct cert c, again;
	int len, i;

	largest(&c);
	len = cert_put(body, &c, sk);
	for (i = 0; i < len; i++)
		ck_assert_int_eq(cert_parse(body, (size_t)i, &again), E_SHORT);
	ck_assert_int_eq(cert_parse(body, (size_t)len + 1, &again), E_FORMAT);
}
END_TEST

START_TEST(refuses_values_out_of_their_limits)
{
	struct cert c, again;
	int len;

	recording_cert(&c);
	c.n = 0;
	ck_assert_int_eq(cert_put(body, &c, sk), E_RANGE);
	c.n = 1;
	c.ancestors = CERT_ANCESTORS_MAX + 1;
	ck_assert_int_eq(cert_put(body, &c, sk), E_RANGE);
	recording_cert(&c);
	len = cert_put(body, &c, sk);
	body[8] = 0; /* n */
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
	body[8] = 7;
	body[5] = 1;
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
	body[5] = 0;
	body[6] = 0x11;
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
	body[6] = CERT_F_CLAIMED; /* without LATE */
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
	body[6] = CERT_F_CLAIMED | CERT_F_LATE;
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), 0);
	body[6] = CERT_F_NOTICE | CERT_F_LATE;
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
	body[6] = CERT_F_NOTICE; /* without room for its digest */
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_SHORT);
	body[6] = 1;
	body[210] = 0; /* first byte of the host's name */
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
	body[209] = 1; /* its length */
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_RANGE);
}
END_TEST

START_TEST(names_a_notice)
{
	struct cert c, again;
	int len, plain;

	recording_cert(&c);
	plain = cert_put(body, &c, sk);
	c.flags |= CERT_F_NOTICE;
	memset(c.notice, 0x77, HASH_SIZE);
	len = cert_put(body, &c, sk);
	ck_assert_int_eq(len, plain + HASH_SIZE);
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), 0);
	ck_assert_mem_eq(again.notice, c.notice, HASH_SIZE);
	ck_assert_str_eq(again.ancestor[1].comm, "init");
	ck_assert_int_eq(cert_verify(body, (size_t)len, pk), 0);
	ck_assert_int_eq(cert_parse(body, (size_t)len - 1, &again), E_SHORT);
	body[6] &= (uint8_t)~CERT_F_NOTICE;
	ck_assert_int_eq(cert_parse(body, (size_t)len, &again), E_FORMAT);
}
END_TEST

START_TEST(signature_covers_all_before_it)
{
	struct cert c;
	int len, i;

	recording_cert(&c);
	len = cert_put(body, &c, sk);
	for (i = 0; i < len; i++) {
		body[i] ^= 1;
		ck_assert_int_eq(cert_verify(body, (size_t)len, pk), E_SIGNATURE);
		body[i] ^= 1;
	}
	ck_assert_int_eq(cert_verify(body, 63, pk), E_SIGNATURE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reads_what_was_written, the_largest_fits, refuses_every_other_length,
		refuses_values_out_of_their_limits, names_a_notice, signature_covers_all_before_it,
	};

	recording_fix_random();
	crypto_sign_keypair(pk, sk);
	return suite_run("cert", tests, sizeof(tests) / sizeof(tests[0]));
}
