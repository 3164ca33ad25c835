/* SPDX-License-Identifier: ISC */
#include "plain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "escape.h"
#include "login.h"
#include "tty_name.h"

static int is_root_on_console(void)
{
	struct stat st;

	return getuid() == 0 && fstat(STDIN_FILENO, &st) == 0 && S_ISCHR(st.st_mode) &&
	    tty_is_console(major(st.st_rdev), minor(st.st_rdev));
}

int plain_is_allowed(const struct options *o, const struct conf *conf)
{
	if (!o->plain && !o->as_shell && !o->forced &&
	    !(o->command != NULL && login_is_recorder()))
		return 0;
	return conf->away != CONF_AWAY_STRICT || is_root_on_console();
}

_Noreturn void plain_run(const struct program *prog, const struct inherited *in)
{
	char name[512];

	inherit_restore(in);
	execv(prog->path, prog->argv);
	fprintf(stderr, "shellac-rec: %s: %s\n", escape_str(name, sizeof(name), prog->path),
	    strerror(errno));
	_exit(spawn_exit_code(errno));
}
