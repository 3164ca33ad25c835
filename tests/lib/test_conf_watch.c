/* SPDX-License-Identifier: ISC */
#include "conf_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "suite.h"

static void becomes(const char *text, const char *want)
{
	char out[CONF_WATCH_TEXT];
	struct conf_watch w;

	ck_assert_int_eq(conf_watch_parse(&w, text), 1);
	ck_assert_str_eq(conf_watch_format(out, &w), want);
}

START_TEST(good)
{
	becomes("ssh sshd", "ssh sshd grace 10");
	becomes("ssh\tsshd  user root   grace 0", "ssh sshd user root grace 0");
	becomes("ssh sshd grace 86400 user 0", "ssh sshd user 0 grace 86400");
	becomes("a.b-C_9 (sd-pam)", "a.b-C_9 (sd-pam) grace 10");
	becomes("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn ccccccccccccccc user "
	    "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu grace 86400",
	    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn ccccccccccccccc user "
	    "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu grace 86400");
}
END_TEST

START_TEST(bad)
{
	static const char *const texts[] = {"", "ssh", "ssh cccccccccccccccc",
		"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn c", "s/h sshd", "ssh ss\303\244", "ssh sshd user",
		"ssh sshd user a/b", "ssh sshd user uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu",
		"ssh sshd grace", "ssh sshd grace 86401", "ssh sshd grace -1", "ssh sshd grace 01",
		"ssh sshd user a user b", "ssh sshd grace 1 grace 1", "ssh sshd root",
		"ssh sshd user root x", "ssh sshd \033[2J"};
	struct conf_watch w = {.grace_s = 99};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(conf_watch_parse(&w, texts[i]) == 0, "%s", texts[i]);
	ck_assert_uint_eq(w.grace_s, 99);
}
END_TEST

/* The key may stand several times, each name once; what was read is written as that. */
START_TEST(several)
{
	static char text[8192], out[CONF_DUMP_MAX];
	struct conf_error e;
	struct conf c, again;
	unsigned i;

	ck_assert_int_eq(conf_parse(&c, "watch = a x\nwatch = none\nwatch = b y\n", 36, &e, 1), 0);
	ck_assert_uint_eq(c.watches, 2);
	ck_assert_str_eq(c.watch[1].command, "y");
	ck_assert_int_eq(conf_parse(&c, "watch = a x\nwatch = a y\n", 24, &e, 1), 1);
	ck_assert_uint_eq(e.line, 2);
	for (i = 0; i <= CONF_WATCH_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "watch = nnnnnnnnnnnnnnnnnnnnnnnnn%u "
		    "ccccccccccccccc user uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu grace 86400\n", 10 + i);
	ck_assert_int_eq(conf_parse(&c, text, strlen(text), &e, 1), 1);
	ck_assert_uint_eq(e.line, CONF_WATCH_MAX + 1);
	*strrchr(text, 'w') = '\0';
	ck_assert_int_eq(conf_parse(&c, text, strlen(text), &e, 1), 0);
	ck_assert_uint_eq(c.watches, CONF_WATCH_MAX);
	conf_dump(&c, out, sizeof(out));
	ck_assert_int_eq(conf_parse(&again, out, strlen(out), &e, 1), 0);
	ck_assert_int_eq(memcmp(again.watch, c.watch, sizeof(c.watch)), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {good, bad, several};

	return suite_run("conf_watch", tests, sizeof(tests) / sizeof(tests[0]));
}
