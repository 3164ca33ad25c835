/* SPDX-License-Identifier: ISC */
#include "../../collector/proc_connector.h"

#include <string.h>

#include "../lib/suite.h"
#include "bytes.h"
#include "err.h"

#define SIZE 76

/* Datagrams as Linux 6.18 on x86-64 sent them, each caught with one recv(2). */
#define HEAD(seq) "4c00000003000000" seq "00000000" "0100000001000000" seq "00000000" "28000000"
static const char ack[] = HEAD("83090200") "0000000000000000373100bc762b0000"
    "000000000000000000000000000000000000000000000000";
static const char fork_[] = HEAD("84090200") "01000000000000007dfc00bc762b0000"
    "5e4400005e4400005f4400005f4400000000000000000000";
static const char sid[] = HEAD("85090200") "800000000000000030e101bc762b0000"
    "5f4400005f44000000000000000000000000000000000000";
static const char comm[] = HEAD("86090200") "0002000000000000532202bc762b0000"
    "5f4400005f440000686f7374696c650a1b5b324a78797a00";
static const char uid[] = HEAD("87090200") "04000000000000003b4802bc762b0000"
    "5f4400005f44000001000000020000000000000000000000";
static const char thread[] = HEAD("88090200") "01000000000000000c4603bc762b0000"
    "5e4400005e440000604400005f4400000000000000000000";
static const char exec[] = HEAD("8b090200") "020000000000000024a03dbc762b0000"
    "614400006144000000000000000000000000000000000000";
static const char dump[] = HEAD("8d090200") "000000400000000054c444bc762b0000"
    "5f4400005f4400005e4400005e4400000000000000000000";
static const char exit_[] = HEAD("8e090200") "0000008000000000fab545bc762b0000"
    "5f4400005f44000006000000110000005e4400005e440000";

static void bytes(uint8_t p[SIZE], const char *hex)
{
	ck_assert_int_eq(hex_get(p, SIZE, hex), 0);
}

static struct proc_connector parse(const char *hex)
{
	struct proc_connector m;
	uint8_t p[SIZE];

	bytes(p, hex);
	ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), 0);
	return m;
}

START_TEST(kinds)
{
	struct proc_connector m = parse(fork_);

	ck_assert_uint_eq(m.what, PROC_CONNECTOR_FORK);
	ck_assert_uint_eq(m.parent_tgid, 0x445e);
	ck_assert_uint_eq(m.pid, 0x445f);
	ck_assert_uint_eq(m.tgid, 0x445f);
	ck_assert_uint_eq(m.mono_ns, 0x2b76bc00fc7d);
	ck_assert_uint_eq(m.seq, 0x20984);
	ck_assert_uint_eq(m.cpu, 0);
	ck_assert_uint_eq(m.numbered, 1);
	m = parse(thread);
	ck_assert_uint_eq(m.what, PROC_CONNECTOR_FORK);
	ck_assert_uint_eq(m.pid, 0x4460);
	ck_assert_uint_eq(m.tgid, 0x445f);
	ck_assert_uint_eq(parse(sid).what, PROC_CONNECTOR_SID);
	ck_assert_uint_eq(parse(sid).tgid, 0x445f);
	m = parse(comm);
	ck_assert_uint_eq(m.what, PROC_CONNECTOR_COMM);
	ck_assert_int_eq(memcmp(m.comm, "hostile\n\033[2Jxyz", 16), 0);
	m = parse(uid);
	ck_assert_uint_eq(m.what, PROC_CONNECTOR_UID);
	ck_assert_uint_eq(m.uid, 1);
	ck_assert_uint_eq(m.euid, 2);
	ck_assert_uint_eq(parse(exec).what, PROC_CONNECTOR_EXEC);
	ck_assert_uint_eq(parse(exec).tgid, 0x4461);
	ck_assert_uint_eq(parse(exit_).what, PROC_CONNECTOR_EXIT);
	ck_assert_uint_eq(parse(dump).what, PROC_CONNECTOR_OTHER);
	ck_assert_uint_eq(parse(ack).what, PROC_CONNECTOR_OTHER);
}
END_TEST

/* No start of a datagram, and no foreign one, is read as one. */
START_TEST(refused)
{
	static const size_t at[] = {4, 16, 20};
	struct proc_connector m = {.pid = 7};
	uint8_t p[SIZE];
	size_t i;

	bytes(p, fork_);
	for (i = 0; i < SIZE; i++)
		ck_assert_int_eq(proc_connector_parse(p, i, &m), E_FORMAT);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		bytes(p, fork_);
		p[at[i]] ^= 0x10;
		ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), E_FORMAT);
	}
	bytes(p, fork_);
	p[32] = 31; /* data without a child */
	ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), E_FORMAT);
	p[32] = 0xff;
	ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), E_FORMAT);
	bytes(p, fork_);
	memset(p + 60, 0, 4); /* pid 0 */
	ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), E_FORMAT);
	memset(p + 60, 0xff, 4);
	ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), E_FORMAT);
	bytes(p, fork_);
	p[42] = 0x7f; /* a cpu that no kernel has */
	ck_assert_int_eq(proc_connector_parse(p, SIZE, &m), E_FORMAT);
	ck_assert_uint_eq(m.pid, 7);
}
END_TEST

static uint32_t gap(struct proc_sequence *s, uint32_t cpu, uint32_t seq)
{
	struct proc_connector m = {.what = PROC_CONNECTOR_EXIT, .numbered = 1, .cpu = cpu, .seq = seq};

	return proc_sequence_gap(s, &m);
}

START_TEST(gaps)
{
	static struct proc_sequence s;
	struct proc_connector old = {.seq = 900, .cpu = UINT32_MAX};

	ck_assert_uint_eq(gap(&s, 0, 1000), 0); /* the first sets the counter */
	ck_assert_uint_eq(gap(&s, 0, 1001), 0);
	ck_assert_uint_eq(gap(&s, 1, 5), 0);
	ck_assert_uint_eq(gap(&s, 0, 1003), 1);
	ck_assert_uint_eq(gap(&s, 1, 5005), 4999);
	ck_assert_uint_eq(gap(&s, 0, 1004), 0);
	ck_assert_uint_eq(proc_sequence_gap(&s, &old), 0);
	ck_assert_uint_eq(gap(&s, PROC_CONNECTOR_CPUS - 1, UINT32_MAX - 1), 0);
	ck_assert_uint_eq(gap(&s, PROC_CONNECTOR_CPUS - 1, UINT32_MAX), 0);
	ck_assert_uint_eq(gap(&s, PROC_CONNECTOR_CPUS - 1, 0), 0); /* it goes round */
	ck_assert_uint_eq(gap(&s, PROC_CONNECTOR_CPUS - 1, 3), 2);
	ck_assert_uint_eq(gap(&s, PROC_CONNECTOR_CPUS - 1, 1), 0); /* backwards */
	ck_assert_uint_eq(gap(&s, PROC_CONNECTOR_CPUS - 1, 2), 0);
}
END_TEST

/* An answer to somebody's LISTEN has a number like the others. */
START_TEST(gaps_of_captured)
{
	static const char *const all[] = {ack, fork_, sid, comm, uid, thread};
	static struct proc_sequence s;
	struct proc_connector m;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		m = parse(all[i]);
		ck_assert_uint_eq(proc_sequence_gap(&s, &m), 0);
	}
	m = parse(exec);
	ck_assert_uint_eq(proc_sequence_gap(&s, &m), 2);
}
END_TEST

START_TEST(request)
{
	uint8_t p[PROC_CONNECTOR_MAX];

	ck_assert_uint_eq(proc_connector_request(p, 1), 40);
	ck_assert_uint_eq(p[0], 40);
	ck_assert_uint_eq(p[36], 1);
	ck_assert_uint_eq(proc_connector_request(p, 0), 40);
	ck_assert_uint_eq(p[36], 2);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {kinds, refused, gaps, gaps_of_captured, request};

	return suite_run("proc_connector", tests, sizeof(tests) / sizeof(tests[0]));
}
