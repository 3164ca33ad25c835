/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_PLUGIN_CONF_H
#define SHELLAC_PLUGIN_CONF_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "hash.h"

/* plugins.d/NAME.conf, shellac-plugins(5): one file, one plugin. */

enum plugin_direction { PLUGIN_OUT = 1, PLUGIN_IN = 2, PLUGIN_BOTH = 3 }; /* bits */
enum plugin_format { PLUGIN_JSON, PLUGIN_CHUNK };
enum plugin_overflow { PLUGIN_IGNORE, PLUGIN_SYSLOG, PLUGIN_SUSPEND, PLUGIN_BLOCK };

/* bits of plugin_conf.actions; admit comes with refuse-new, thaw with freeze */
#define PLUGIN_REFUSE_NEW 1u
#define PLUGIN_FREEZE 2u
#define PLUGIN_HANG_UP 4u
#define PLUGIN_RUN_HOOK 8u

#define PLUGIN_NAME_MAX 32
#define PLUGIN_PATH_MAX CONF_PATH_MAX
#define PLUGIN_USER_MAX 32
#define PLUGIN_WORDS_MAX 64  /* of args */
#define PLUGIN_LINE_MAX 2047 /* bytes of a line */
#define PLUGIN_FILE_MAX 65536
#define PLUGIN_HOOKS_MAX 8
#define PLUGINS_MAX 64       /* files of a folder that are read */
#define PLUGIN_USER "_shellac-plugin"

/* Words, each with its zero, one behind the other. */
struct plugin_words {
	unsigned count;
	char text[PLUGIN_LINE_MAX + 1];
};

/* What the action run-hook may run: the program and its arguments. */
struct plugin_hook {
	char name[PLUGIN_NAME_MAX + 1];
	char path[PLUGIN_PATH_MAX + 1];
	struct plugin_words args;
};

struct plugin_conf {
	char name[PLUGIN_NAME_MAX + 1]; /* of the file, without .conf */
	int active;
	enum plugin_direction direction;
	char path[PLUGIN_PATH_MAX + 1];
	struct plugin_words args;       /* without the program's name */
	enum plugin_format format;
	char user[PLUGIN_USER_MAX + 1]; /* "": who reads this */
	unsigned queue_depth;           /* events */
	enum plugin_overflow overflow;
	int acks;
	unsigned actions;               /* bits */
	unsigned hooks;
	struct plugin_hook hook[PLUGIN_HOOKS_MAX];
	unsigned path_line, user_line;  /* where they stand, 0: nowhere */
	unsigned hook_line[PLUGIN_HOOKS_MAX];
	uint8_t digest[HASH_SIZE];      /* BLAKE2b-256 of the file */
};

/* Reads text (len bytes, hostile) of the plugin name, as conf_parse() does: all errors
 * found, at most max, go into errs; their number is returned, and with any *p is
 * untouched.  Looks at nothing but the text. */
int plugin_conf_parse(struct plugin_conf *p, const char *name, const char *text, size_t len,
    struct conf_error *errs, int max);

/* May a file of this name be a plugin's?  1 and its name, 0: it is none (it does not end
 * with .conf, begins with a dot, or has a second), -1: it would be, with a better name. */
int plugin_conf_name(char out[PLUGIN_NAME_MAX + 1], const char *file);

/* Splits text into words as a shell does, with quotes and backslashes and nothing else.
 * NULL, or what is wrong with it. */
const char *plugin_words_parse(struct plugin_words *w, const char *text);

/* Fills argv (room for count + 1) with w's words from there on; returns their number. */
unsigned plugin_words_argv(const struct plugin_words *w, const char **argv);

/* Opens the program at path (O_PATH: to look at, and to run by its descriptor) and checks
 * that descriptor: a regular file of root or of us, that nobody else may write to, and
 * that can be run.  The descriptor, or -1 and *why, static text. */
int plugin_program_open(const char *path, const char **why);

/* One file of the folder. */
struct plugin_file {
	char file[NAME_MAX + 1];
	int passed_over;         /* its name is none for us; errs says so; no error */
	int errors;              /* more than 0: it is not used */
	struct conf_error errs[8];
	struct plugin_conf *conf; /* NULL with errors */
	char *text;              /* what was read, len bytes; with conf */
	size_t len;
};

struct plugin_set {
	unsigned count;
	struct plugin_file *file; /* sorted by name */
	unsigned wrong;           /* of count: files with errors */
	char path[PATH_MAX];      /* of the folder */
};

/* Reads all of the folder at path: each file is checked on its open descriptor, and for a
 * plugin that is active its program and its user are looked for, too.  private: everything
 * is one user's, plugins run as who reads this.  No folder is no plugins.  0, -errno, or
 * E_KEY where others may write to the folder; *set is made in any case, and released by
 * plugin_set_release(). */
int plugin_set_load(struct plugin_set *set, const char *path, int private);
void plugin_set_release(struct plugin_set *set);

/* Plugins that are to run. */
unsigned plugin_set_active(const struct plugin_set *set);
const struct plugin_conf *plugin_set_find(const struct plugin_set *set, const char *name);

/* What the policy in force says of them: a comment a plugin, with its file's hash.  As
 * conf_dump(). */
size_t plugin_set_dump(const struct plugin_set *set, char *out, size_t size);
#define PLUGIN_DUMP_MAX (PLUGINS_MAX * (PLUGIN_NAME_MAX + 2 * HASH_SIZE + 16))

/* Calls say for each line that is to be said about the files: what is wrong, with file,
 * line and remedy; names passed over (wrong = 0). */
void plugin_set_say(const struct plugin_set *set, void (*say)(int wrong, const char *line));

/* The effective keys of one, a line each, as conf_dump(). */
size_t plugin_conf_dump(const struct plugin_conf *p, char *out, size_t size);

#endif
