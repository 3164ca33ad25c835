/* SPDX-License-Identifier: ISC */
#include "../../setup/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/suite.h"

static char root[] = "/tmp/shlt.tree.XXXXXX";
static struct tree tree;

static char *in_root(const char *path)
{
	static char full[4096];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return full;
}

static void begin(void)
{
	memcpy(root + sizeof(root) - 7, "XXXXXX", 6);
	umask(022);
	ck_assert_ptr_nonnull(mkdtemp(root));
	tree = (struct tree){ .root = open(root, O_RDONLY | O_DIRECTORY), .owner = geteuid() };
	ck_assert_int_ge(tree.root, 0);
	ck_assert_int_eq(mkdir(in_root("/etc"), 0755), 0);
}

static void end(void)
{
	static const char *const left[] = {
		"/etc/file", "/etc/link", "/etc/.file.shellac-setup", "/out", "/etc/way", "/etc/deep",
	};
	size_t i;

	for (i = 0; i < sizeof(left) / sizeof(*left); i++)
		if (unlink(in_root(left[i])) < 0)
			(void)rmdir(in_root(left[i]));
	(void)rmdir(in_root("/etc"));
	(void)rmdir(root);
	close(tree.root);
}

static void put_text(const char *path, const char *text, mode_t mode)
{
	struct tree_file f;

	ck_assert_int_eq(tree_text(&f, TREE_FILE, text, strlen(text)), 0);
	f.mode = mode;
	f.uid = geteuid();
	f.gid = getegid();
	ck_assert_int_eq(tree_put(&tree, path, &f), 0);
	tree_release(&f);
}

START_TEST(what_is_put_is_there)
{
	struct tree_file before, now, none = { 0 };

	ck_assert_int_eq(tree_look(&tree, "/etc/file", &now), 0);
	ck_assert_int_eq(now.type, TREE_NONE);
	put_text("/etc/file", "first", 0640);
	ck_assert_int_eq(tree_look(&tree, "/etc/file", &before), 0);
	ck_assert_int_eq(before.type, TREE_FILE);
	ck_assert_uint_eq(before.mode, 0640);
	ck_assert_str_eq((char *)before.data, "first");
	put_text("/etc/file", "second", 0755);
	ck_assert_int_eq(tree_look(&tree, "/etc/file", &now), 0);
	ck_assert_int_eq(tree_same(&now, &before), 0);
	tree_release(&now);
	ck_assert_int_eq(tree_put(&tree, "/etc/file", &before), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/file", &now), 0);
	ck_assert_int_eq(tree_same(&now, &before), 1);
	tree_release(&now);
	tree_release(&before);
	ck_assert_int_eq(tree_put(&tree, "/etc/file", &none), 0);
	ck_assert_int_eq(tree_put(&tree, "/etc/file", &none), 0);
	ck_assert_int_lt(access(in_root("/etc/file"), F_OK), 0);
}
END_TEST

START_TEST(links_are_not_followed)
{
	struct tree_file link, now;

	ck_assert_int_eq(symlink("/out", in_root("/etc/link")), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/link", &link), 0);
	ck_assert_int_eq(link.type, TREE_LINK);
	ck_assert_str_eq((char *)link.data, "/out");
	put_text("/etc/link", "mine", 0644);
	ck_assert_int_lt(access(in_root("/out"), F_OK), 0);
	ck_assert_int_eq(tree_put(&tree, "/etc/link", &link), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/link", &now), 0);
	ck_assert_int_eq(tree_same(&now, &link), 1);
	tree_release(&now);
	tree_release(&link);
	/* one that waits under the name of what is being written */
	ck_assert_int_eq(symlink(in_root("/out"), in_root("/etc/.file.shellac-setup")), 0);
	put_text("/etc/file", "x", 0644);
	ck_assert_int_lt(access(in_root("/out"), F_OK), 0);
	ck_assert_int_lt(access(in_root("/etc/.file.shellac-setup"), F_OK), 0);
}
END_TEST

START_TEST(folders_are_below_the_root)
{
	struct tree_file now;
	struct stat st;

	ck_assert_int_eq(symlink("/etc", in_root("/etc/way")), 0);
	put_text("/etc/way/file", "x", 0644); /* "/" is the tree's */
	ck_assert_int_eq(access(in_root("/etc/file"), F_OK), 0);
	ck_assert_int_eq(tree_stat(&tree, "/etc/way/file", &st), 0);
	ck_assert_int_eq(tree_stat(&tree, "/../../../etc/file", &st), 0);
	ck_assert_int_eq(tree_look(&tree, "/nowhere/file", &now), 0);
	ck_assert_int_eq(now.type, TREE_NONE);
	ck_assert_int_eq(tree_look(&tree, "/etc", &now), -EINVAL);
	ck_assert_int_eq(mkdir(in_root("/etc/deep"), 0755), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/deep", &now), -EISDIR);
	ck_assert_int_eq(tree_look(&tree, "etc/file", &now), -EINVAL);
}
END_TEST

START_TEST(folders_of_others_are_not_trusted)
{
	struct tree_file now;

	ck_assert_int_eq(chmod(in_root("/etc"), 0777), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/file", &now), -EPERM);
	ck_assert_int_eq(chmod(in_root("/etc"), 0775), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/file", &now), -EPERM);
	ck_assert_int_eq(chmod(in_root("/etc"), 0755), 0);
	ck_assert_int_eq(tree_look(&tree, "/etc/file", &now), 0);
}
END_TEST

START_TEST(what_was_cut_off_is_swept)
{
	ck_assert_int_eq(symlink("x", in_root("/etc/.file.shellac-setup")), 0);
	ck_assert_int_eq(tree_sweep(&tree, "/etc/file"), 0);
	ck_assert_int_eq(tree_sweep(&tree, "/etc/file"), 0);
	ck_assert_int_lt(access(in_root("/etc/.file.shellac-setup"), F_OK), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		what_is_put_is_there, links_are_not_followed, folders_are_below_the_root,
		folders_of_others_are_not_trusted, what_was_cut_off_is_swept,
	};
	TCase *tc = tcase_create("tree");
	size_t i;

	tcase_add_checked_fixture(tc, begin, end);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	return suite_run_case("tree", tc);
}
