/* SPDX-License-Identifier: ISC */
/* Daemons that have to be told, by systemd or a start script. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "run.h"
#include "ways.h"

#define SYSTEMCTL "/bin/systemctl"
#define STATUS_NOT_RUNNING 3 /* LSB, and systemctl(1) */
#define DAEMON_MS 120000

/* The command; 0 where nothing has to be told. */
static int command_for(const char *service, const char *verb, char script[64],
    const char *argv[4])
{
	const int systemd = access("/run/systemd/system", F_OK) == 0;

	snprintf(script, 64, "/etc/init.d/%s", service);
	argv[0] = systemd ? SYSTEMCTL : script;
	argv[1] = verb;
	argv[2] = systemd && service[0] != '\0' ? service : NULL;
	argv[3] = NULL;
	return systemd || service[0] != '\0';
}

/* By its start script, or systemd's unit of that name; 1 also where nobody can tell. */
static int is_running(const char *service, const char *program)
{
	const int systemd = strcmp(program, SYSTEMCTL) == 0;
	const char *argv[] = { program, systemd ? "is-active" : "status", systemd ? service : NULL,
	    NULL };
	char *said = malloc(RUN_SAID_MAX);
	int r = said != NULL ? run_program(argv, NULL, DAEMON_MS, said) : 0;

	free(said);
	return r != STATUS_NOT_RUNNING;
}

int tell_daemon(struct host *h, const char *service, const char *verb)
{
	char script[64], command[256], *said;
	const char *argv[4];
	int r;

	if (h->q->root != NULL || !command_for(service, verb, script, argv))
		return 0;
	snprintf(command, sizeof(command), "%s %s%s%s", argv[0], verb, argv[2] != NULL ? " " : "",
	    argv[2] != NULL ? argv[2] : "");
	if (!h->q->reload) {
		host_say(h, SETUP_TODO, "", "%s", command);
		return 1;
	}
	if (strcmp(verb, "reload") == 0 && !is_running(service, argv[0]))
		return 0; /* it reads what it needs when it starts */
	said = malloc(RUN_SAID_MAX);
	r = said != NULL ? run_program(argv, NULL, DAEMON_MS, said) : 1;
	if (r == 0)
		host_say(h, SETUP_DONE, "", "%s", command);
	else
		host_say(h, SETUP_TODO, "", "%s", command);
	if (r != 0 && said != NULL)
		host_wrong(h, "", "%s: %s", command, r < 0 ? err_text(r) : said);
	free(said);
	return r;
}
