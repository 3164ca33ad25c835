/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin_conf.h"
#include "scratch.h"
#include "suite.h"

#define GOOD "active = yes\npath = /bin/cat\n"

static struct plugin_conf conf;
static struct conf_error errs[8];

static int parse(const char *text)
{
	return plugin_conf_parse(&conf, "x", text, strlen(text), errs, 8);
}

/* One error, in that line, that says this. */
static void refuse(const char *text, unsigned line, const char *says)
{
	ck_assert_msg(parse(text) >= 1, "taken: %s", text);
	ck_assert_msg(errs[0].line == line && strstr(errs[0].text, says) != NULL, "%s: %u: %s", text,
	    errs[0].line, errs[0].text);
}

START_TEST(defaults)
{
	ck_assert_int_eq(parse("\n# a plugin\n" GOOD), 0);
	ck_assert_int_eq(conf.active, 1);
	ck_assert_int_eq(conf.direction, PLUGIN_OUT);
	ck_assert_int_eq(conf.format, PLUGIN_JSON);
	ck_assert_str_eq(conf.path, "/bin/cat");
	ck_assert_str_eq(conf.user, PLUGIN_USER);
	ck_assert_uint_eq(conf.queue_depth, 10000);
	ck_assert_int_eq(conf.overflow, PLUGIN_IGNORE);
	ck_assert_int_eq(conf.acks, 1);
	ck_assert_uint_eq(conf.actions, 0);
	ck_assert_uint_eq(conf.args.count, 0);
}
END_TEST

START_TEST(everything)
{
	const char *argv[PLUGIN_WORDS_MAX + 1];

	ck_assert_int_eq(parse("active=no\r\n direction\t= both\npath = /a/b\nargs = a 'b c' \"d \\\" e\" "
	    "f\\ g ''\nformat = chunk\nuser = ann\nqueue_depth = 7\noverflow_action = block\nacks = no\n"
	    "type = always\nactions = run-hook hang-up\nhook one = /x y z\nhook two = /z\n"), 0);
	ck_assert_int_eq(conf.active, 0);
	ck_assert_int_eq(conf.direction, PLUGIN_BOTH);
	ck_assert_int_eq(conf.overflow, PLUGIN_BLOCK);
	ck_assert_uint_eq(conf.actions, PLUGIN_RUN_HOOK | PLUGIN_HANG_UP);
	ck_assert_uint_eq(plugin_words_argv(&conf.args, argv), 5);
	ck_assert_str_eq(argv[1], "b c");
	ck_assert_str_eq(argv[2], "d \" e");
	ck_assert_str_eq(argv[3], "f g");
	ck_assert_str_eq(argv[4], "");
	ck_assert_uint_eq(conf.hooks, 2);
	ck_assert_str_eq(conf.hook[0].path, "/x");
	ck_assert_uint_eq(conf.hook[0].args.count, 2);
}
END_TEST

START_TEST(wrongness)
{
	static char text[PLUGIN_LINE_MAX + 100];

	refuse(GOOD "colour = red\n", 3, "'colour' is not a key");
	refuse(GOOD "user =\n", 3, "no value");
	refuse("active = yes no\npath = /bin/cat\n", 1, "write yes or no");
	refuse("active = yes\npath = /bin/cat -u\n", 2, "one absolute path");
	refuse("active = yes\npath = cat\n", 2, "absolute");
	refuse(GOOD "active = yes\n", 3, "already set in line 1");
	refuse(GOOD "queue_depth = many\n", 3, "number of events");
	refuse(GOOD "queue_depth = 0\n", 3, "number of events");
	refuse(GOOD "user = -x\n", 3, "name of a user");
	refuse(GOOD "direction = up\n", 3, "out, in or both");
	refuse(GOOD "type = builtin\n", 3, "always");
	refuse(GOOD "overflow_action = halt\n", 3, "ignore, syslog");
	refuse(GOOD "actions = reboot\n", 3, "refuse-new");
	refuse(GOOD "args = 'a\n", 3, "quote");
	refuse(GOOD "args = a\\\n", 3, "backslash");
	refuse(GOOD "nothing\n", 3, "key = value");
	refuse(GOOD "\x01\n", 3, "control character");
	refuse(GOOD "acks = yes", 3, "no end");
	refuse(GOOD "actions = run-hook\n", 3, "no hook");
	refuse(GOOD "hook a = /b\n", 3, "nobody may run it");
	refuse(GOOD "actions = run-hook\nhook a = b\n", 4, "absolute");
	refuse("path = /bin/cat\n", 0, "active is missing");
	refuse("active = yes\n", 0, "path is missing");
	snprintf(text, sizeof(text), GOOD "args = %0*d\n", PLUGIN_LINE_MAX, 0);
	refuse(text, 3, "longer than");
}
END_TEST

START_TEST(names)
{
	char name[PLUGIN_NAME_MAX + 1];

	ck_assert_int_eq(plugin_conf_name(name, "a-b_9.conf"), 1);
	ck_assert_str_eq(name, "a-b_9");
	ck_assert_int_eq(plugin_conf_name(name, "README"), 0);
	ck_assert_int_eq(plugin_conf_name(name, "a.conf.dpkg-new"), 0);
	ck_assert_int_eq(plugin_conf_name(name, ".conf"), -1);
	ck_assert_int_eq(plugin_conf_name(name, ".a.conf"), -1);
	ck_assert_int_eq(plugin_conf_name(name, "a.b.conf"), -1);
	ck_assert_int_eq(plugin_conf_name(name, "a b.conf"), -1);
	ck_assert_int_eq(plugin_conf_name(name, "a12345678901234567890123456789012.conf"), -1);
}
END_TEST

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
}

static unsigned said, passed_over;
static char last[8192];

static void say(int wrong, const char *line)
{
	said += wrong != 0;
	passed_over += wrong == 0;
	snprintf(last, sizeof(last), "%s", line);
}

static void load_one_wrong(const char *says)
{
	struct plugin_set set;

	ck_assert_int_eq(plugin_set_load(&set, "p", 1), 0);
	ck_assert_uint_eq(set.wrong, 1);
	ck_assert_uint_eq(plugin_set_active(&set), 1);
	ck_assert_ptr_nonnull(plugin_set_find(&set, "good"));
	plugin_set_say(&set, say);
	ck_assert_msg(strstr(last, says) != NULL && strncmp(last, "p/bad.conf", 10) == 0, "%s", last);
	plugin_set_release(&set);
	remove("p/bad.conf");
}

/* One that is wrong takes none of the others with it. */
START_TEST(folder)
{
	static char big[PLUGIN_FILE_MAX + 2];

	scratch_enter();
	ck_assert_int_eq(mkdir("p", 0755), 0);
	write_file("p/good.conf", GOOD, 0644);
	write_file("p/bad.conf", "active = yes\n", 0644);
	load_one_wrong("path is missing");
	write_file("p/bad.conf", GOOD, 0664);
	load_one_wrong("others may write");
	ck_assert_int_eq(symlink("good.conf", "p/bad.conf"), 0);
	load_one_wrong("link");
	ck_assert_int_eq(mkdir("p/bad.conf", 0755), 0);
	load_one_wrong("regular");
	ck_assert_int_eq(mkfifo("p/bad.conf", 0644), 0);
	load_one_wrong("regular");
	memset(big, '#', sizeof(big) - 1);
	write_file("p/bad.conf", big, 0644);
	load_one_wrong("longer");
	write_file("p/bad.conf", "active = yes\npath = /nowhere/at/all\n", 0644);
	load_one_wrong("no such program");
	write_file("p/bad.conf", "active = yes\npath = /etc/passwd\n", 0644);
	load_one_wrong("chmod a+x");
	write_file("p/bad.conf", GOOD "user = nobody-of-this-name\n", 0644);
	load_one_wrong("no user");
	if (geteuid() == 0) {
		write_file("p/bad.conf", GOOD, 0644);
		ck_assert_int_eq(chown("p/bad.conf", 12345, 12345), 0);
		load_one_wrong("chown root");
	}
}
END_TEST

START_TEST(folder_itself)
{
	struct plugin_set set;

	scratch_enter();
	ck_assert_int_eq(plugin_set_load(&set, "p", 1), 0);
	ck_assert_uint_eq(set.count, 0);
	plugin_set_release(&set);
	ck_assert_int_eq(mkdir("p", 0755), 0);
	write_file("p/.hidden.conf", GOOD, 0644);
	write_file("p/a.b.conf", GOOD, 0644);
	write_file("p/notes", GOOD, 0644);
	ck_assert_int_eq(plugin_set_load(&set, "p", 1), 0);
	ck_assert_uint_eq(plugin_set_active(&set), 0);
	ck_assert_uint_eq(set.wrong, 0);
	passed_over = said = 0;
	plugin_set_say(&set, say);
	ck_assert_uint_eq(passed_over, 2);
	ck_assert_uint_eq(said, 0);
	plugin_set_release(&set);
	ck_assert_int_eq(chmod("p", 0777), 0);
	ck_assert_int_lt(plugin_set_load(&set, "p", 1), 0);
	plugin_set_release(&set);
}
END_TEST

/* What is in force names each that is active, with the hash of its file. */
START_TEST(dump)
{
	char before[PLUGIN_DUMP_MAX], after[PLUGIN_DUMP_MAX];
	struct plugin_set set;

	scratch_enter();
	ck_assert_int_eq(mkdir("p", 0755), 0);
	write_file("p/a.conf", GOOD, 0644);
	write_file("p/b.conf", "active = no\npath = /nowhere\n", 0644);
	ck_assert_int_eq(plugin_set_load(&set, "p", 1), 0);
	ck_assert_uint_eq(plugin_set_dump(&set, before, sizeof(before)), strlen("# plugin a = \n") + 64);
	plugin_set_release(&set);
	write_file("p/a.conf", GOOD "#\n", 0644);
	ck_assert_int_eq(plugin_set_load(&set, "p", 1), 0);
	plugin_set_dump(&set, after, sizeof(after));
	plugin_set_release(&set);
	ck_assert_str_ne(before, after);
	ck_assert_int_eq(strncmp(before, "# plugin a ", 11), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { defaults, everything, wrongness, names, folder, folder_itself,
		dump };

	return suite_run("plugin_conf", tests, sizeof(tests) / sizeof(tests[0]));
}
