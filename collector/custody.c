/* SPDX-License-Identifier: ISC */
#include "custody.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "err.h"
#include "events.h"
#include "legal_hold.h"
#include "log.h"
#include "purge.h"
#include "purge_leave.h"
#include "review.h"
#include "review_note.h"

#define ANSWER_MAX 256

static void refuse(struct client *cl, const char *why)
{
	char line[ANSWER_MAX];

	snprintf(line, sizeof(line), "refused %s\n", why);
	control_answer(cl, line);
}

/* What follows the word, or NULL. */
static const char *after(const char *line, const char *word)
{
	size_t len = strlen(word);

	return strncmp(line, word, len) == 0 && line[len] == ' ' ? line + len + 1 : NULL;
}

/* A session's number in front of text; *rest is behind the space after it, or empty. */
static int read_number(const struct collector *c, const char *text, uint64_t *n,
    const char **rest)
{
	char *end;

	if (text[0] < '1' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	*n = strtoull(text, &end, 10);
	if (errno != 0 || (*end != '\0' && *end != ' '))
		return -EINVAL;
	*rest = *end == ' ' ? end + 1 : end;
	return *n <= c->store.number ? 0 : -ENOENT;
}

static int is_printable(const char *s)
{
	while (*s >= ' ' && *s <= '~')
		s++;
	return *s == '\0';
}

static void purged(void *arg, const struct purge_result *r)
{
	char line[ANSWER_MAX];

	if (r->error != 0) {
		refuse(arg, purge_text(r->error));
		return;
	}
	snprintf(line, sizeof(line), "ok %" PRIu64 " %" PRIu64 "\n", r->chunks, r->bytes);
	control_answer(arg, line);
}

/* text: an approval in base64, or "". */
static void purge(struct collector *c, struct client *cl, uint64_t n, const char *text)
{
	struct purge_leave leave;
	const char *why;
	int r;

	why = purge_leave_read(&leave, c->conf.purge_approvers, text);
	if (why != NULL) {
		refuse(cl, why);
		return;
	}
	control_later(cl);
	r = purger_ask(c->purger, n, leave.len > 0 ? &leave : NULL, purged, cl);
	if (r != 0)
		refuse(cl, err_text(r));
}

static void hold(struct collector *c, struct client *cl, uint64_t n, const char *why)
{
	int r;

	if (purger_is_late(c->purger, n)) {
		refuse(cl, "what the session held is being deleted");
		return;
	}
	if (!is_printable(why) || strlen(why) > LEGAL_HOLD_TEXT_MAX) {
		refuse(cl, "the reason is too long, or not printable ASCII");
		return;
	}
	r = legal_hold_set(&c->store, n, why);
	if (r != 0) {
		refuse(cl, err_text(r));
		return;
	}
	log_info("session %" PRIu64 " is held", n);
	events_hold(c->events, n, why);
	control_answer(cl, "ok\n");
}

static void release(struct collector *c, struct client *cl, uint64_t n)
{
	int r = legal_hold_release(&c->store, n);

	if (r != 0) {
		refuse(cl, r == -ENOENT ? "the session is not held" : err_text(r));
		return;
	}
	log_info("session %" PRIu64 " is held no more", n);
	events_hold(c->events, n, NULL);
	control_answer(cl, "ok\n");
}

static void reviewed(void *arg, int error, uint64_t leaf)
{
	char line[ANSWER_MAX];

	if (error != 0) {
		refuse(arg, REVIEW_UNSURE);
		return;
	}
	snprintf(line, sizeof(line), "ok %" PRIu64 "\n", leaf);
	control_answer(arg, line);
}

/* text: the day and the note. */
static void review(struct collector *c, struct client *cl, const char *text)
{
	uint8_t note[REVIEW_NOTE_MAX];
	size_t day = strcspn(text, " "), len = 0;
	const char *why = "a day and a sign-off are wanted";
	char folder[STORE_DAY_MAX] = "";

	if (text[day] == ' ' && day < sizeof(folder) &&
	    base64_get(note, sizeof(note), text + day + 1, strlen(text + day + 1), &len) == 0) {
		memcpy(folder, text, day);
		control_later(cl);
		why = reviewer_take(c->reviewer, folder, (char *)note, len, reviewed, cl);
	}
	if (why != NULL)
		refuse(cl, why);
}

void custody_forget(struct collector *c, const struct client *cl)
{
	purger_forget(c->purger, cl);
	reviewer_forget(c->reviewer, cl);
}

int custody_ask(struct collector *c, struct client *cl, const char *line)
{
	static const char *const words[] = {"purge", "hold", "release"};
	const char *text = NULL, *rest;
	uint64_t n;
	int i, r;

	for (i = 0; i < 3 && (text = after(line, words[i])) == NULL; i++)
		;
	if (text == NULL) {
		text = after(line, "review");
		if (text != NULL)
			review(c, cl, text);
		return text != NULL;
	}
	r = read_number(c, text, &n, &rest);
	if (r == 0 && i == 2 && *rest != '\0')
		r = -EINVAL;
	if (r != 0)
		refuse(cl, r == -ENOENT ? "there is no such session" : "a session's number is wanted");
	else if (i == 0)
		purge(c, cl, n, rest);
	else if (i == 1)
		hold(c, cl, n, rest);
	else
		release(c, cl, n);
	return 1;
}
