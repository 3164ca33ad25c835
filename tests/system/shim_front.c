/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a recorder that a user traces, which takes its set-user-ID away: starts a
 * real one when nobody traces it any more, kills its front as soon as that has a keeper,
 * and inherits the keeper.  Then it stays, as whoever does as they like on that terminal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_traced(void)
{
	char line[256];
	int traced = 1;
	FILE *f = fopen("/proc/self/status", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "TracerPid:", 10) == 0)
			traced = atoi(line + 10) != 0;
	if (f != NULL)
		fclose(f);
	return traced;
}

static int has_child(pid_t pid)
{
	char path[64];
	FILE *f;
	int c;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "r");
	c = f != NULL ? fgetc(f) : EOF;
	if (f != NULL)
		fclose(f);
	return c != EOF;
}

__attribute__((constructor)) static void start(void)
{
	const char *recorder = getenv("SHIM_RECORDER");
	pid_t front;

	if (recorder == NULL)
		return;
	unsetenv("LD_PRELOAD");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	while (is_traced())
		usleep(10000);
	front = fork();
	if (front == 0) {
		execl(recorder, recorder, "--", "true", (char *)NULL);
		_exit(127);
	}
	while (!has_child(front))
		usleep(1000);
	kill(front, SIGKILL);
	for (;;)
		if (wait(NULL) < 0)
			usleep(100000);
}
