/* SPDX-License-Identifier: ISC */
#include "plugin_conf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf_text.h"
#include "decimal.h"
#include "escape.h"

#define SHOWN_MAX 40 /* chars of a stranger's word in a message */
#define DEPTH_DEFAULT 10000
#define DEPTH_MAX 10000000
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char blanks[] = " \t\r";
static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

struct parser {
	struct plugin_conf conf;
	struct conf_error *errs;
	int max, n;
	unsigned line, seen[16]; /* line of each key, 0 for none */
};

/* Sets the key.  NULL, or what should be written instead. */
typedef const char *set_fn(struct plugin_conf *c, const char *value);

static int word_of(const char *const *words, unsigned count, const char *value)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (strcmp(words[i], value) == 0)
			return (int)i;
	return -1;
}

static const char *const yes_no[] = { "no", "yes" };
static const char *const directions[] = { "", "out", "in", "both" };
static const char *const formats[] = { "json", "chunk" };
static const char *const overflows[] = { "ignore", "syslog", "suspend", "block" };
static const char *const actions[] = { "refuse-new", "freeze", "hang-up", "run-hook" };

static const char *set_active(struct plugin_conf *c, const char *value)
{
	int i = word_of(yes_no, COUNT(yes_no), value);

	c->active = i == 1;
	return i < 0 ? "write yes or no" : NULL;
}

static const char *set_direction(struct plugin_conf *c, const char *value)
{
	int i = word_of(directions, COUNT(directions), value);

	if (i < 1)
		return "write out, in or both";
	c->direction = (enum plugin_direction)i;
	return NULL;
}

static int is_path(char *out, const char *value)
{
	return strpbrk(value, " \t") == NULL && strcmp(value, CONF_NONE) != 0 &&
	    conf_text_path(out, value);
}

static const char *set_path(struct plugin_conf *c, const char *value)
{
	return is_path(c->path, value) ? NULL :
	    "write one absolute path of ASCII characters without blanks; arguments go to args";
}

static const char *set_type(struct plugin_conf *c, const char *value)
{
	(void)c;
	return strcmp(value, "always") == 0 ? NULL : "write always";
}

static const char *set_args(struct plugin_conf *c, const char *value)
{
	return plugin_words_parse(&c->args, value);
}

static const char *set_format(struct plugin_conf *c, const char *value)
{
	int i = word_of(formats, COUNT(formats), value);

	c->format = i == 1 ? PLUGIN_CHUNK : PLUGIN_JSON;
	return i < 0 ? "write json or chunk" : NULL;
}

static const char *set_user(struct plugin_conf *c, const char *value)
{
	char user[CONF_GROUP_MAX + 1];

	if (!conf_text_group(user, value) || user[0] == '\0')
		return "write the name of a user";
	snprintf(c->user, sizeof(c->user), "%s", user);
	return NULL;
}

static const char *set_depth(struct plugin_conf *c, const char *value)
{
	uint64_t v;

	if (decimal_get(&v, value, strlen(value)) != 0 || v < 1 || v > DEPTH_MAX)
		return "write a number of events from 1 to 10000000";
	c->queue_depth = (unsigned)v;
	return NULL;
}

static const char *set_overflow(struct plugin_conf *c, const char *value)
{
	int i = word_of(overflows, COUNT(overflows), value);

	if (i < 0)
		return "write ignore, syslog, suspend or block";
	c->overflow = (enum plugin_overflow)i;
	return NULL;
}

static const char *set_acks(struct plugin_conf *c, const char *value)
{
	int i = word_of(yes_no, COUNT(yes_no), value);

	c->acks = i == 1;
	return i < 0 ? "write yes or no" : NULL;
}

static const char *set_actions(struct plugin_conf *c, const char *value)
{
	static const char wanted[] = "write some of refuse-new, freeze, hang-up and run-hook";
	struct plugin_words w;
	const char *argv[PLUGIN_WORDS_MAX + 1];
	unsigned i;
	int bit;

	if (plugin_words_parse(&w, value) != NULL || w.count == 0)
		return wanted;
	plugin_words_argv(&w, argv);
	for (i = 0; i < w.count; i++) {
		bit = word_of(actions, COUNT(actions), argv[i]);
		if (bit < 0)
			return wanted;
		c->actions |= 1u << bit;
	}
	return NULL;
}

static const struct key {
	const char *name;
	set_fn *set;
} keys[] = {
	{ "active", set_active }, { "direction", set_direction }, { "path", set_path },
	{ "type", set_type }, { "args", set_args }, { "format", set_format },
	{ "user", set_user }, { "queue_depth", set_depth }, { "overflow_action", set_overflow },
	{ "acks", set_acks }, { "actions", set_actions },
};
enum { KEY_ACTIVE = 0, KEY_PATH = 2, KEY_USER = 6, KEY_ACTIONS = 10 };

_Static_assert(COUNT(keys) <= COUNT(((struct parser *)NULL)->seen), "a line for each key");

__attribute__((format(printf, 2, 3)))
static void add_error(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	if (p->n == p->max)
		return;
	va_start(ap, fmt);
	conf_error_set(&p->errs[p->n++], p->line, fmt, ap);
	va_end(ap);
}

static void set_key(struct parser *p, const char *name, const char *value)
{
	char shown[SHOWN_MAX];
	const char *wrong;
	size_t i;

	for (i = 0; i < COUNT(keys) && strcmp(keys[i].name, name) != 0; i++)
		;
	if (i == COUNT(keys)) {
		escape_str(shown, sizeof(shown), name);
		add_error(p, "'%s' is not a key; see shellac-plugins(5), or remove the line", shown);
		return;
	}
	if (p->seen[i] != 0) {
		add_error(p, "%s is already set in line %u; remove one of the two", name, p->seen[i]);
		return;
	}
	p->seen[i] = p->line;
	if (*value == '\0') {
		add_error(p, "%s has no value; write one behind '=', or remove the line", name);
		return;
	}
	wrong = keys[i].set(&p->conf, value);
	if (wrong != NULL) {
		escape_str(shown, sizeof(shown), value);
		add_error(p, "%s: '%s' is not a value; %s", name, shown, wrong);
	}
}

/* "hook NAME" = "/path args". */
static void set_hook(struct parser *p, const char *name, const char *value)
{
	struct plugin_conf *c = &p->conf;
	struct plugin_hook *h = &c->hook[c->hooks];
	size_t len = strlen(name), end = strcspn(value, blanks);
	char path[PLUGIN_LINE_MAX + 1];
	const char *wrong;
	unsigned i;

	for (i = 0; i < c->hooks && strcmp(c->hook[i].name, name) != 0; i++)
		;
	if (len == 0 || len > PLUGIN_NAME_MAX || name[strspn(name, name_letters)] != '\0') {
		add_error(p, "the name of a hook is 1 to %d letters, digits, '_' and '-'; write "
		    "hook NAME = /path ARG...", PLUGIN_NAME_MAX);
	} else if (i < c->hooks) {
		add_error(p, "hook %s is already set in line %u; remove one of the two", name,
		    c->hook_line[i]);
	} else if (c->hooks == PLUGIN_HOOKS_MAX) {
		add_error(p, "more than %d hooks; remove some", PLUGIN_HOOKS_MAX);
	} else {
		snprintf(path, sizeof(path), "%.*s", (int)end, value);
		wrong = is_path(h->path, path) ? plugin_words_parse(&h->args, value + end) :
		    "write an absolute path, and then its arguments";
		if (wrong != NULL)
			add_error(p, "hook %s: %s", name, wrong);
		snprintf(h->name, sizeof(h->name), "%s", name);
		c->hook_line[c->hooks++] = p->line;
	}
}

static int has_control(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\t' && text[i] != '\r') ||
		    text[i] == 0x7f)
			return 1;
	return 0;
}

static void parse_line(struct parser *p, const char *text, size_t len)
{
	char line[PLUGIN_LINE_MAX + 1], *name, *value;
	int r;

	if (len > PLUGIN_LINE_MAX) {
		add_error(p, "the line is longer than %d bytes; shorten it", PLUGIN_LINE_MAX);
		return;
	}
	if (has_control(text, len)) {
		add_error(p, "the line holds a control character; this is for plain text");
		return;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	r = conf_text_pair(line, &name, &value);
	if (r < 0)
		add_error(p, "no '=' in the line; write key = value");
	else if (r > 0 && strncmp(name, "hook", 4) == 0 && (name[4] == ' ' || name[4] == '\t'))
		set_hook(p, conf_text_trim(name + 4), value);
	else if (r > 0)
		set_key(p, name, value);
}

/* What no line alone can be wrong about. */
static void check_whole(struct parser *p)
{
	const struct plugin_conf *c = &p->conf;

	p->line = 0;
	if (p->seen[KEY_ACTIVE] == 0)
		add_error(p, "active is missing; write active = yes or active = no");
	if (p->seen[KEY_PATH] == 0)
		add_error(p, "path is missing; write path = /absolute/path/of/the/program");
	p->line = p->seen[KEY_ACTIONS];
	if ((c->actions & PLUGIN_RUN_HOOK) != 0 && c->hooks == 0)
		add_error(p, "run-hook is allowed and there is no hook; write hook NAME = /path ARG...");
	p->line = c->hook_line[0];
	if ((c->actions & PLUGIN_RUN_HOOK) == 0 && c->hooks > 0)
		add_error(p, "there is a hook and nobody may run it; write actions = run-hook");
}

int plugin_conf_parse(struct plugin_conf *c, const char *name, const char *text, size_t len,
    struct conf_error *errs, int max)
{
	struct parser p = { .conf = { .direction = PLUGIN_OUT, .user = PLUGIN_USER,
	    .queue_depth = DEPTH_DEFAULT, .acks = 1 }, .errs = errs, .max = max };
	const char *end = text + len, *eol;

	assert(max > 0);
	snprintf(p.conf.name, sizeof(p.conf.name), "%s", name);
	hash_of(p.conf.digest, text, len);
	while (text < end) {
		p.line++;
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL) {
			add_error(&p, "the last line has no end; is the file whole? end it with a line "
			    "feed");
			break;
		}
		parse_line(&p, text, (size_t)(eol - text));
		text = eol + 1;
	}
	check_whole(&p);
	p.conf.path_line = p.seen[KEY_PATH];
	p.conf.user_line = p.seen[KEY_USER];
	if (p.n == 0)
		*c = p.conf;
	return p.n;
}

/* As snprintf(3), of how a shell would be told them. */
static int words_dump(const struct plugin_words *w, char *out, size_t size)
{
	const char *argv[PLUGIN_WORDS_MAX + 1];
	char shown[2 * PLUGIN_LINE_MAX];
	size_t len = 0;
	unsigned i;
	int n;

	plugin_words_argv(w, argv);
	out[0] = '\0';
	for (i = 0; i < w->count && len + 1 < size; i++) {
		n = snprintf(out + len, size - len, " '%s'", escape_str(shown, sizeof(shown), argv[i]));
		len += (size_t)n < size - len ? (size_t)n : size - len - 1;
	}
	return (int)len;
}

size_t plugin_conf_dump(const struct plugin_conf *c, char *out, size_t size)
{
	char args[4 * PLUGIN_LINE_MAX];
	size_t len = 0;
	unsigned i;
	int n;

	words_dump(&c->args, args, sizeof(args));
	n = snprintf(out, size, "plugin %s\nactive = %s\ndirection = %s\npath = %s\ntype = always\n"
	    "%s%s%sformat = %s\n%s%s%squeue_depth = %u\noverflow_action = %s\nacks = %s\n",
	    c->name, yes_no[c->active], directions[c->direction], c->path,
	    args[0] != '\0' ? "args =" : "", args, args[0] != '\0' ? "\n" : "", formats[c->format],
	    c->user[0] != '\0' ? "user = " : "", c->user, c->user[0] != '\0' ? "\n" : "",
	    c->queue_depth, overflows[c->overflow], yes_no[c->acks]);
	len = (size_t)n < size ? (size_t)n : size - 1;
	for (i = 0; i < COUNT(actions); i++) {
		if ((c->actions & 1u << i) == 0)
			continue;
		n = snprintf(out + len, size - len, "%s%s", (c->actions & ((1u << i) - 1)) == 0 ?
		    "actions = " : " ", actions[i]);
		len += (size_t)n < size - len ? (size_t)n : size - len - 1;
	}
	n = snprintf(out + len, size - len, "%s", c->actions != 0 ? "\n" : "");
	len += (size_t)n < size - len ? (size_t)n : size - len - 1;
	for (i = 0; i < c->hooks; i++) {
		words_dump(&c->hook[i].args, args, sizeof(args));
		n = snprintf(out + len, size - len, "hook %s = %s%s\n", c->hook[i].name, c->hook[i].path,
		    args);
		len += (size_t)n < size - len ? (size_t)n : size - len - 1;
	}
	return len;
}
