/* SPDX-License-Identifier: ISC */
/* What a plugin may have run, by its file: one at a time, as who runs the collector. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "guard.h"
#include "plugin.h"

#define HOOK_S 60

static pid_t spawn(const struct plugin *p, const struct plugin_hook *h)
{
	const char *argv[PLUGIN_WORDS_MAX + 2];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct guard_start g = {.in = null, .out = null, .err = null, .store = -1,
		.lock = p->d->cursors, .limit_s = HOOK_S, .path = h->path, .argv = argv,
		.group_count = -1};
	pid_t pid, child;

	if (null < 0)
		return -errno;
	argv[0] = h->path;
	plugin_words_argv(&h->args, argv + 1);
	pid = guard_spawn(&g, &child);
	close(null);
	return pid;
}

void hook_run(struct plugin *p, const char *name)
{
	const struct plugin_hook *h = p->conf->hook;
	pid_t pid;

	while (h < p->conf->hook + p->conf->hooks && strcmp(h->name, name) != 0)
		h++;
	if (h == p->conf->hook + p->conf->hooks || p->state == PLUGIN_ENDS)
		return;
	pid = p->hook != 0 ? -EBUSY : spawn(p, h);
	if (pid > 0)
		p->hook = pid;
	else
		dispatch_log(p->d, LOG_L_ERROR, "plugin %s: hook %s is not run: %s", p->conf->name, name,
		    pid == -EBUSY ? "another one runs" : err_text((int)pid));
}

int hook_ended(struct plugin *p, pid_t pid, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	if (pid != p->hook)
		return 0;
	p->hook = 0;
	dispatch_log(p->d, code == 0 ? LOG_L_INFO : LOG_L_WARN, "plugin %s: its hook ended with "
	    "status %d", p->conf->name, code);
	if (p->state == PLUGIN_ENDS)
		dispatch_plugin_ended(p->d, p);
	return 1;
}
