/* SPDX-License-Identifier: ISC */
/* Notes between front and keeper, the last ones before one of them leaves most of all. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../recorder/front_note.h"
#include "../lib/suite.h"

static int front, keeper;

static void open_pair(void)
{
	int s[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s), 0);
	front = s[0];
	keeper = s[1];
}

static void close_front(void)
{
	close(front);
}

START_TEST(nothing_yet)
{
	struct front_note n;

	ck_assert_int_eq(front_note_receive(front, &n), 0);
	close(keeper);
	ck_assert_int_eq(front_note_receive(front, &n), -EPIPE);
}
END_TEST

START_TEST(status_of_a_keeper_that_left)
{
	struct front_note n;

	ck_assert_int_eq(front_note_send(keeper, FRONT_NOTE_STATUS, 5), 0);
	close(keeper);
	ck_assert_int_eq(front_note_receive(front, &n), 1);
	ck_assert_uint_eq(n.kind, FRONT_NOTE_STATUS);
	ck_assert_int_eq(n.value, 5);
	ck_assert_int_eq(front_note_receive(front, &n), -EPIPE);
}
END_TEST

START_TEST(status_of_one_that_did_not_read_our_note)
{
	struct front_note n;
	int r, tries = 0;

	ck_assert_int_eq(front_note_send(front, FRONT_NOTE_SIGNAL, 1), 0);
	ck_assert_int_eq(front_note_send(keeper, FRONT_NOTE_STATUS, 1), 0);
	close(keeper);
	while ((r = front_note_receive(front, &n)) == 0 && tries < 10)
		tries++;
	ck_assert_int_eq(r, 1);
	ck_assert_uint_eq(n.kind, FRONT_NOTE_STATUS);
	ck_assert_int_eq(front_note_receive(front, &n), -EPIPE);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("note");

	tcase_add_checked_fixture(t, open_pair, close_front);
	tcase_add_test(t, nothing_yet);
	tcase_add_test(t, status_of_a_keeper_that_left);
	tcase_add_test(t, status_of_one_that_did_not_read_our_note);
	return suite_run_case("note", t);
}
