/* SPDX-License-Identifier: ISC */
#include "witness_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "io.h"

/* Witnesses and groups share one space of names and of numbers: witness i is member
 * i, group i member POLICY_WITNESSES_MAX + i. */
#define MEMBERS_MAX (POLICY_WITNESSES_MAX + POLICY_GROUPS_MAX)
#define WORDS_MAX (3 + MEMBERS_MAX)
#define NEVER UINT64_MAX
#define NONE (-1)

struct group {
	char name[NOTE_NAME_MAX + 1];
	unsigned need, count;
	uint8_t member[MEMBERS_MAX];
};

struct witness_policy {
	struct note_key log[POLICY_LOGS_MAX];
	struct policy_witness witness[POLICY_WITNESSES_MAX];
	struct group group[POLICY_GROUPS_MAX]; /* a group's members come before it */
	unsigned logs, witnesses, groups;
	uint8_t is_member[MEMBERS_MAX];
	int quorum; /* a member, or NONE */
	int has_quorum;
};

struct word {
	const char *p;
	size_t len;
};

static int word_is(const struct word *w, const char *text)
{
	return w->len == strlen(text) && memcmp(w->p, text, w->len) == 0;
}

/* Copies a word and a zero to out.  0 or E_RANGE where size is too small. */
static int word_copy(char *out, size_t size, const struct word *w)
{
	if (w->len >= size)
		return E_RANGE;
	memcpy(out, w->p, w->len);
	out[w->len] = '\0';
	return 0;
}

/* The member of that name, or E_FORMAT. */
static int find(const struct witness_policy *p, const struct word *name)
{
	unsigned i;

	for (i = 0; i < p->witnesses; i++)
		if (word_is(name, p->witness[i].name))
			return (int)i;
	for (i = 0; i < p->groups; i++)
		if (word_is(name, p->group[i].name))
			return (int)(POLICY_WITNESSES_MAX + i);
	return E_FORMAT;
}

/* A name that is not taken.  0, E_FORMAT or E_RANGE. */
static int new_name(char out[NOTE_NAME_MAX + 1], const struct witness_policy *p,
    const struct word *name)
{
	if (word_is(name, "none") || find(p, name) >= 0)
		return E_FORMAT;
	return word_copy(out, NOTE_NAME_MAX + 1, name);
}

static int key_get(struct note_key *k, const struct word *vkey)
{
	char text[NOTE_VKEY_MAX];

	if (word_copy(text, sizeof(text), vkey) != 0)
		return E_KEY;
	return note_key_parse(k, text);
}

/* log VKEY [URL] */
static int log_line(struct witness_policy *p, const struct word *w, unsigned words)
{
	struct note_key *k = &p->log[p->logs];
	unsigned i;
	int r;

	if (words < 2 || words > 3)
		return E_FORMAT;
	if (p->logs == POLICY_LOGS_MAX)
		return E_RANGE;
	r = key_get(k, &w[1]);
	if (r != 0)
		return r;
	for (i = 0; i < p->logs; i++)
		if (memcmp(p->log[i].pk, k->pk, PK_SIZE) == 0)
			return E_FORMAT;
	p->logs++;
	return 0;
}

/* witness NAME VKEY [URL] */
static int witness_line(struct witness_policy *p, const struct word *w, unsigned words)
{
	struct policy_witness *new = &p->witness[p->witnesses];
	unsigned i;
	int r;

	if (words < 3 || words > 4)
		return E_FORMAT;
	if (p->witnesses == POLICY_WITNESSES_MAX)
		return E_RANGE;
	if ((r = new_name(new->name, p, &w[1])) != 0 || (r = key_get(&new->key, &w[2])) != 0)
		return r;
	if (new->key.alg != NOTE_COSIGNATURE)
		return E_KEY;
	for (i = 0; i < p->witnesses; i++)
		if (memcmp(p->witness[i].key.pk, new->key.pk, PK_SIZE) == 0)
			return E_FORMAT;
	if (words == 4 && (r = word_copy(new->url, sizeof(new->url), &w[3])) != 0)
		return r;
	p->witnesses++;
	return 0;
}

/* How many of count members are wanted: all, any, or a number without leading zero.
 * 0 where it is neither or out of its limits. */
static unsigned need_get(const struct word *w, unsigned count)
{
	unsigned n = 0;
	size_t i;

	if (word_is(w, "all"))
		return count;
	if (word_is(w, "any"))
		return 1;
	for (i = 0; i < w->len; i++) {
		if (w->p[i] < '0' + (i == 0) || w->p[i] > '9')
			return 0;
		n = n * 10 + (unsigned)(w->p[i] - '0');
		if (n > count)
			return 0;
	}
	return n;
}

/* group NAME all|any|NUMBER MEMBER... */
static int group_line(struct witness_policy *p, const struct word *w, unsigned words)
{
	struct group *g = &p->group[p->groups];
	unsigned i;
	int r, member;

	if (words < 4)
		return E_FORMAT;
	if (p->groups == POLICY_GROUPS_MAX)
		return E_RANGE;
	if ((r = new_name(g->name, p, &w[1])) != 0)
		return r;
	g->count = words - 3;
	g->need = need_get(&w[2], g->count);
	if (g->need == 0)
		return E_FORMAT;
	for (i = 0; i < g->count; i++) {
		member = find(p, &w[3 + i]);
		if (member < 0 || p->is_member[member])
			return E_FORMAT;
		p->is_member[member] = 1;
		g->member[i] = (uint8_t)member;
	}
	p->groups++;
	return 0;
}

/* quorum NAME|none */
static int quorum_line(struct witness_policy *p, const struct word *w, unsigned words)
{
	int member;

	if (words != 2 || p->has_quorum)
		return E_FORMAT;
	member = word_is(&w[1], "none") ? NONE : find(p, &w[1]);
	if (member < 0 && member != NONE)
		return E_FORMAT;
	p->quorum = member;
	p->has_quorum = 1;
	return 0;
}

/* Their number, or E_RANGE where they are more than any line has. */
static int split(struct word w[WORDS_MAX], const char *line, size_t len)
{
	const char *end = line + len;
	int n = 0;

	for (;;) {
		while (line < end && (*line == ' ' || *line == '\t'))
			line++;
		if (line == end)
			return n;
		if (n == WORDS_MAX)
			return E_RANGE;
		w[n].p = line;
		while (line < end && *line != ' ' && *line != '\t')
			line++;
		w[n].len = (size_t)(line - w[n].p);
		n++;
	}
}

static int bytes_good(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			return 0;
	return 1;
}

static int is_comment(const char *line, size_t len)
{
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	return len > 0 && *line == '#';
}

static int parse_line(struct witness_policy *p, const char *line, size_t len)
{
	static const struct {
		const char *word;
		int (*parse)(struct witness_policy *p, const struct word *w, unsigned words);
	} kinds[] = { { "log", log_line }, { "witness", witness_line }, { "group", group_line },
		{ "quorum", quorum_line } };
	struct word w[WORDS_MAX];
	size_t i;
	int n;

	if (!bytes_good(line, len))
		return E_FORMAT;
	if (is_comment(line, len))
		return 0;
	n = split(w, line, len);
	if (n <= 0)
		return n;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (word_is(&w[0], kinds[i].word))
			return kinds[i].parse(p, w, (unsigned)n);
	return E_FORMAT;
}

int policy_parse(struct witness_policy **out, const char *text, size_t len, unsigned *line)
{
	struct witness_policy *p;
	const char *lf;
	size_t n;
	int r = 0;

	*line = 0;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return -ENOMEM;
	while (r == 0 && len > 0) {
		++*line;
		lf = memchr(text, '\n', len);
		n = lf == NULL ? len : (size_t)(lf - text);
		r = parse_line(p, text, n);
		n += lf != NULL;
		text += n;
		len -= n;
	}
	if (r == 0 && !p->has_quorum) {
		++*line;
		r = E_FORMAT;
	}
	if (r != 0) {
		policy_free(p);
		return r;
	}
	*out = p;
	return 0;
}

int policy_load(struct witness_policy **out, const char *path, unsigned *line)
{
	uint8_t *text;
	size_t len;
	int r;

	*line = 0;
	r = io_read_file(AT_FDCWD, path, POLICY_FILE_MAX, &text, &len);
	if (r != 0)
		return r;
	r = policy_parse(out, (const char *)text, len, line);
	free(text);
	return r;
}

void policy_free(struct witness_policy *p)
{
	free(p);
}

unsigned policy_witnesses(const struct witness_policy *p)
{
	return p->witnesses;
}

const struct policy_witness *policy_witness(const struct witness_policy *p, unsigned i)
{
	return i < p->witnesses ? &p->witness[i] : NULL;
}

unsigned policy_logs(const struct witness_policy *p)
{
	return p->logs;
}

const struct note_key *policy_log(const struct witness_policy *p, unsigned i)
{
	return i < p->logs ? &p->log[i] : NULL;
}

static int by_time(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t first(const uint64_t seen[POLICY_WITNESSES_MAX])
{
	uint64_t at = NEVER;
	unsigned i;

	for (i = 0; i < POLICY_WITNESSES_MAX; i++)
		if (seen[i] < at)
			at = seen[i];
	return at;
}

/* When the quorum was reached, given when each witness signed (NEVER: it did not);
 * where none is asked for, when the first did. */
static uint64_t quorum_time(const struct witness_policy *p,
    const uint64_t seen[POLICY_WITNESSES_MAX])
{
	uint64_t at[MEMBERS_MAX], members[MEMBERS_MAX];
	unsigned i, j;

	if (p->quorum == NONE)
		return first(seen);
	memcpy(at, seen, POLICY_WITNESSES_MAX * sizeof(at[0]));
	for (i = 0; i < p->groups; i++) {
		const struct group *g = &p->group[i];

		for (j = 0; j < g->count; j++)
			members[j] = at[g->member[j]];
		qsort(members, g->count, sizeof(members[0]), by_time);
		at[POLICY_WITNESSES_MAX + i] = members[g->need - 1];
	}
	return at[p->quorum];
}

int policy_satisfied(const struct witness_policy *p, const uint8_t seen[POLICY_WITNESSES_MAX])
{
	uint64_t at[POLICY_WITNESSES_MAX];
	unsigned i;

	for (i = 0; i < POLICY_WITNESSES_MAX; i++)
		at[i] = i < p->witnesses && seen[i] ? 0 : NEVER;
	return p->quorum == NONE || quorum_time(p, at) != NEVER;
}

int policy_check(const struct witness_policy *p, const struct note *n, uint64_t *time_s)
{
	uint64_t at[POLICY_WITNESSES_MAX], when;
	unsigned i;
	int r;

	for (i = 0; i < POLICY_WITNESSES_MAX; i++) {
		at[i] = NEVER;
		r = i < p->witnesses ? note_verify(n, &p->witness[i].key, &at[i]) : E_KEY;
		if (r != 0 && r != E_KEY)
			return r;
	}
	when = quorum_time(p, at);
	if (when == NEVER)
		return 0;
	*time_s = when;
	return 1;
}
