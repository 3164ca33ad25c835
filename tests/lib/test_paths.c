/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "scratch.h"
#include "suite.h"

START_TEST(system_places)
{
	struct paths p;

	ck_assert_int_eq(paths_init(&p, NULL), 0);
	ck_assert_str_eq(p.conf, PATHS_CONFDIR "/shellac.conf");
	ck_assert_str_eq(p.key, PATHS_CONFDIR "/host.key");
	ck_assert_str_eq(p.run, PATHS_RUNDIR);
	ck_assert_str_eq(p.store, PATHS_STATEDIR);
	ck_assert_str_eq(p.spool, PATHS_SPOOLDIR);
}
END_TEST

START_TEST(private_folder)
{
	char want[PATH_MAX];
	struct paths p;

	ck_assert_int_eq(paths_init(&p, "/tmp/"), 0);
	ck_assert_str_eq(p.conf, "/tmp/shellac.conf");
	ck_assert_str_eq(p.key, "/tmp/host.key");
	ck_assert_str_eq(p.run, "/tmp/run");
	ck_assert_str_eq(p.store, "/tmp/store");
	ck_assert_str_eq(p.spool, "/tmp/spool");

	scratch_enter();
	ck_assert_int_eq(mkdir("there", 0700), 0);
	ck_assert_int_eq(symlink("there", "link"), 0);
	ck_assert_int_eq(paths_init(&p, "link"), 0);
	snprintf(want, sizeof(want), "%s/there/run", scratch_path);
	ck_assert_str_eq(p.run, want);
	ck_assert_int_eq(paths_init(&p, "not-yet"), 0);
	snprintf(want, sizeof(want), "%s/not-yet/run", scratch_path);
	ck_assert_str_eq(p.run, want);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(paths_init(&p, "not-yet-here"), 0);
	ck_assert_str_eq(p.run, "/not-yet-here/run");
}
END_TEST

/* sun_path holds 108 bytes with the zero: "/run/register.sock" leaves 89 */
START_TEST(too_long)
{
	struct paths p;
	char dir[5000];

	memset(dir, 'x', sizeof(dir));
	dir[0] = '/';
	dir[89] = '\0';
	ck_assert_int_eq(paths_init(&p, dir), 0);
	dir[89] = 'x';
	dir[90] = '\0';
	ck_assert_int_eq(paths_init(&p, dir), -ENAMETOOLONG);
	dir[90] = 'x';
	dir[sizeof(dir) - 1] = '\0';
	ck_assert_int_eq(paths_init(&p, dir), -ENAMETOOLONG);
	ck_assert_int_eq(paths_init(&p, ""), -ENOENT);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { system_places, private_folder, too_long };

	return suite_run("paths", tests, sizeof(tests) / sizeof(tests[0]));
}
