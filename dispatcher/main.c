/* SPDX-License-Identifier: ISC */
/*
 * shellac-dispatch: feeds plugins with what the collector's journal of events says, and
 * keeps them alive.  The collector starts it and gives it all that it has, as descriptors: a
 * socket (dispatch_message.h) and the folder of the journal.
 *
 *   main                dispatch, all of one; its end
 *   dispatch_link       the collector's words
 *   dispatch_plan       from one configuration to the next
 *   dispatch_journal    on disk, and off it
 *   plugin              one plugin's life
 *   plugin_feed         its queue
 *   cursor, cursor_file how far it has got, kept on disk
 *   lines               what the dispatcher itself tells plugins
 *   ear, plugin_hear    what plugins write
 *   plugin_status       what is said of them
 *   hook                what they may have run
 *   guard, guard_child, the process above each plugin, which ends all that it started;
 *     guard_kin         how the plugin begins; who is below the guard
 */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dispatch.h"

enum { EXIT_CLEAN, EXIT_USAGE = 2, EXIT_CANNOT };

static int started_by_collector(void)
{
	socklen_t len = sizeof(int);
	int type;

	return getsockopt(DISPATCH_FD_SOCKET, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

int main(int argc, char **argv)
{
	static struct dispatch d = {.journal = DISPATCH_FD_JOURNAL,
		.cursors = -1, .loop = {.epfd = -1}};

	(void)argv;
	if (argc != 1 || !started_by_collector()) {
		fputs("shellac-dispatch is started by shellacd; see shellac-plugins(5)\n", stderr);
		return EXIT_USAGE;
	}
	umask(077);
	if (sodium_init() < 0)
		return EXIT_CANNOT;
	return dispatch_run(&d) == 0 ? EXIT_CLEAN : EXIT_CANNOT;
}
