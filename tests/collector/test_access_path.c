/* SPDX-License-Identifier: ISC */
#include "../../collector/access_path.h"

#include <string.h>

#include "../lib/suite.h"

#define ID "0123456789abcdef0123456789abcdef"

static void is(enum access_class class, const char *path)
{
	uint64_t n = 0;

	ck_assert_msg(access_classify(path, &n) == class, "%s", path);
	ck_assert_uint_eq(n, class == ACCESS_SESSION ? 17 : 0);
}

START_TEST(what_is_given)
{
	is(ACCESS_FOLDER, "session");
	is(ACCESS_FOLDER, "session/2026");
	is(ACCESS_FOLDER, "session/2026/11");
	is(ACCESS_FOLDER, "session/2026/11/21");
	is(ACCESS_SESSION, "session/2026/11/21/17-" ID ".shlc");
	is(ACCESS_SESSION, "session/2026/11/21/17-" ID ".shlc.live");
	is(ACCESS_SESSION, "session/2026/11/21/17-" ID ".shlc.cut");
	is(ACCESS_FOLDER, "review");
	is(ACCESS_SESSION, "review/17-" ID ID ".note");
	is(ACCESS_ALL_OF_IT, "review/0-" ID ID ".note");
	is(ACCESS_FOLDER, "process");
	is(ACCESS_ALL_OF_IT, "process/00000003.shlp");
	is(ACCESS_FOLDER, "ledger");
	is(ACCESS_FOLDER, "ledger/live");
	is(ACCESS_PLAIN, "ledger/live/4711");
	is(ACCESS_PLAIN, "ledger/log");
	is(ACCESS_PLAIN, "ledger/hashes");
	is(ACCESS_PLAIN, "ledger/checkpoint");
	is(ACCESS_PLAIN, "ledger/cosigned");
	is(ACCESS_PLAIN, "host.pub");
	is(ACCESS_PLAIN, "number");
}
END_TEST

START_TEST(what_is_not)
{
	static const char *const paths[] = {"", ".", "..", "/", "/session", "session/", "session//",
		"session/..", "session/2026/", "session/202", "session/20260", "session/2026/1",
		"session/2026/11/", "session/2026/11/..", "session/2026/11/2/", "session/2026/..../21",
		"session/2026/11/21/", "session/2026/11/21/.", "session/2026/11/21/x",
		"session/2026/11/21/17-" ID, "session/2026/11/21/17-" ID ".shlc/",
		"session/2026/11/21/.pack-17-" ID ".shlc", "session/2026/11/17-" ID ".shlc",
		"session/2026/11/21/../21/17-" ID ".shlc", "session2026", "sessions",
		"review/", "review/..", "review/17-" ID ".note", "review/17-" ID ID ".new",
		"review/x17-" ID ID ".note", "review/17-" ID ID ".note/", "review/00-" ID ID ".note",
		"process/", "process/kernel-00000001.acct", "process/3.shlp", "process/..",
		"process/00000003.shlp/x", "ledger/", "ledger/access", "ledger/access/1",
		"ledger/live/", "ledger/live/..", "ledger/live/1/x", "ledger/live/x", "ledger/log/",
		"ledger/../host.key", "host.key", "epoch.key", "hold", "hold/1", "purge",
		"purge/17-" ID ".shlc", "shellac.conf", "host.pub/", "number/..", "spool"};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		is(ACCESS_NEVER, paths[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {what_is_given, what_is_not};

	return suite_run("access_path", tests, sizeof(tests) / sizeof(tests[0]));
}
