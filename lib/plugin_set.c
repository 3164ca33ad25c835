/* SPDX-License-Identifier: ISC */
/* The folder of plugins. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "escape.h"
#include "io.h"
#include "plugin_conf.h"

#define FOREIGN_WRITE 022

int plugin_conf_name(char out[PLUGIN_NAME_MAX + 1], const char *file)
{
	static const char ending[] = ".conf", letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *dot = strchr(file, '.');
	size_t len = strlen(file), base;

	if (dot == NULL || len < sizeof(ending) - 1 ||
	    strcmp(file + len - (sizeof(ending) - 1), ending) != 0)
		return 0;
	base = len - (sizeof(ending) - 1);
	if (dot != file + base || base == 0 || base > PLUGIN_NAME_MAX ||
	    strspn(file, letters) < base)
		return -1;
	memcpy(out, file, base);
	out[base] = '\0';
	return 1;
}

__attribute__((format(printf, 3, 4)))
static void add_error(struct plugin_file *f, unsigned line, const char *fmt, ...)
{
	struct conf_error *e;
	va_list ap;

	if (f->errors == (int)(sizeof(f->errs) / sizeof(f->errs[0])))
		return;
	e = &f->errs[f->errors++];
	e->line = line;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

/* What is wrong with who may write it, or NULL. */
static const char *check_owner(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return geteuid() == 0 ? "it does not belong to root; chown root it" :
		    "it belongs neither to root nor to who runs the collector; chown it";
	if ((st->st_mode & FOREIGN_WRITE) != 0)
		return "others may write to it; chmod go-w it";
	return NULL;
}

int plugin_program_open(const char *path, const char **why)
{
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);

	*why = NULL;
	if (fd < 0) {
		*why = errno == ENOENT || errno == ENOTDIR ?
		    "there is no such program; install it, or correct the path" :
		    "it cannot be opened; look at the folders above it";
		return -1;
	}
	if (fstat(fd, &st) < 0)
		*why = "it cannot be looked at";
	else if (!S_ISREG(st.st_mode))
		*why = "it is no regular file; write the path of a program";
	else if ((st.st_mode & 0111) == 0)
		*why = "it cannot be run; chmod a+x it";
	else
		*why = check_owner(&st);
	if (*why == NULL)
		return fd;
	close(fd);
	return -1;
}

static void check_program(struct plugin_file *f, unsigned line, const char *path)
{
	const char *why;
	int fd = plugin_program_open(path, &why);

	if (fd >= 0)
		close(fd);
	else
		add_error(f, line, "%.100s: %s", path, why);
}

static void check_user(struct plugin_file *f, const struct plugin_conf *c, int private)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (private && c->user_line == 0)
		return;
	if (getpwnam_r(c->user, &pw, buf, sizeof(buf), &found) != 0 || found == NULL)
		add_error(f, c->user_line, "there is no user %s; make it (sysusers.d(5)), or write "
		    "another", c->user);
}

static void check_running(struct plugin_file *f, const struct plugin_conf *c, int private)
{
	unsigned i;

	check_program(f, c->path_line, c->path);
	for (i = 0; i < c->hooks; i++)
		check_program(f, c->hook_line[i], c->hook[i].path);
	check_user(f, c, private);
}

static void check_text(struct plugin_file *f, const char *name, int private)
{
	struct plugin_conf *c = malloc(sizeof(*c));

	if (c == NULL) {
		add_error(f, 0, "there is no memory to read it");
		return;
	}
	f->errors = plugin_conf_parse(c, name, f->text, f->len, f->errs,
	    (int)(sizeof(f->errs) / sizeof(f->errs[0])));
	if (f->errors == 0 && c->active)
		check_running(f, c, private);
	if (private)
		c->user[0] = '\0'; /* who reads this, whatever it says */
	if (f->errors == 0)
		f->conf = c;
	else
		free(c);
}

static void read_file(struct plugin_file *f, int dir)
{
	int fd = openat(dir, f->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint8_t *text = NULL;
	const char *why;
	struct stat st;
	int r;

	if (fd < 0 && errno == ELOOP) {
		add_error(f, 0, "it is a link; put the file itself here");
	} else if (fd < 0 || fstat(fd, &st) < 0) {
		add_error(f, 0, "it cannot be opened: %s", err_text(-errno));
	} else if (!S_ISREG(st.st_mode)) {
		add_error(f, 0, "it is no regular file; remove it");
	} else if ((why = check_owner(&st)) != NULL) {
		add_error(f, 0, "%s", why);
	} else if ((r = io_read_fd(fd, PLUGIN_FILE_MAX, &text, &f->len)) == E_RANGE) {
		add_error(f, 0, "it is longer than %d bytes; shorten it", PLUGIN_FILE_MAX);
	} else if (r != 0) {
		add_error(f, 0, "it cannot be read: %s", err_text(r));
	}
	f->text = (char *)text;
	if (fd >= 0)
		close(fd);
}

static void take_file(struct plugin_file *f, int dir, int private)
{
	char name[PLUGIN_NAME_MAX + 1];

	if (plugin_conf_name(name, f->file) < 0) {
		f->passed_over = 1;
		add_error(f, 0, "passed over: its name is not 1 to %d letters, digits, '_' and '-' with "
		    ".conf behind", PLUGIN_NAME_MAX);
		f->errors = 0;
		return;
	}
	read_file(f, dir);
	if (f->errors == 0)
		check_text(f, name, private);
}

static int by_name(const void *a, const void *b)
{
	const struct plugin_file *x = a, *y = b;

	return strcmp(x->file, y->file);
}

/* Names only. */
static int list(struct plugin_set *set, int dir)
{
	char name[PLUGIN_NAME_MAX + 1];
	DIR *d = io_list_dir(dir, ".");
	const struct dirent *e;
	int r = 0;

	if (d == NULL)
		return -errno;
	set->file = calloc(PLUGINS_MAX, sizeof(*set->file));
	if (set->file == NULL)
		r = -ENOMEM;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (plugin_conf_name(name, e->d_name) == 0)
			continue;
		if (set->count == PLUGINS_MAX)
			r = -E2BIG;
		else
			snprintf(set->file[set->count++].file, sizeof(set->file->file), "%s", e->d_name);
	}
	closedir(d);
	if (set->file != NULL)
		qsort(set->file, set->count, sizeof(*set->file), by_name);
	return r;
}

int plugin_set_load(struct plugin_set *set, const char *path, int private)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	struct stat st;
	unsigned i;

	memset(set, 0, sizeof(*set));
	snprintf(set->path, sizeof(set->path), "%s", path);
	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(dir, &st) < 0)
		r = -errno;
	else
		r = check_owner(&st) != NULL ? E_KEY : list(set, dir);
	for (i = 0; r == 0 && i < set->count; i++) {
		take_file(&set->file[i], dir, private);
		set->wrong += set->file[i].errors > 0;
	}
	close(dir);
	return r;
}

void plugin_set_release(struct plugin_set *set)
{
	unsigned i;

	for (i = 0; i < set->count; i++) {
		free(set->file[i].conf);
		free(set->file[i].text);
	}
	free(set->file);
	memset(set, 0, sizeof(*set));
}

unsigned plugin_set_active(const struct plugin_set *set)
{
	unsigned i, n = 0;

	for (i = 0; i < set->count; i++)
		n += set->file[i].conf != NULL && set->file[i].conf->active;
	return n;
}

const struct plugin_conf *plugin_set_find(const struct plugin_set *set, const char *name)
{
	unsigned i;

	for (i = 0; i < set->count; i++)
		if (set->file[i].conf != NULL && strcmp(set->file[i].conf->name, name) == 0)
			return set->file[i].conf;
	return NULL;
}

size_t plugin_set_dump(const struct plugin_set *set, char *out, size_t size)
{
	char hex[2 * HASH_SIZE + 1];
	const struct plugin_conf *c;
	size_t len = 0;
	unsigned i;
	int n;

	out[0] = '\0';
	for (i = 0; i < set->count && len + 1 < size; i++) {
		c = set->file[i].conf;
		if (c == NULL || !c->active)
			continue;
		hex_put(hex, c->digest, HASH_SIZE);
		n = snprintf(out + len, size - len, "# plugin %s = %s\n", c->name, hex);
		len += (size_t)n < size - len ? (size_t)n : size - len - 1;
	}
	return len;
}

void plugin_set_say(const struct plugin_set *set, void (*say)(int wrong, const char *line))
{
	char text[PATH_MAX + 1024], name[512];
	const struct plugin_file *f;
	int i;

	for (f = set->file; f < set->file + set->count; f++) {
		escape_str(name, sizeof(name), f->file);
		for (i = 0; i < (f->passed_over ? 1 : f->errors); i++) {
			if (f->errs[i].line > 0)
				snprintf(text, sizeof(text), "%s/%s:%u: %s", set->path, name, f->errs[i].line,
				    f->errs[i].text);
			else
				snprintf(text, sizeof(text), "%s/%s: %s", set->path, name, f->errs[i].text);
			say(!f->passed_over, text);
		}
	}
}
