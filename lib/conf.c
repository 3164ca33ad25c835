/* SPDX-License-Identifier: ISC */
#include "conf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_text.h"
#include "escape.h"

#define LINE_BYTES_MAX 1023
#define SHOWN_MAX 40 /* chars of a stranger's word in a message */
#define KIB UINT64_C(1024)
#define SPACE_MAX (UINT64_C(1) << 50)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* One table for parse, defaults, dump and documents.  A key has either words (its
 * value is the place in the list) or limits, or it is a path or a group. */
struct key {
	const char *name, *preset, *help;
	size_t at, size;         /* of the field in struct conf */
	const char *words[4];
	uint64_t min, max;
	int suffix;              /* K, M and G are understood, */
	int percent;             /* and so is a percentage */
	int path;                /* "none", or an absolute one */
	int group;               /* "none", or a group's name */
	int watch;               /* "none", or a rule; it may stand several times */
};

#define FIELD(f) offsetof(struct conf, f), sizeof(((struct conf *)0)->f)

static const struct key keys[] = {
	{ "input", "echoed", "which typed bytes are kept: echoed, all or none", FIELD(input),
	    .words = { "echoed", "all", "none" } },
	{ "acct", "own", "take the kernel's process accounting over: own or off", FIELD(acct),
	    .words = { "off", "own" } },
	{ "acct_size", "16M", "bytes of a kernel accounting file before it is rotated",
	    FIELD(acct_size), .min = 64 * KIB, .max = KIB * KIB * KIB, .suffix = 1 },
	{ "acct_lost", "retake", "when someone else takes process accounting: retake or leave",
	    FIELD(acct_lost), .words = { "retake", "leave" } },
	{ "process_events", "yes", "read the kernel's fork, exec and exit events: yes or no",
	    FIELD(process_events), .words = { "no", "yes" } },
	{ "process_args", "yes", "keep which program an exec began, where, with what: yes or no",
	    FIELD(process_args), .words = { "no", "yes" } },
	{ "process_syslog", "no", "each process that ends goes to syslog: yes or no",
	    FIELD(process_syslog), .words = { "no", "yes" } },
	{ "watch", "none", "a command that is to run: none or NAME COMMAND [user USER] [grace S]",
	    FIELD(watch), .watch = 1 },
	{ "compress", "yes", "compress sessions that are closed: yes or no", FIELD(compress),
	    .words = { "no", "yes" } },
	{ "linger", "yes", "the recorder stays while it has children: yes or no", FIELD(linger),
	    .words = { "no", "yes" } },
	{ "max_sessions", "9000", "most live sessions, further ones are refused",
	    FIELD(max_sessions), .min = 1, .max = 100000 },
	{ "away", "spool", "while nobody collects: spool or strict", FIELD(away),
	    .words = { "spool", "strict" } },
	{ "spool_size", "16M", "bytes that each session reserves to be kept in meanwhile",
	    FIELD(spool_size), .min = 2 * KIB * KIB, .max = KIB * KIB * KIB, .suffix = 1 },
	{ "spool_user", "1G", "bytes that all sessions of a user may reserve",
	    FIELD(spool_user), .min = 2 * KIB * KIB, .max = KIB * KIB * KIB * KIB, .suffix = 1 },
	{ "full_action", "freeze", "when the spool is full: freeze or gap", FIELD(full_action),
	    .words = { "freeze", "gap" } },
	{ "freeze_limit", "0", "seconds that a session stands still before it is hung up; 0: any",
	    FIELD(freeze_limit), .min = 0, .max = 604800 },
	{ "notice", "none", "file whose text users see first: none or a path", FIELD(notice),
	    .path = 1 },
	{ "evidence_ms", "20", "longest wait in ms of a typed line for its ack, 0 for none",
	    FIELD(evidence_ms), .min = 0, .max = 1000 },
	{ "sync_ms", "100", "longest wait in ms before what came in is put on disk",
	    FIELD(sync_ms), .min = 0, .max = 1000 },
	{ "epoch_s", "60", "seconds after which the ledger's key moves on and is wiped",
	    FIELD(epoch_s), .min = 1, .max = 3600 },
	{ "space_left", "5%", "free space of the store below which space_left_action is taken",
	    FIELD(space_left), .max = SPACE_MAX, .suffix = 1, .percent = 1 },
	{ "space_left_action", "syslog", "when space is short: syslog, refuse-new or freeze",
	    FIELD(space_left_action), .words = { "syslog", "refuse-new", "freeze" } },
	{ "user_quota", "25%", "what one user's sessions may bring in a day, 0 for any amount",
	    FIELD(user_quota), .max = SPACE_MAX, .suffix = 1, .percent = 1 },
	{ "auditors", "none", "group whose members may read recordings, each time logged: none or a name",
	    FIELD(auditors), .group = 1 },
	{ "retention", "0", "days after which what a session held is deleted, 0 for never",
	    FIELD(retention), .min = 0, .max = 36500 },
	{ "purge_approvers", "none", "keys of auditors who approve what root purges: none or a path",
	    FIELD(purge_approvers), .path = 1 },
	{ "reviewers", "none", "keys of those who may sign sessions off: none or a path",
	    FIELD(reviewers), .path = 1 },
	{ "session_rate", "6000", "new sessions of one user in a minute, 0 for any number",
	    FIELD(session_rate), .min = 0, .max = 1000000 },
	{ "witness_policy", "none", "witnesses that cosign the ledger: none or a C2SP policy file",
	    FIELD(witness_policy), .path = 1 },
	{ "checkpoint_syslog", "yes", "each checkpoint of the ledger goes to the log: yes or no",
	    FIELD(checkpoint_syslog), .words = { "no", "yes" } },
	{ "metrics_file", "none", "file for those who collect OpenMetrics: none or a path",
	    FIELD(metrics_file), .path = 1 },
	{ "metrics_every", "15", "seconds after which it is written anew", FIELD(metrics_every),
	    .min = 1, .max = 3600 },
};

_Static_assert(sizeof(enum conf_input) == sizeof(unsigned), "words are stored as unsigned");
_Static_assert(sizeof(int) == sizeof(unsigned), "words are stored as unsigned");

struct parser {
	struct conf conf;
	struct conf_error *errs;
	int max, n;
	unsigned line;
	unsigned seen[COUNT(keys)]; /* line of each key, 0 for none */
};

const char *conf_key_name(unsigned i)
{
	return i < COUNT(keys) ? keys[i].name : NULL;
}

const char *conf_key_default(unsigned i)
{
	return i < COUNT(keys) ? keys[i].preset : NULL;
}

const char *conf_key_help(unsigned i)
{
	return i < COUNT(keys) ? keys[i].help : NULL;
}

static void put_field(struct conf *c, const struct key *k, uint64_t v)
{
	unsigned u = (unsigned)v;

	if (k->size == sizeof(v))
		memcpy((char *)c + k->at, &v, sizeof(v));
	else
		memcpy((char *)c + k->at, &u, sizeof(u));
}

static uint64_t get_field(const struct conf *c, const struct key *k)
{
	uint64_t v;
	unsigned u;

	if (k->size == sizeof(v)) {
		memcpy(&v, (const char *)c + k->at, sizeof(v));
		return v;
	}
	memcpy(&u, (const char *)c + k->at, sizeof(u));
	return u;
}

/* The shift of a suffix, 0 for none, -1 for one that is not known. */
static int suffix_shift(const char *s)
{
	if (*s == '\0')
		return 0;
	if (s[1] != '\0')
		return -1;
	return *s == 'K' ? 10 : *s == 'M' ? 20 : *s == 'G' ? 30 : -1;
}

static int read_number(const struct key *k, const char *s, uint64_t *v)
{
	uint64_t n = 0;
	int shift;

	if (*s < '0' || *s > '9')
		return 0;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (unsigned)(*s - '0');
		if (n > k->max)
			return 0;
	}
	if (k->percent && strcmp(s, "%") == 0) {
		*v = n | CONF_PERCENT;
		return n <= 100;
	}
	shift = suffix_shift(s);
	if (shift < 0 || (shift > 0 && !k->suffix) || n > k->max >> shift)
		return 0;
	n <<= shift;
	if (n < k->min)
		return 0;
	*v = n;
	return 1;
}

/* 1 if value is one of k's. */
static int read_value(const struct key *k, const char *value, uint64_t *v)
{
	unsigned i;

	if (k->words[0] == NULL)
		return read_number(k, value, v);
	for (i = 0; i < COUNT(k->words) && k->words[i] != NULL; i++)
		if (strcmp(value, k->words[i]) == 0) {
			*v = i;
			return 1;
		}
	return 0;
}

/* 1 if value is one of k's; then it is set. */
static int set_value(struct conf *c, const struct key *k, const char *value)
{
	uint64_t v;

	if (k->path)
		return conf_text_path((char *)c + k->at, value);
	if (k->group)
		return conf_text_group((char *)c + k->at, value);
	if (k->watch)
		return conf_watch_add(c->watch, &c->watches, value);
	if (!read_value(k, value, &v))
		return 0;
	put_field(c, k, v);
	return 1;
}

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

static void bad_value(struct parser *p, const struct key *k, const char *value)
{
	char shown[SHOWN_MAX];

	escape_str(shown, sizeof(shown), value);
	if (k->path)
		add_error(p, "%s: '%s' is not a value; write none or an absolute path of at most %d "
		    "ASCII characters", k->name, shown, CONF_PATH_MAX);
	else if (k->group)
		add_error(p, "%s: '%s' is not a value; write none or the name of a group", k->name,
		    shown);
	else if (k->watch)
		add_error(p, "%s: '%s' is not a value; write none or NAME COMMAND [user USER] [grace "
		    "SECONDS], each NAME once, at most %d", k->name, shown, CONF_WATCH_MAX);
	else if (k->words[0] != NULL)
		add_error(p, "%s: '%s' is not a value; write %s%s%s%s%s", k->name, shown,
		    k->words[0], k->words[2] != NULL ? ", " : " or ", k->words[1],
		    k->words[2] != NULL ? " or " : "",
		    k->words[2] != NULL ? k->words[2] : "");
	else
		add_error(p, "%s: '%s' is not a value; write a number from %" PRIu64 " to %"
		    PRIu64 "%s%s", k->name, shown, k->min, k->max,
		    k->suffix ? ", K, M or G may follow" : "",
		    k->percent ? ", or 0% to 100%" : "");
}

static void set_key(struct parser *p, const char *name, const char *value)
{
	char shown[SHOWN_MAX];
	size_t i;

	for (i = 0; i < COUNT(keys) && strcmp(keys[i].name, name) != 0; i++)
		;
	if (i == COUNT(keys)) {
		escape_str(shown, sizeof(shown), name);
		add_error(p, "'%s' is not a key; see shellac.conf(5), or remove the line", shown);
	} else if (p->seen[i] != 0 && !keys[i].watch) {
		add_error(p, "%s is already set in line %u; remove one of the two", keys[i].name,
		    p->seen[i]);
	} else {
		p->seen[i] = p->line;
		if (!set_value(&p->conf, &keys[i], value))
			bad_value(p, &keys[i], value);
	}
}

static void parse_line(struct parser *p, const char *text, size_t len)
{
	char line[LINE_BYTES_MAX + 1], *key, *value;
	int r;

	if (len > LINE_BYTES_MAX) {
		add_error(p, "the line is longer than %d bytes; shorten it", LINE_BYTES_MAX);
		return;
	}
	if (memchr(text, '\0', len) != NULL) {
		add_error(p, "the line holds a zero byte; remove it");
		return;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	r = conf_text_pair(line, &key, &value);
	if (r < 0)
		add_error(p, "no '=' in the line; write key = value");
	else if (r > 0)
		set_key(p, key, value);
}

uint64_t conf_space(uint64_t v, uint64_t whole)
{
	uint64_t percent = v & ~CONF_PERCENT;

	return v & CONF_PERCENT ? whole / 100 * percent + whole % 100 * percent / 100 : v;
}

void conf_defaults(struct conf *c)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < COUNT(keys); i++)
		if (!set_value(c, &keys[i], keys[i].preset))
			abort();
}

int conf_parse(struct conf *c, const char *text, size_t len, struct conf_error *errs, int max)
{
	struct parser p = { .errs = errs, .max = max };
	const char *end = text + len, *eol;

	assert(max > 0);
	conf_defaults(&p.conf);
	while (text < end) {
		p.line++;
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL)
			eol = end;
		parse_line(&p, text, (size_t)(eol - text));
		text = eol < end ? eol + 1 : end;
	}
	if (p.n == 0)
		*c = p.conf;
	return p.n;
}

/* As snprintf(3). */
static int dump_key(const struct conf *c, const struct key *k, char *out, size_t size)
{
	const char *text = (const char *)c + k->at;
	uint64_t v;

	if (k->path || k->group)
		return snprintf(out, size, "%s = %s\n", k->name,
		    *text != '\0' ? text : CONF_NONE);
	if (k->watch)
		return conf_watch_dump(c->watch, c->watches, k->name, out, size);
	v = get_field(c, k);
	if (k->words[0] != NULL)
		return snprintf(out, size, "%s = %s\n", k->name, k->words[v]);
	return snprintf(out, size, "%s = %" PRIu64 "%s\n", k->name, v & ~CONF_PERCENT,
	    v & CONF_PERCENT ? "%" : "");
}

size_t conf_dump(const struct conf *c, char *out, size_t size)
{
	const struct key *k;
	size_t len = 0;
	int n;

	assert(size > 0);
	out[0] = '\0';
	for (k = keys; k < keys + COUNT(keys) && len + 1 < size; k++) {
		n = dump_key(c, k, out + len, size - len);
		len += (size_t)n < size - len ? (size_t)n : size - len - 1;
	}
	return len;
}
