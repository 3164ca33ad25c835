/* SPDX-License-Identifier: ISC */
#include "check/check.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "err.h"
#include "escape.h"
#include "json_at.h"
#include "output/json.h"

#define SAID_MAX (2 * PATH_MAX)

static void say_text(const struct check *k, const char *word, const char *text, const char *fix)
{
	char safe[2 * SAID_MAX];

	printf("%-5s %-14s %s\n", word, k->topic, escape_str(safe, sizeof(safe), text));
	if (fix[0] != '\0')
		printf("%-20s -> %s\n", "", escape_str(safe, sizeof(safe), fix));
}

static void __attribute__((format(printf, 4, 0)))
say(struct check *k, enum check_result result, const char *fix, const char *fmt, va_list ap)
{
	static const char *const word[] = { "ok", "WARN", "FAIL" };
	char text[SAID_MAX];
	json_t *o;

	vsnprintf(text, sizeof(text), fmt, ap);
	k->count[result]++;
	if (!k->json) {
		say_text(k, word[result], text, fix);
		return;
	}
	o = json_object();
	json_object_set_new(o, "check", json_string(k->topic));
	json_object_set_new(o, "result", json_string(word[result]));
	json_object_set_new(o, "text", json_bytes(text));
	json_object_set_new(o, "fix", json_bytes(fix));
	json_line(o);
}

void check_fine(struct check *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, CHECK_OK, "", fmt, ap);
	va_end(ap);
}

void check_warn(struct check *k, const char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, CHECK_WARN, fix, fmt, ap);
	va_end(ap);
}

void check_fail(struct check *k, const char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, CHECK_FAIL, fix, fmt, ap);
	va_end(ap);
}

static const char *user_name(char out[32], uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL)
		snprintf(out, 32, "%s", pw->pw_name);
	else
		snprintf(out, 32, "%lu", (unsigned long)uid);
	return out;
}

static const char *type_name(mode_t type)
{
	switch (type) {
	case S_IFDIR: return "folder";
	case S_IFREG: return "file";
	case S_IFSOCK: return "socket";
	default: return "FIFO";
	}
}

static int check_owner(struct check *k, const struct check_path *p, const struct stat *st)
{
	char fix[CHECK_TEXT], wanted[32], is[32];
	const struct group *gr;

	if (st->st_uid != p->uid && !(p->loose && st->st_uid == 0)) {
		user_name(wanted, p->uid);
		snprintf(fix, sizeof(fix), "chown %s %s", wanted, p->path);
		check_fail(k, fix, "%s belongs to %s, not to %s", p->path,
		    user_name(is, st->st_uid), wanted);
		return 0;
	}
	gr = p->gid != (gid_t)-1 && st->st_gid != p->gid ? getgrgid(p->gid) : NULL;
	if (gr == NULL)
		return 1;
	snprintf(fix, sizeof(fix), "chgrp %s %s", gr->gr_name, p->path);
	check_fail(k, fix, "%s is of group %lu, not of %s", p->path, (unsigned long)st->st_gid,
	    gr->gr_name);
	return 0;
}

int check_path(struct check *k, const struct check_path *p)
{
	char fix[CHECK_TEXT];
	struct stat st;
	mode_t mode;

	if (lstat(p->path, &st) < 0) {
		if (errno == ENOENT && p->optional)
			return 1;
		check_fail(k, "start shellacd, or see its log", "%s: %s", p->path,
		    err_text(-errno));
		return 0;
	}
	if ((st.st_mode & S_IFMT) != p->type) {
		check_fail(k, "put it aside and start shellacd again", "%s is no %s", p->path,
		    type_name(p->type));
		return 0;
	}
	if (!check_owner(k, p, &st))
		return 0;
	mode = st.st_mode & 07777;
	if (p->loose ? (mode & ~p->mode) == 0 : mode == p->mode)
		return 1;
	snprintf(fix, sizeof(fix), "chmod %04o %s",
	    (unsigned)(p->loose ? mode & p->mode : p->mode), p->path);
	check_fail(k, fix, "%s has mode %04o, not %04o%s", p->path, (unsigned)mode,
	    (unsigned)p->mode, p->loose ? " at most" : "");
	return 0;
}

int check_above(struct check *k, const char *path)
{
	char up[PATH_MAX], fix[CHECK_TEXT];
	struct stat st;
	char *slash;

	snprintf(up, sizeof(up), "%s", path);
	while ((slash = strrchr(up, '/')) != NULL && slash != up) {
		*slash = '\0';
		if (lstat(up, &st) < 0)
			continue; /* then what should be below it is missed elsewhere */
		if (st.st_uid != 0 && st.st_uid != k->owner) {
			snprintf(fix, sizeof(fix), "chown root %s", up);
			check_fail(k, fix, "%s, above %s, belongs to another user", up, path);
			return 0;
		}
		if (S_ISDIR(st.st_mode) && (st.st_mode & 022) != 0 && !(st.st_mode & S_ISVTX)) {
			snprintf(fix, sizeof(fix), "chmod go-w %s", up);
			check_fail(k, fix, "others may write to %s, above %s", up, path);
			return 0;
		}
	}
	return 1;
}

int64_t check_number(const struct check *k, const char *key)
{
	const json_t *v = json_at(k->status, key);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

const char *check_text(const struct check *k, const char *key)
{
	const char *s = json_string_value(json_at(k->status, key));

	return s != NULL ? s : "";
}

long check_age(const char *path)
{
	struct stat st;
	time_t now = time(NULL);

	if (lstat(path, &st) < 0)
		return -1;
	return now > st.st_mtime ? (long)(now - st.st_mtime) : 0;
}
