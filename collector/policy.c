/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "log.h"
#include "notice.h"

#define ERRORS_MAX 32

int policy_read(struct conf *conf, const char *path)
{
	struct conf_error errs[ERRORS_MAX];
	struct conf read;
	int n, i;

	n = conf_load(&read, path, errs, ERRORS_MAX);
	if (n == 0) {
		*conf = read;
		return 0;
	}
	if (n < 0)
		log_error("%s: %s", path, err_text(n));
	for (i = 0; i < n && i < ERRORS_MAX; i++)
		log_error("%s:%u: %s", path, errs[i].line, errs[i].text);
	return -1;
}

int policy_start(struct conf *conf, const struct paths *paths)
{
	char good[PATH_MAX + sizeof(PATHS_GOOD_CONF)];

	if (policy_read(conf, paths->conf) == 0)
		return 0;
	snprintf(good, sizeof(good), "%s/" PATHS_GOOD_CONF, paths->store);
	if (access(good, F_OK) != 0 || policy_read(conf, good) != 0)
		return -1;
	log_error("%s is not as it should be; going on with the last good configuration, %s",
	    paths->conf, good);
	return 0;
}

/* 1 if the folder has the text already. */
static int is_kept(int dir, const char *text, size_t len)
{
	uint8_t *kept;
	size_t kept_len;
	int same;

	if (io_read_file(dir, PATHS_GOOD_CONF, POLICY_MAX, &kept, &kept_len) != 0)
		return 0;
	same = kept_len == len && memcmp(kept, text, len) == 0;
	free(kept);
	return same;
}

static void keep_in(const char *folder, mode_t mode, const char *text, size_t len)
{
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;

	if (dir < 0)
		r = -errno;
	else if (!is_kept(dir, text, len))
		r = io_replace_file(dir, PATHS_GOOD_CONF, mode, text, len);
	if (dir >= 0)
		close(dir);
	if (r != 0)
		log_warn("%s/" PATHS_GOOD_CONF ": %s; the last good configuration is not kept there",
		    folder, err_text(r));
}

size_t policy_text(char text[POLICY_MAX], const struct conf *conf,
    const struct plugin_set *plugins)
{
	size_t len = conf_dump(conf, text, POLICY_MAX);

	return len + plugin_set_dump(plugins, text + len, POLICY_MAX - len);
}

static void say(int wrong, const char *line)
{
	if (wrong)
		log_error("%s", line);
	else
		log_warn("%s", line);
}

int policy_plugins(struct plugin_set *set, const struct paths *paths, int private)
{
	int r = plugin_set_load(set, paths->plugins, private);

	if (r == E_KEY)
		log_error("%s: others may write to this folder; chown root and chmod go-w it",
		    paths->plugins);
	else if (r == -E2BIG)
		log_error("%s: more than %d plugins; remove some", paths->plugins, PLUGINS_MAX);
	else if (r != 0)
		log_error("%s: %s", paths->plugins, err_text(r));
	plugin_set_say(set, say);
	return r != 0 ? -1 : 0;
}

void policy_keep(const struct conf *conf, const struct plugin_set *plugins,
    const struct paths *paths)
{
	char text[POLICY_MAX];
	size_t len = policy_text(text, conf, plugins);

	keep_in(paths->store, 0600, text, len);
	keep_in(paths->run, 0644, text, len);
}

int policy_check_notice(const struct conf *conf)
{
	struct notice n;
	int r = conf->notice[0] != '\0' ? notice_load(&n, conf->notice) : 0;

	if (r != 0)
		log_error("notice %s: %s; no notice is shown", conf->notice, notice_error(r));
	return r != 0 ? -1 : 0;
}
