/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "suite.h"

#define ERRS 20

static struct conf_error errs[ERRS];

static int parse(struct conf *c, const char *text)
{
	memset(errs, 0, sizeof(errs));
	return conf_parse(c, text, strlen(text), errs, ERRS);
}

static void expect_error(const char *text, unsigned line, const char *part)
{
	struct conf c;

	ck_assert_msg(parse(&c, text) == 1, "%s", text);
	ck_assert_uint_eq(errs[0].line, line);
	ck_assert_msg(strstr(errs[0].text, part) != NULL, "%s: %s", text, errs[0].text);
}

START_TEST(defaults)
{
	struct conf c;

	conf_defaults(&c);
	ck_assert_int_eq(c.input, CONF_INPUT_ECHOED);
	ck_assert_int_eq(c.acct, 1);
	ck_assert_uint_eq(c.acct_size, 16 << 20);
	ck_assert_int_eq(c.acct_lost, CONF_ACCT_RETAKE);
	ck_assert_int_eq(c.compress, 1);
	ck_assert_int_eq(c.linger, 1);
	ck_assert_uint_eq(c.max_sessions, 9000);
	ck_assert_int_eq(c.away, CONF_AWAY_SPOOL);
	ck_assert_uint_eq(c.spool_size, 16 << 20);
	ck_assert_uint_eq(c.spool_user, 1 << 30);
	ck_assert_int_eq(c.full_action, CONF_FULL_FREEZE);
	ck_assert_uint_eq(c.freeze_limit, 0);
	ck_assert_str_eq(c.notice, "");
	ck_assert_uint_eq(c.evidence_ms, 20);
	ck_assert_uint_eq(c.sync_ms, 100);
	ck_assert_uint_eq(c.space_left, CONF_PERCENT | 5);
	ck_assert_int_eq(c.space_left_action, CONF_SPACE_SYSLOG);
	ck_assert_uint_eq(c.user_quota, CONF_PERCENT | 25);
	ck_assert_uint_eq(c.session_rate, 6000);
	ck_assert_str_eq(c.reviewers, "");
	ck_assert_str_eq(c.witness_policy, "");
	ck_assert_int_eq(c.checkpoint_syslog, 1);
	ck_assert_int_eq(c.process_events, 1);
	ck_assert_int_eq(c.process_args, 1);
	ck_assert_int_eq(c.process_syslog, 0);
	ck_assert_str_eq(c.auditors, "");
	ck_assert_uint_eq(c.retention, 0);
	ck_assert_str_eq(c.metrics_file, "");
	ck_assert_uint_eq(c.metrics_every, 15);
}
END_TEST

START_TEST(space)
{
	char out[CONF_DUMP_MAX];
	struct conf c;

	ck_assert_int_eq(parse(&c, "space_left = 100M\nspace_left_action = freeze\n"
	    "user_quota = 0%\nsession_rate = 0\n"
	    "witness_policy = /etc/witnesses\ncheckpoint_syslog = no\n"
	    "process_events = no\nprocess_args = no\nprocess_syslog = yes\n"
	    "auditors = log-readers\nretention = 90\nreviewers = /etc/reviewers\n"
	    "metrics_file = /run/shellac.prom\nmetrics_every = 1\n"), 0);
	ck_assert_uint_eq(c.space_left, 100 << 20);
	ck_assert_int_eq(c.space_left_action, CONF_SPACE_FREEZE);
	ck_assert_uint_eq(c.user_quota, CONF_PERCENT);
	ck_assert_uint_eq(c.session_rate, 0);
	ck_assert_str_eq(c.reviewers, "/etc/reviewers");
	ck_assert_str_eq(c.witness_policy, "/etc/witnesses");
	ck_assert_int_eq(c.checkpoint_syslog, 0);
	ck_assert_int_eq(c.process_events, 0);
	ck_assert_int_eq(c.process_args, 0);
	ck_assert_int_eq(c.process_syslog, 1);
	ck_assert_str_eq(c.auditors, "log-readers");
	ck_assert_uint_eq(c.retention, 90);
	ck_assert_str_eq(c.metrics_file, "/run/shellac.prom");
	ck_assert_uint_eq(c.metrics_every, 1);
	conf_dump(&c, out, sizeof(out));
	ck_assert_ptr_nonnull(strstr(out, "\nspace_left = 104857600\n"));
	ck_assert_ptr_nonnull(strstr(out, "\nuser_quota = 0%\n"));
	ck_assert_int_eq(parse(&c, "space_left = 100%\nuser_quota = 1048576G\n"), 0);
	ck_assert_uint_eq(c.user_quota, UINT64_C(1) << 50);
	ck_assert_uint_eq(conf_space(c.space_left, 12345), 12345);
	ck_assert_uint_eq(conf_space(c.user_quota, 12345), UINT64_C(1) << 50);
	ck_assert_uint_eq(conf_space(CONF_PERCENT | 7, 1999), 139);
	ck_assert_uint_eq(conf_space(CONF_PERCENT | 100, UINT64_MAX), UINT64_MAX);
	expect_error("space_left = 101%", 1, "or 0% to 100%");
	expect_error("space_left = 5%%", 1, "space_left");
	expect_error("space_left = 5M%", 1, "space_left");
	expect_error("space_left = 1048577G", 1, "space_left");
	expect_error("space_left = 1125899906842624G", 1, "space_left");
	expect_error("session_rate = 5%", 1, "session_rate");
	expect_error("retention = 36501", 1, "retention");
	expect_error("retention = 90K", 1, "retention");
	expect_error("auditors = ", 1, "group");
	expect_error("auditors = -a", 1, "group");
	expect_error("auditors = a b", 1, "group");
	expect_error("auditors = 123456789012345678901234567890123", 1, "group");
	expect_error("space_left_action = halt", 1, "syslog, refuse-new or freeze");
}
END_TEST

START_TEST(every_key)
{
	struct conf c;

	ck_assert_int_eq(parse(&c, "# all\n\ninput = none\r\n acct=off\nacct_size\t= 64K\n"
	    "compress = no\nlinger = no\nmax_sessions = 100000\nsync_ms = 0"), 0);
	ck_assert_int_eq(c.input, CONF_INPUT_NONE);
	ck_assert_int_eq(c.acct, 0);
	ck_assert_uint_eq(c.acct_size, 65536);
	ck_assert_int_eq(c.compress, 0);
	ck_assert_int_eq(c.linger, 0);
	ck_assert_uint_eq(c.max_sessions, 100000);
	ck_assert_uint_eq(c.sync_ms, 0);
	ck_assert_int_eq(parse(&c, "away = strict\nspool_size = 2M\nspool_user = 1024G\n"
	    "full_action = gap\nfreeze_limit = 604800\n"), 0);
	ck_assert_int_eq(c.away, CONF_AWAY_STRICT);
	ck_assert_uint_eq(c.spool_size, 2 << 20);
	ck_assert_uint_eq(c.spool_user, UINT64_C(1) << 40);
	ck_assert_int_eq(c.full_action, CONF_FULL_GAP);
	ck_assert_uint_eq(c.freeze_limit, 604800);
	ck_assert_int_eq(parse(&c, "input = all\nacct_size = 1G\nacct_lost = leave\n"), 0);
	ck_assert_int_eq(c.acct_lost, CONF_ACCT_LEAVE);
	ck_assert_int_eq(c.input, CONF_INPUT_ALL);
	ck_assert_uint_eq(c.acct_size, 1 << 30);
	ck_assert_int_eq(c.acct, 1);
}
END_TEST

START_TEST(bad_values)
{
	expect_error("input = loud", 1, "echoed, all or none");
	expect_error("\nacct = yes", 2, "off or own");
	expect_error("acct_size = 65535", 1, "65536 to 1073741824");
	expect_error("acct_size = 2G", 1, "acct_size");
	expect_error("acct_size = 1k", 1, "K, M or G");
	expect_error("acct_size = 1MB", 1, "K, M or G");
	expect_error("acct_size = 18446744073709551617", 1, "acct_size");
	expect_error("spool_user = 1099511627776G", 1, "spool_user");
	expect_error("max_sessions = 0", 1, "1 to 100000");
	expect_error("max_sessions = 1K", 1, "max_sessions");
	expect_error("sync_ms = 1001", 1, "0 to 1000");
	expect_error("notice = motd", 1, "absolute path");
	expect_error("notice =", 1, "absolute path");
	expect_error("notice = /\xc3\xa4", 1, "ASCII");
	expect_error("evidence_ms = 1001", 1, "0 to 1000");
	expect_error("sync_ms = -1", 1, "sync_ms");
	expect_error("sync_ms =", 1, "sync_ms");
	expect_error("compress = Yes", 1, "no or yes");
}
END_TEST

START_TEST(bad_lines)
{
	char text[1100];
	struct conf c;

	expect_error("colour = red", 1, "'colour' is not a key");
	expect_error("= red", 1, "'' is not a key");
	expect_error("input", 1, "key = value");
	expect_error("sync_ms = 1\nsync_ms = 1", 2, "line 1");
	expect_error("a\x1b[31m\xc3\xa9 = 1", 1, "a\\x1b[31m??");
	ck_assert_int_eq(conf_parse(&c, "sync_ms = 1\0", 12, errs, ERRS), 1);
	ck_assert_ptr_nonnull(strstr(errs[0].text, "zero byte"));
	memset(text, '#', sizeof(text));
	ck_assert_int_eq(conf_parse(&c, text, 1023, errs, ERRS), 0);
	ck_assert_int_eq(conf_parse(&c, text, 1024, errs, ERRS), 1);
	ck_assert_ptr_nonnull(strstr(errs[0].text, "1023"));
}
END_TEST

START_TEST(all_errors_at_once_and_nothing_taken)
{
	struct conf c;

	memset(&c, 0x55, sizeof(c));
	ck_assert_int_eq(parse(&c, "input = x\nsync_ms = 5\ncolour = x\n\nacct = x\n"), 3);
	ck_assert_uint_eq(errs[0].line, 1);
	ck_assert_uint_eq(errs[1].line, 3);
	ck_assert_uint_eq(errs[2].line, 5);
	ck_assert_uint_eq(c.sync_ms, 0x55555555);
	ck_assert_int_eq(conf_parse(&c, "a\nb\nc\n", 6, errs, 2), 2);
}
END_TEST

START_TEST(paths)
{
	char line[400] = "notice = /", out[CONF_DUMP_MAX];
	struct conf c;

	ck_assert_int_eq(parse(&c, "notice = /etc/shellac/a notice = b \n"), 0);
	ck_assert_str_eq(c.notice, "/etc/shellac/a notice = b");
	conf_dump(&c, out, sizeof(out));
	ck_assert_ptr_nonnull(strstr(out, "\nnotice = /etc/shellac/a notice = b\n"));
	ck_assert_int_eq(parse(&c, "notice = none"), 0);
	ck_assert_str_eq(c.notice, "");
	memset(line + 10, 'x', CONF_PATH_MAX - 1);
	ck_assert_int_eq(parse(&c, line), 0);
	ck_assert_uint_eq(strlen(c.notice), CONF_PATH_MAX);
	line[10 + CONF_PATH_MAX - 1] = 'x';
	expect_error(line, 1, "at most 255");
}
END_TEST

START_TEST(dump)
{
	static const char want[] = "input = echoed\nacct = own\nacct_size = 16777216\n"
	    "acct_lost = retake\nprocess_events = yes\nprocess_args = yes\nprocess_syslog = no\nwatch = none\ncompress = yes\nlinger = yes\nmax_sessions = 9000\naway = spool\n"
	    "spool_size = 16777216\nspool_user = 1073741824\nfull_action = freeze\n"
	    "freeze_limit = 0\nnotice = none\nevidence_ms = 20\nsync_ms = 100\nepoch_s = 60\n"
	    "space_left = 5%\nspace_left_action = syslog\nuser_quota = 25%\n"
	    "auditors = none\nretention = 0\n"
	    "purge_approvers = none\nreviewers = none\nsession_rate = 6000\nwitness_policy = none\ncheckpoint_syslog = yes\n"
	    "metrics_file = none\nmetrics_every = 15\n";
	char out[CONF_DUMP_MAX], cut[20];
	struct conf c;

	conf_defaults(&c);
	ck_assert_uint_eq(conf_dump(&c, out, sizeof(out)), sizeof(want) - 1);
	ck_assert_str_eq(out, want);
	ck_assert_uint_eq(conf_dump(&c, cut, sizeof(cut)), sizeof(cut) - 1);
	ck_assert_str_eq(cut, "input = echoed\nacct");
}
END_TEST

START_TEST(table)
{
	char line[100];
	struct conf c;
	unsigned i;

	for (i = 0; conf_key_name(i) != NULL; i++) {
		snprintf(line, sizeof(line), "%s = %s", conf_key_name(i), conf_key_default(i));
		ck_assert_msg(parse(&c, line) == 0, "%s", line);
		ck_assert(strlen(conf_key_help(i)) > 10);
	}
	ck_assert_uint_eq(i, 32);
	ck_assert_ptr_null(conf_key_default(i));
	ck_assert_ptr_null(conf_key_help(i));
}
END_TEST

START_TEST(load)
{
	char name[] = "/tmp/test_conf.XXXXXX";
	int fd = mkstemp(name);
	struct conf c;

	ck_assert_int_eq(write(fd, "sync_ms = 3\n", 12), 12);
	close(fd);
	ck_assert_int_eq(conf_load(&c, name, errs, ERRS), 0);
	ck_assert_uint_eq(c.sync_ms, 3);
	unlink(name);
	ck_assert_int_eq(conf_load(&c, name, errs, ERRS), 0);
	ck_assert_uint_eq(c.sync_ms, 100);
	ck_assert_int_eq(conf_load(&c, "/tmp", errs, ERRS), -EISDIR);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { defaults, every_key, space, bad_values, bad_lines,
		all_errors_at_once_and_nothing_taken, paths, dump, table, load };

	return suite_run("conf", tests, sizeof(tests) / sizeof(tests[0]));
}
