/* SPDX-License-Identifier: ISC */
#include "proc_connector.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>

#include "err.h"

/* Values that are an enum inside of struct proc_event up to Linux 6.6, outside later. */
#define WHAT_FORK UINT32_C(0x1)
#define WHAT_EXEC UINT32_C(0x2)
#define WHAT_UID UINT32_C(0x4)
#define WHAT_SID UINT32_C(0x80)
#define WHAT_COMM UINT32_C(0x200)
#define WHAT_EXIT UINT32_C(0x80000000)

#define NO_CPU UINT32_MAX
#define EVENT_AT 16 /* of its data in struct proc_event, behind what, cpu, time stamp */

/* The words of each kind's data that are taken, and the bytes that it has at least. */
static const struct kind {
	uint32_t what;
	uint8_t is;
	uint8_t pid, tgid; /* places of words */
	uint8_t size;
} kinds[] = {
	{WHAT_FORK, PROC_CONNECTOR_FORK, 2, 3, 16},
	{WHAT_EXEC, PROC_CONNECTOR_EXEC, 0, 1, 8},
	{WHAT_UID, PROC_CONNECTOR_UID, 0, 1, 16},
	{WHAT_SID, PROC_CONNECTOR_SID, 0, 1, 8},
	{WHAT_COMM, PROC_CONNECTOR_COMM, 0, 1, 8 + ACCT_COMM},
	{WHAT_EXIT, PROC_CONNECTOR_EXIT, 0, 1, 8},
};

static uint32_t word(const uint8_t *p, size_t i)
{
	uint32_t v;

	memcpy(&v, p + 4 * i, sizeof(v));
	return v;
}

static const struct kind *find_kind(uint32_t what)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].what == what)
			return &kinds[i];
	return NULL;
}

/* len bytes of a struct proc_event. */
static int parse_event(const uint8_t *p, size_t len, struct proc_connector *m)
{
	const uint8_t *data = p + EVENT_AT;
	const struct kind *k;

	if (len < EVENT_AT)
		return E_FORMAT;
	m->cpu = word(p, 1);
	memcpy(&m->mono_ns, p + 8, sizeof(m->mono_ns));
	m->numbered = m->cpu != NO_CPU;
	if (m->numbered && m->cpu >= PROC_CONNECTOR_CPUS)
		return E_FORMAT;
	k = find_kind(word(p, 0));
	if (k == NULL)
		return 0;
	if (len - EVENT_AT < k->size)
		return E_FORMAT;
	m->what = k->is;
	m->pid = word(data, k->pid);
	m->tgid = word(data, k->tgid);
	if (m->pid == 0 || m->pid > INT32_MAX || m->tgid == 0 || m->tgid > INT32_MAX)
		return E_FORMAT;
	if (m->what == PROC_CONNECTOR_FORK)
		m->parent_tgid = word(data, 1);
	if (m->what == PROC_CONNECTOR_UID) {
		m->uid = word(data, 2);
		m->euid = word(data, 3);
	}
	if (m->what == PROC_CONNECTOR_COMM)
		memcpy(m->comm, data + 8, sizeof(m->comm));
	return 0;
}

int proc_connector_parse(const uint8_t *p, size_t len, struct proc_connector *out)
{
	struct proc_connector m = {.what = PROC_CONNECTOR_OTHER};
	struct nlmsghdr nl;
	struct cn_msg cn;
	int r;

	if (len < sizeof(nl) + sizeof(cn))
		return E_FORMAT;
	memcpy(&nl, p, sizeof(nl));
	memcpy(&cn, p + sizeof(nl), sizeof(cn));
	if (nl.nlmsg_type != NLMSG_DONE || nl.nlmsg_len > len ||
	    nl.nlmsg_len < sizeof(nl) + sizeof(cn) || cn.id.idx != CN_IDX_PROC ||
	    cn.id.val != CN_VAL_PROC || cn.len > nl.nlmsg_len - sizeof(nl) - sizeof(cn))
		return E_FORMAT;
	m.seq = cn.seq;
	r = parse_event(p + sizeof(nl) + sizeof(cn), cn.len, &m);
	if (r == 0)
		*out = m;
	return r;
}

size_t proc_connector_request(uint8_t p[PROC_CONNECTOR_MAX], int listen)
{
	const uint32_t op = listen ? PROC_CN_MCAST_LISTEN : PROC_CN_MCAST_IGNORE;
	struct cn_msg cn = {.id = {CN_IDX_PROC, CN_VAL_PROC}, .len = sizeof(op)};
	struct nlmsghdr nl = {.nlmsg_type = NLMSG_DONE,
		.nlmsg_len = sizeof(nl) + sizeof(cn) + sizeof(op)};

	memcpy(p, &nl, sizeof(nl));
	memcpy(p + sizeof(nl), &cn, sizeof(cn));
	memcpy(p + sizeof(nl) + sizeof(cn), &op, sizeof(op));
	return nl.nlmsg_len;
}

uint32_t proc_sequence_gap(struct proc_sequence *s, const struct proc_connector *m)
{
	uint32_t missing;

	if (!m->numbered)
		return 0;
	missing = s->known[m->cpu] ? m->seq - s->next[m->cpu] : 0;
	s->known[m->cpu] = 1;
	s->next[m->cpu] = m->seq + 1;
	/* counted backwards: the counter began anew */
	return missing > INT32_MAX ? 0 : missing;
}
