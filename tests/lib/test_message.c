/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "bytes.h"
#include "cert.h"
#include "err.h"
#include "message.h"
#include "suite.h"

static uint8_t buf[MESSAGE_MAX + 1];
static const uint8_t body[MESSAGE_BODY_MAX] = { 'S', 'H', 'C', 'T' };

static const struct message samples[] = {
	{ .type = MSG_PROBE },
	{ .type = MSG_REGISTER, .id = { 1 }, .pk = { 2 }, .flags = CERT_F_TERMINAL },
	{ .type = MSG_RESUME, .id = { 3 } },
	{ .type = MSG_HURRY },
	{ .type = MSG_READY },
	{ .type = MSG_CERTIFICATE, .cert = body, .cert_len = sizeof(body) },
	{ .type = MSG_ACK, .frame = UINT64_MAX },
	{ .type = MSG_REFUSED, .code = REFUSED_TOO_MANY, .text = "too many sessions ~" },
	{ .type = MSG_REFUSED, .code = REFUSED_INTERNAL },
	{ .type = MSG_SPOOLED, .length = 7, .generation = UINT64_MAX },
	{ .type = MSG_DRAINED, .frame = 8 },
	{ .type = MSG_SLOW },
	{ .type = MSG_HANG_UP },
	{ .type = MSG_HOLD },
	{ .type = MSG_GO_ON },
	{ .type = MSG_REGISTER, .id = { 1 }, .pk = { 2 }, .version = 2, .oldest = 1 },
	{ .type = MSG_RESUME, .id = { 3 }, .version = 2, .oldest = 2 },
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

START_TEST(come_back)
{
	static const size_t sizes[SAMPLES] = { 8, 64, 24, 8, 8, MESSAGE_MAX, 16, 29, 10, 24, 16, 8, 8, 8, 8,
		64, 32 };
	struct message m;
	size_t i, n;

	for (i = 0; i < SAMPLES; i++) {
		n = message_put(buf, &samples[i]);
		ck_assert_uint_eq(n, sizes[i]);
		ck_assert_int_eq(message_parse(buf, n, &m), 0);
		ck_assert_uint_eq(m.type, samples[i].type);
		ck_assert_mem_eq(m.id, samples[i].id, ID_SIZE);
		ck_assert_mem_eq(m.pk, samples[i].pk, PK_SIZE);
		ck_assert_uint_eq(m.flags, samples[i].flags);
		ck_assert(m.frame == samples[i].frame);
		ck_assert(m.length == samples[i].length);
		ck_assert(m.generation == samples[i].generation);
		ck_assert_uint_eq(m.code, samples[i].code);
		if (m.type == MSG_REGISTER || m.type == MSG_RESUME) {
			ck_assert_uint_eq(m.version, samples[i].version == 0 ? 1 : samples[i].version);
			ck_assert_uint_eq(m.oldest, samples[i].oldest == 0 ? 1 : samples[i].oldest);
		}
		ck_assert_str_eq(m.text, samples[i].text);
		ck_assert_uint_eq(m.cert_len, samples[i].cert_len);
	}
}
END_TEST

START_TEST(other_lengths_are_refused)
{
	struct message m;
	size_t i, n, len;

	for (i = 0; i < SAMPLES; i++) {
		n = message_put(buf, &samples[i]);
		for (len = 0; len < n; len++)
			ck_assert_int_eq(message_parse(buf, len, &m), E_SHORT);
		ck_assert_int_eq(message_parse(buf, n + 1, &m), E_FORMAT);
		if (samples[i].type == MSG_REFUSED || samples[i].type == MSG_CERTIFICATE)
			continue;
		put_u16(buf + 6, (uint16_t)(n - MESSAGE_HEADER + 1));
		ck_assert_int_eq(message_parse(buf, n + 1, &m), E_RANGE);
	}
	put_u16(buf + 6, MESSAGE_BODY_MAX + 1);
	ck_assert_int_eq(message_parse(buf, MESSAGE_MAX + 1, &m), E_RANGE);
}
END_TEST

START_TEST(header_is_exact)
{
	struct message m;
	unsigned i;

	for (i = 0; i < 256; i++) {
		size_t n = message_put(buf, &samples[0]);

		buf[5] = (uint8_t)i;
		ck_assert_int_eq(message_parse(buf, n, &m) == 0, i == MSG_PROBE || i == MSG_HURRY || i == MSG_READY ||
		    (i >= MSG_SLOW && i <= MSG_GO_ON));
	}
	for (i = 0; i < 5; i++) {
		size_t n = message_put(buf, &samples[0]);

		buf[i] ^= 0x20;
		ck_assert_int_eq(message_parse(buf, n, &m), E_FORMAT);
	}
}
END_TEST

START_TEST(bodies_are_exact)
{
	struct message m;
	size_t n = message_put(buf, &samples[1]), i;

	for (i = n - 6; i < n; i++) {
		buf[i] = 1;
		ck_assert_int_eq(message_parse(buf, n, &m), E_FORMAT);
		buf[i] = 0;
	}
	buf[n - 8] = CERT_F_LATE;
	ck_assert_int_eq(message_parse(buf, n, &m), 0);
	buf[n - 8] = CERT_F_CLAIMED;
	ck_assert_int_eq(message_parse(buf, n, &m), E_FORMAT);

	n = message_put(buf, &samples[7]);
	buf[12] = 0x1b;
	ck_assert_int_eq(message_parse(buf, n, &m), E_FORMAT);
	buf[12] = 0x7f;
	ck_assert_int_eq(message_parse(buf, n, &m), E_FORMAT);
	buf[12] = 'x';
	for (i = 0; i < 20; i++) {
		put_u16(buf + 8, (uint16_t)i);
		ck_assert_int_eq(message_parse(buf, n, &m), i >= 1 ? 0 : E_FORMAT);
	}
	memset(buf + 10, 'x', MESSAGE_TEXT_MAX + 1);
	put_u16(buf + 8, 1);
	put_u16(buf + 6, 2 + MESSAGE_TEXT_MAX);
	ck_assert_int_eq(message_parse(buf, 10 + MESSAGE_TEXT_MAX, &m), 0);
	put_u16(buf + 6, 3 + MESSAGE_TEXT_MAX);
	ck_assert_int_eq(message_parse(buf, 11 + MESSAGE_TEXT_MAX, &m), E_RANGE);
}
END_TEST

/* of versions only those that say something */
START_TEST(versions_are_exact)
{
	static const struct {
		uint16_t version, oldest;
		int register_r, resume_r;
	} cases[] = {
		{ 0, 0, 0, E_FORMAT }, { 0, 1, E_FORMAT, E_FORMAT }, { 1, 1, E_FORMAT, E_FORMAT },
		{ 2, 0, E_FORMAT, E_FORMAT }, { 2, 1, 0, 0 }, { 2, 2, 0, 0 },
		{ 2, 3, E_FORMAT, E_FORMAT }, { 3, 2, 0, 0 }, { 65535, 65535, 0, 0 },
	};
	struct message m;
	size_t i, n, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (k = SAMPLES - 2; k < SAMPLES; k++) {
			n = message_put(buf, &samples[k]);
			put_u16(buf + (k == SAMPLES - 2 ? 58 : 24), cases[i].version);
			put_u16(buf + (k == SAMPLES - 2 ? 60 : 26), cases[i].oldest);
			ck_assert_int_eq(message_parse(buf, n, &m),
			    k == SAMPLES - 2 ? cases[i].register_r : cases[i].resume_r);
		}
}
END_TEST

/* who it is and what it speaks can be told of any later version */
START_TEST(later_versions_are_known_as_such)
{
	const struct message later[] = {
		{ .type = MSG_REGISTER, .id = { 7 }, .flags = 0x8000, .version = 9, .oldest = 8 },
		{ .type = MSG_RESUME, .id = { 7 }, .version = 9, .oldest = 8 },
	};
	struct message m;
	size_t i, n;

	for (i = 0; i < 2; i++) {
		n = message_put(buf, &later[i]);
		memset(buf + n - 2, 0x55, 100);
		put_u16(buf + 6, (uint16_t)(n - MESSAGE_HEADER + 98));
		ck_assert_int_eq(message_parse(buf, n + 98, &m), 0);
		ck_assert_uint_eq(m.id[0], 7);
		ck_assert_uint_eq(m.version, 9);
		ck_assert_uint_eq(m.oldest, 8);
	}
}
END_TEST

START_TEST(fit)
{
	static const struct {
		uint16_t version, oldest;
		enum version_fit fit;
	} cases[] = { /* with a collector of 3 and 4 */
		{ 1, 1, VERSION_TOO_OLD }, { 2, 1, VERSION_TOO_OLD }, { 3, 2, VERSION_FITS },
		{ 4, 3, VERSION_FITS }, { 5, 4, VERSION_NEWER }, { 6, 5, VERSION_TOO_NEW },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct message m = { .version = cases[i].version, .oldest = cases[i].oldest };

		ck_assert_int_eq(message_fit(&m, 3, 4), cases[i].fit);
	}
	ck_assert_int_eq(MESSAGE_VERSION - MESSAGE_OLDEST, 1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { come_back, other_lengths_are_refused, header_is_exact,
		bodies_are_exact, versions_are_exact, later_versions_are_known_as_such, fit };

	return suite_run("message", tests, sizeof(tests) / sizeof(tests[0]));
}
