/* SPDX-License-Identifier: ISC */
#include "../../setup/record.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/suite.h"
#include "err.h"

#define FILE_OF(data) "{\"type\":\"file\",\"mode\":420,\"uid\":0,\"gid\":5,\"data\":\"" data "\"}"
#define LINK_TO(data) "{\"type\":\"link\",\"mode\":0,\"uid\":0,\"gid\":0,\"data\":\"" data "\"}"
#define ITEM(what, kind, name, before, after) "{\"what\":\"" what "\",\"kind\":\"" kind "\"," \
	"\"name\":\"" name "\",\"pending\":true,\"before\":" before ",\"after\":" after "}"
#define RECORD(items) "{\"format\":1,\"items\":[" items "]}"
#define NONE "{\"type\":\"none\"}"
#define BASH "L2Jpbi9iYXNo" /* /bin/bash */

static int parse(struct record *rec, const char *text)
{
	*rec = (struct record){ 0 };
	return record_parse(rec, text, strlen(text));
}

START_TEST(comes_back_as_it_was)
{
	static uint8_t bytes[] = { 'a', 0, 0xff, '\n', 0 };
	static char what[] = "profile", name[] = "/etc/zsh/zshenv";
	struct tree_file all = { .type = TREE_FILE, .mode = 04755, .uid = 7, .gid = 4294967294u,
	    .data = bytes, .len = 4 };
	const struct item item = { .what = what, .kind = ITEM_FILE,
	    .name = name, .before = all, .pending = 1 };
	struct record rec = { 0 }, back;
	char *text;

	ck_assert_ptr_nonnull(record_add(&rec, &item));
	text = record_text(&rec);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(parse(&back, text), 0);
	ck_assert_uint_eq(back.count, 1);
	ck_assert_int_eq(back.item[0].pending, 1);
	ck_assert_int_eq(tree_same(&back.item[0].before, &all), 1);
	ck_assert_int_eq(back.item[0].after.type, TREE_NONE);
	ck_assert_ptr_eq(record_find(&back, "profile", "/etc/zsh/zshenv"), &back.item[0]);
	ck_assert_ptr_null(record_find(&back, "accounting", "/etc/zsh/zshenv"));
	record_remove(&back, 0);
	ck_assert_uint_eq(back.count, 0);
	free(text);
	record_release(&rec);
	record_release(&back);
}
END_TEST

START_TEST(good_ones)
{
	struct record rec;

	ck_assert_int_eq(parse(&rec, RECORD("")), 0);
	ck_assert_int_eq(parse(&rec, RECORD(ITEM("profile", "file", "/etc/zsh/zshenv", NONE,
	    FILE_OF("")))), 0);
	ck_assert_uint_eq(rec.item[0].after.len, 0);
	record_release(&rec);
	ck_assert_int_eq(parse(&rec, RECORD(ITEM("login-shell", "shell", "alice", LINK_TO(BASH),
	    LINK_TO(BASH)))), 0);
	ck_assert_str_eq((char *)rec.item[0].before.data, "/bin/bash");
	record_release(&rec);
}
END_TEST

START_TEST(bad_ones)
{
	static const char *const bad[] = {
		"", "[]", "{}", "{\"format\":1}", "{\"format\":2,\"items\":[]}",
		"{\"format\":1,\"items\":[],\"more\":1}", RECORD("1"), RECORD("{}"),
		RECORD(ITEM("profile", "file", "/etc/shadow", NONE, NONE)),
		RECORD(ITEM("profile", "file", "/etc/ssh/sshd_config.d/shellac.conf", NONE, NONE)),
		RECORD(ITEM("profile", "file", "/etc/zsh/../zsh/zshenv", NONE, NONE)),
		RECORD(ITEM("profile", "shell", "alice", LINK_TO(BASH), LINK_TO(BASH))),
		RECORD(ITEM("login-shell", "shell", "-alice", LINK_TO(BASH), LINK_TO(BASH))),
		RECORD(ITEM("login-shell", "shell", "a:b", LINK_TO(BASH), LINK_TO(BASH))),
		RECORD(ITEM("login-shell", "shell", "alice", NONE, LINK_TO(BASH))),
		RECORD(ITEM("login-shell", "shell", "alice", LINK_TO("YQ=="), LINK_TO(BASH))),
		RECORD(ITEM("profile", "file", "/etc/zsh/zshenv", LINK_TO(""), NONE)),
		RECORD(ITEM("profile", "file", "/etc/zsh/zshenv", LINK_TO("YQBi"), NONE)),
		RECORD(ITEM("profile", "file", "/etc/zsh/zshenv", FILE_OF("!"), NONE)),
		RECORD(ITEM("profile", "file", "/etc/zsh/zshenv", NONE, NONE) ","
		    ITEM("profile", "file", "/etc/zsh/zshenv", NONE, NONE)),
	};
	struct record rec;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(parse(&rec, bad[i]) == E_FORMAT, "%s", bad[i]);
		ck_assert_uint_eq(rec.count, 0);
	}
}
END_TEST

START_TEST(names_of_users)
{
	ck_assert_int_eq(record_user_is_good("alice"), 1);
	ck_assert_int_eq(record_user_is_good("_apt"), 1);
	ck_assert_int_eq(record_user_is_good("a.b-c_d"), 1);
	ck_assert_int_eq(record_user_is_good(""), 0);
	ck_assert_int_eq(record_user_is_good("a b"), 0);
	ck_assert_int_eq(record_user_is_good("a\nb"), 0);
	ck_assert_int_eq(record_user_is_good("a,b"), 0);
	ck_assert_int_eq(record_user_is_good("abcdefghijklmnopqrstuvwxyz0123456"), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { comes_back_as_it_was, good_ones, bad_ones, names_of_users };

	return suite_run("record", tests, sizeof(tests) / sizeof(*tests));
}
