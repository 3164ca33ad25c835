/* SPDX-License-Identifier: ISC */
/* shellac review next: plays what is most urgent, and asks what to think of it. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "err.h"
#include "escape.h"
#include "review/entries.h"
#include "review/fill.h"
#include "review/sign_off.h"

#define LINE_SIZE (REVIEW_TEXT_MAX + 16)
#define NAME_SIZE 32

/* What to do with a session that was shown. */
enum answer { SIGN, AGAIN, SKIP, QUIT };

/* A program of its own in all but name: it opens the store anew, which a collector logs, and
 * has the terminal to itself. */
static int play_in_child(const struct auditor *a, const struct queue_item *t)
{
	struct auditor child = *a;
	char at[40], n[24], replay[] = "replay", option[] = "--at";
	char *with[] = { replay, option, at, n, NULL }, *without[] = { replay, n, NULL };

	memset(&child.store, 0, sizeof child.store);
	child.store.fd = -1;
	memset(&child.keys, 0, sizeof child.keys);
	child.have_key = 0;
	child.command = replay;
	snprintf(at, sizeof at, "+%llu", (unsigned long long)(t->at_ns / 1000000000));
	snprintf(n, sizeof n, "%llu", (unsigned long long)t->n);
	optind = 0;
	return finish_stdout(t->has_at ? cmd_replay(&child, 4, with) : cmd_replay(&child, 2, without));
}

/* 0 or -errno; what it had to say it said. */
static int play(const struct auditor *a, const struct queue_item *t)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	pid_t pid;
	int r = 0;

	fflush(stdout);
	sigaction(SIGINT, &ignore, &before); /* ends the replay and not us */
	pid = fork();
	if (pid == 0) {
		sigaction(SIGINT, &before, NULL);
		exit(play_in_child(a, t));
	}
	if (pid < 0)
		r = -errno;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	sigaction(SIGINT, &before, NULL);
	return r;
}

/* A line of standard input without its line feed.  0, or -1 at its end. */
static int ask(const char *question, char line[LINE_SIZE])
{
	size_t len;
	int c;

	printf("%s", question);
	fflush(stdout);
	if (fgets(line, LINE_SIZE, stdin) == NULL)
		return -1;
	len = strcspn(line, "\n");
	if (line[len] == '\0')
		while ((c = getchar()) != EOF && c != '\n')
			;
	line[len] = '\0';
	return 0;
}

static enum answer ask_verdict(const struct queue_item *t, enum review_verdict *verdict)
{
	const char *question = t->row != NULL ?
	    "o ok, c concern, v violation, u unreadable; r replay it again, s skip it, q quit: " :
	    "o ok, c concern, v violation, u unreadable; s skip it, q quit: ";
	static const char letters[] = "ocvu";
	char line[LINE_SIZE];
	const char *found;

	for (;;) {
		if (ask(question, line) != 0)
			return QUIT;
		*verdict = review_verdict_find(line);
		found = line[0] != '\0' && line[1] == '\0' ? strchr(letters, line[0]) : NULL;
		if (found != NULL)
			*verdict = (enum review_verdict)(found - letters + 1);
		if (*verdict != 0)
			return SIGN;
		if (strcmp(line, "r") == 0 && t->row != NULL)
			return AGAIN;
		if (strcmp(line, "s") == 0)
			return SKIP;
		if (strcmp(line, "q") == 0)
			return QUIT;
	}
}

/* 0, or -1: he has nothing to say any more. */
static int ask_text(char line[LINE_SIZE])
{
	const char *wrong;

	do {
		if (ask("what you have to say, in one line: ", line) != 0)
			return -1;
		wrong = sign_off_text_wrong(line);
		if (wrong != NULL)
			printf("%s\n", wrong);
	} while (wrong != NULL);
	return 0;
}

/* As review sign takes it. */
static void name(char out[NAME_SIZE], const struct queue_item *t)
{
	snprintf(out, NAME_SIZE, "%s%llu", t->row != NULL ? "" : ENTRIES_NAME,
	    (unsigned long long)(t->row != NULL ? t->n : t->entry));
}

static int sign(struct auditor *a, const struct review_args *args, const struct queue_item *t,
    enum review_verdict verdict, const char *text)
{
	char n[NAME_SIZE], path[PATH_MAX], *argv[] = { n, NULL };
	struct review_args one = *args;

	name(n, t);
	one.verdict = verdict;
	one.text = text;
	one.argc = 1;
	one.argv = argv;
	if (args->output != NULL) {
		snprintf(path, sizeof path, "%s/%s.note", args->output, n);
		one.output = path;
	}
	return review_sign_open(a, &one);
}

static void show(const struct queue_item *t, size_t i, size_t count)
{
	char user[4 * 256], why[4 * QUEUE_REASON_SIZE];
	int k;

	escape_str(user, sizeof user, t->user[0] != '\0' ? t->user : "nobody known");
	if (t->n > 0)
		printf("\n%zu of %zu: session %llu of %s\n", i + 1, count, (unsigned long long)t->n, user);
	else
		printf("\n%zu of %zu: a terminal of %s, entry %llu of the ledger\n", i + 1, count, user,
		    (unsigned long long)t->entry);
	for (k = 0; k < QUEUE_CLASSES; k++)
		if (t->reason[k] != NULL)
			printf("  %s: %s\n", queue_word((enum queue_class)k),
			    escape_shown(why, sizeof why, t->reason[k], strlen(t->reason[k])));
}

static enum answer one(struct auditor *a, const struct review_args *args,
    const struct queue_item *t, int *status)
{
	enum review_verdict verdict = (enum review_verdict)0;
	char line[LINE_SIZE];
	enum answer answer;
	int r;

	do {
		r = t->row != NULL ? play(a, t) : 0;
		if (r != 0)
			complain("replay: %s", err_text(r));
		answer = ask_verdict(t, &verdict);
	} while (answer == AGAIN);
	if (answer != SIGN)
		return answer;
	if (ask_text(line) != 0)
		return QUIT;
	r = sign(a, args, t, verdict, line);
	if (*status != AUDIT_FINDING && r != AUDIT_OK)
		*status = r;
	return r == AUDIT_OK ? SKIP : QUIT;
}

/* A session that can be played, or an entry of the ledger that stands for what cannot. */
static int can_sign(const struct queue_item *t)
{
	return t->row != NULL || t->has_entry;
}

int review_next(struct auditor *a, const struct review_args *args)
{
	enum answer answer = SKIP;
	size_t i, count = 0, k = 0;
	struct fill f;
	int status;

	if (review_sign_can(a, args) != AUDIT_OK)
		return AUDIT_USAGE;
	status = fill_queue(&f, a, args);
	if (status == AUDIT_OK)
		status = f.status;
	for (i = 0; i < f.queue.items; i++)
		count += (size_t)can_sign(&f.queue.item[i]);
	if (count < f.queue.items)
		printf("of %zu the ledger says nothing: shellac review lists them\n",
		    f.queue.items - count);
	for (i = 0; i < f.queue.items && answer != QUIT; i++) {
		if (!can_sign(&f.queue.item[i]))
			continue;
		show(&f.queue.item[i], k++, count);
		answer = one(a, args, &f.queue.item[i], &status);
	}
	if (answer != QUIT && status == AUDIT_OK)
		printf("nothing is left to look at\n");
	fill_release(&f);
	return status;
}
