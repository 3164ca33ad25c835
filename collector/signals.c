/* SPDX-License-Identifier: ISC */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "access.h"
#include "policy.h"
#include "dispatcher.h"
#include "err.h"
#include "ledger.h"
#include "log.h"
#include "metrics_file.h"
#include "notify.h"
#include "processes.h"
#include "pusher.h"
#include "purge.h"
#include "status.h"

static void set_of(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
}

void signals_block(void)
{
	sigset_t set;

	set_of(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void reread(struct collector *c)
{
	struct conf old = c->conf;
	struct plugin_set plugins;

	if (policy_plugins(&plugins, &c->paths, c->private) != 0 || plugins.wrong > 0 ||
	    policy_read(&c->conf, c->paths.conf) != 0) {
		log_error("%s and %s are not as they should be; the configuration from before stays",
		    c->paths.conf, c->paths.plugins);
		plugin_set_release(&plugins);
		return;
	}
	plugin_set_release(&c->plugins);
	c->plugins = plugins;
	collector_policy(c);
	ledger_configured(c->ledger);
	policy_keep(&c->conf, &c->plugins, &c->paths);
	policy_check_notice(&c->conf);
	pusher_reread(c->pusher);
	metrics_file_configured(c);
	if (c->dispatcher != NULL)
		dispatcher_configured(c->dispatcher);
	processes_reread(c->processes);
	accounting_policy(c->acct, c->conf.acct_lost == CONF_ACCT_LEAVE);
	purger_configured(c->purger);
	access_configured(c->access);
	log_info("read %s", c->paths.conf);
	if (old.acct != c->conf.acct || old.acct_size != c->conf.acct_size)
		log_warn("acct and acct_size are taken at the next start");
}

static void signal_event(void *arg, uint32_t events)
{
	struct collector *c = arg;
	struct signalfd_siginfo si;
	int r;

	(void)events;
	if (read(c->signal_source.fd, &si, sizeof(si)) != sizeof(si))
		return;
	switch (si.ssi_signo) {
	case SIGHUP:
		notify_reloading();
		reread(c);
		notify_say("READY=1");
		break;
	case SIGUSR1:
		r = status_write(c);
		if (r != 0)
			log_error("%s/status.json: %s", c->paths.run, err_text(r));
		break;
	default:
		log_info("told to end by %s", strsignal((int)si.ssi_signo));
		collector_stop(c);
		break;
	}
}

int signals_open(struct collector *c)
{
	sigset_t set;
	int fd;

	set_of(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	return loop_add(&c->loop, &c->signal_source, fd, EPOLLIN, signal_event, c);
}
