/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/input/lines.h"
#include "../../plugins/input/parse.h"
#include "../lib/suite.h"

static json_t *read_line(enum parse_format format, const char *line, size_t len)
{
	char *text = parse_line(format, line, len, 0);
	json_t *json;

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_le(strlen(text), PARSE_EVENT_MAX);
	ck_assert_ptr_null(strchr(text, '\n'));
	json = json_loads(text, 0, NULL);
	ck_assert_msg(json_is_object(json), "%s", text);
	free(text);
	return json;
}

/* FIELD=VALUE, each behind a tab: what has to be in the event. */
static void has(json_t *event, const char *wanted)
{
	char *text = strdup(wanted), *save = NULL, *field;

	for (field = strtok_r(text, "\t", &save); field != NULL; field = strtok_r(NULL, "\t", &save)) {
		char *value = strchr(field, '='), *save_name = NULL, *name;
		const json_t *j = event;
		char number[32];

		*value++ = '\0';
		for (name = strtok_r(field, ".", &save_name); name != NULL;
		    name = strtok_r(NULL, ".", &save_name))
			j = json_object_get(j, name);
		if (json_is_array(j))
			j = json_array_get(j, 0);
		if (strcmp(value, "NONE") == 0) {
			ck_assert_msg(j == NULL, "%s", wanted);
			continue;
		}
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(j));
		ck_assert_msg(j != NULL, "nothing for %s in %s", value, wanted);
		ck_assert_str_eq(json_is_integer(j) ? number : json_is_true(j) ? "true" :
		    json_string_value(j), value);
	}
	free(text);
}

static const struct {
	enum parse_format format;
	const char *line, *wanted;
} lines[] = {
	{ PARSE_NFTABLES, "Nov 22 08:00:00 db1 kernel: [ 1234.567890] ssh drop: IN=eth0 OUT= "
	    "MAC=52:54:00:12:34:56:0a:00:27:00:00:01:08:00 SRC=192.0.2.7 DST=198.51.100.1 LEN=60 TOS=0x00 "
	    "PREC=0x00 TTL=63 ID=4242 DF PROTO=TCP SPT=50222 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0",
	    "event.action=packet\tevent.category=network\tsource.ip=192.0.2.7\tsource.port=50222\t"
	    "destination.ip=198.51.100.1\tdestination.port=22\tnetwork.transport=tcp\tnetwork.type=ipv4\t"
	    "observer.ingress.interface.name=eth0\tobserver.egress=NONE\trule.name=ssh drop\t"
	    "destination.mac=52-54-00-12-34-56\tsource.mac=0A-00-27-00-00-01\tnetfilter.TTL=63\t"
	    "netfilter.SYN=1\tnetfilter.DF=1\tunparsed=NONE" },
	{ PARSE_NFTABLES, "IN= OUT=lo SRC=0000:0000:0000:0000:0000:0000:0000:0001 "
	    "DST=0000:0000:0000:0000:0000:0000:0000:0001 LEN=64 TC=0 HOPLIMIT=64 FLOWLBL=1 PROTO=ICMPv6 "
	    "TYPE=128 CODE=0 ID=1 SEQ=1",
	    "network.type=ipv6\tnetwork.transport=ipv6-icmp\tobserver.egress.interface.name=lo\t"
	    "source.port=NONE\trule=NONE\tnetfilter.TYPE=128" },
	{ PARSE_NFTABLES, "odd IN= LOGIN=x pre IN=eth1 OUT=eth2 SRC=not.an.ip DST=1.2.3.4 PROTO=47 SPT=99999 "
	    "DPT=-1 X= [SRC=9.9.9.9 DST=8.8.8.8 ]",
	    "source=NONE\tdestination.ip=1.2.3.4\tnetwork.iana_number=47\tdestination.port=NONE\t"
	    "observer.ingress.interface.name=eth1\trule.name=odd IN= LOGIN=x pre" },
	{ PARSE_NFTABLES, "nothing of a packet", "message=nothing of a packet\tunparsed=true\tevent=NONE" },
	{ PARSE_NFTABLES, "trace id 5e0a4b1c inet filter input packet: iif \"eth0\" ether saddr 52:54:00:12:34:56 "
	    "ip saddr 192.0.2.7 ip daddr 198.51.100.1 ip protocol tcp tcp sport 50222 tcp dport 22",
	    "event.action=packet-trace\ttrace.id=5e0a4b1c\tsource.ip=192.0.2.7\tsource.port=50222\t"
	    "destination.ip=198.51.100.1\tdestination.port=22\tnetwork.transport=tcp\t"
	    "observer.ingress.interface.name=eth0" },
	{ PARSE_NFTABLES, "trace id 5e0a4b1c inet filter input rule tcp dport 22 drop (verdict drop)",
	    "trace.verdict=drop\tdestination.port=22" },
	{ PARSE_AUDIT, "type=SYSCALL msg=audit(1795000000.123:4711): arch=c000003e syscall=59 success=yes exit=0 "
	    "a0=55d0 a1=1 items=2 ppid=100 pid=101 auid=1000 uid=0 gid=0 euid=0 ses=3 tty=pts3 "
	    "comm=\"cat\" exe=\"/usr/bin/cat\" subj=unconfined key=\"shadow\"",
	    "event.code=SYSCALL\tevent.action=audit-syscall\tevent.start=2026-11-18T11:06:40.123000000Z\t"
	    "audit.serial=4711\tprocess.pid=101\tprocess.parent.pid=100\tuser.id=0\taudit.auid=1000\t"
	    "process.name=cat\tprocess.executable=/usr/bin/cat\tevent.outcome=success\taudit.a0=55d0\t"
	    "audit.key=shadow" },
	{ PARSE_AUDIT, "type=EXECVE msg=audit(1795000000.123:4711): argc=2 a0=\"ls\" a1=2F746D702F612062",
	    "audit.a0=ls\taudit.a1=/tmp/a b" },
	{ PARSE_AUDIT, "type=PROCTITLE msg=audit(1795000000.123:4711): proctitle=6C73002D6C00",
	    "process.title=ls -l " },
	{ PARSE_AUDIT, "node=db1 type=USER_LOGIN msg=audit(1795000000.123:9): pid=7 uid=0 auid=4294967295 "
	    "ses=4294967295 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.7 "
	    "terminal=ssh res=failed'",
	    "audit.op=login\tuser.target.name=root\tevent.outcome=failure\taudit.addr=192.0.2.7\t"
	    "process.executable=/usr/sbin/sshd\tprocess.pid=7" },
	{ PARSE_AUDIT, "type=CWD msg=audit(17950000001795000000.123:4711): cwd=\"/root\"",
	    "unparsed=true" },
	{ PARSE_AUDIT, "type=X msg=audit(", "unparsed=true" },
	{ PARSE_AUDIT, "hello", "message=hello\tunparsed=true" },
	{ PARSE_TEXT, "a \x1b[31m line\xff", "message=a \x1b[31m line\xef\xbf\xbd\tunparsed=NONE" },
	{ PARSE_JSON, "{\"event\":{\"action\":\"x\"},\"n\":1}", "event.action=x\tn=1\tmessage=NONE" },
	{ PARSE_JSON, "[1]", "message=[1]\tunparsed=true" },
	{ PARSE_JSON, "{\"a\":1,\"a\":2}", "unparsed=true" },
};

START_TEST(formats)
{
	json_t *event = read_line(lines[_i].format, lines[_i].line, strlen(lines[_i].line));

	has(event, lines[_i].wanted);
	json_decref(event);
}
END_TEST

/* The longest lines, of what becomes longer as JSON, too. */
START_TEST(long_lines)
{
	static char line[LINE_MAX_BYTES];
	json_t *event;

	for (int format = PARSE_TEXT; format <= PARSE_AUDIT; format++) {
		memset(line, 'x', sizeof(line));
		json_decref(read_line((enum parse_format)format, line, sizeof(line)));
		memset(line, 0x01, sizeof(line));
		event = read_line((enum parse_format)format, line, sizeof(line));
		has(event, "truncated=true");
		json_decref(event);
	}
	for (size_t i = 0; i + 4 <= sizeof(line); i += 4)
		memcpy(line + i, "A=1 ", 4);
	memcpy(line, "IN=a OUT=b ", 11);
	json_decref(read_line(PARSE_NFTABLES, line, sizeof(line)));
	ck_assert_ptr_nonnull(event = json_loads("{}", 0, NULL));
	json_decref(event);
}
END_TEST

static char got_text[256];

static void got(void *ctx, const char *text, size_t len, size_t left_out, size_t end)
{
	size_t n = strlen(got_text);

	(void)ctx;
	snprintf(got_text + n, sizeof(got_text) - n, "%.*s/%zu/%zu|", (int)(len < 20 ? len : 20), text,
	    left_out, end);
}

START_TEST(pieces)
{
	static struct lines l;
	static char big[LINE_MAX_BYTES + 10];

	lines_take(&l, "one\r\ntw", 7, got, NULL);
	lines_take(&l, "o\n\n\nthree\0four", 14, got, NULL);
	ck_assert_str_eq(got_text, "one/0/5|two/0/2|three/0/10|");
	lines_end(&l, got, NULL);
	ck_assert_str_eq(got_text, "one/0/5|two/0/2|three/0/10|four/0/0|");
	got_text[0] = '\0';
	lines_end(&l, got, NULL);
	memset(big, 'x', sizeof(big));
	lines_take(&l, big, sizeof(big), got, NULL);
	lines_take(&l, "y\nz\n", 4, got, NULL);
	ck_assert_str_eq(got_text, "xxxxxxxxxxxxxxxxxxxx/11/2|z/0/4|");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("input_parse");

	tcase_add_loop_test(t, formats, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(t, long_lines);
	tcase_add_test(t, pieces);
	return suite_run_case("input_parse", t);
}
