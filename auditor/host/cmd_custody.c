/* SPDX-License-Identifier: ISC */
/* What happens to recordings: shellac purge, shellac hold. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"
#include "auditor.h"
#include "base64.h"
#include "err.h"
#include "escape.h"
#include "io.h"
#include "store/live.h"
#include "note.h"
#include "store/select.h"

#define REASON_MAX 400
#define LINE_SIZE (BASE64_SIZE(NOTE_MAX) + 64)
#define HOLD_DIR "hold"

enum { OPT_RELEASE = OPT_LONG, OPT_REASON, OPT_APPROVAL };

const struct opt purge_opts[] = {
	{ OPT_APPROVAL, "approval", "FILE", "an auditor's approval: shellac key approve" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

const struct opt hold_opts[] = {
	{ OPT_REASON, "reason", "TEXT", "why, for whoever reads the list of those that are held" },
	{ OPT_RELEASE, "release", NULL, "hold them no more" },
	{ 'h', "help", NULL, "show this help" },
	{ 0 },
};

static int no_collector(const struct auditor *a, int r)
{
	complain("%s: %s; %s", a->control, err_text(r),
	    r == -EACCES ? "only root may do this" : "shellacd has to run for this");
	return AUDIT_CANNOT;
}

/* Says what the collector answered to a line about session n. */
static int report(uint64_t n, const char *answer)
{
	unsigned long long chunks, bytes, number = n;

	if (sscanf(answer, "ok %llu %llu", &chunks, &bytes) == 2) {
		printf("session %llu: deleted %llu bytes of %llu chunks; its certificate and its "
		    "seals stay\n", number, bytes, chunks);
		return AUDIT_OK;
	}
	if (strcmp(answer, "ok") == 0)
		return AUDIT_OK;
	if (strcmp(answer, "late") == 0) {
		complain("session %llu: this takes long and goes on; shellac list shows when it is "
		    "PURGED", number);
		return AUDIT_OK;
	}
	complain("session %llu: %s", number, strncmp(answer, "refused ", 8) == 0 ? answer + 8 :
	    "the collector does not understand this; is it an older one?");
	return AUDIT_CANNOT;
}

/* Asks "WORD N TEXT" for a session. */
static int ask_one(struct auditor *a, const char *word, const char *id, const char *text)
{
	char line[LINE_SIZE], *answer;
	struct store_session *e;
	int status, r;

	e = select_or_complain(a, id, &status);
	if (e == NULL)
		return status;
	snprintf(line, sizeof line, "%s %llu%s%s\n", word, (unsigned long long)e->name.n,
	    text[0] != '\0' ? " " : "", text);
	r = live_ask(a->control, line, &answer);
	if (r != 0)
		return no_collector(a, r);
	status = report(e->name.n, answer);
	free(answer);
	return status;
}

static int ask_all(struct auditor *a, const char *word, int argc, char **argv, const char *text)
{
	int i, r, status;

	if (a->control[0] == '\0') {
		complain("a copied store has no collector; nothing is changed in it");
		return AUDIT_CANNOT;
	}
	status = auditor_open(a, 0);
	for (i = 0; i < argc && status != AUDIT_USAGE; i++) {
		r = ask_one(a, word, argv[i], text);
		if (r != AUDIT_OK)
			status = r;
	}
	return status;
}

/* The file, in base64. */
static int read_approval(const char *path, char text[BASE64_SIZE(NOTE_MAX)])
{
	uint8_t *p;
	size_t len;
	int r = io_read_file(AT_FDCWD, path, NOTE_MAX, &p, &len);

	if (r != 0) {
		complain("%s: %s", path, err_text(r));
		return AUDIT_CANNOT;
	}
	base64_put(text, p, len);
	free(p);
	return AUDIT_OK;
}

int cmd_purge(struct auditor *a, int argc, char **argv)
{
	char approval[BASE64_SIZE(NOTE_MAX)] = "";
	int c, done, status = AUDIT_OK;

	while ((c = command_next(command_find("purge"), argc, argv, &done)) != OPT_END) {
		if (c != OPT_APPROVAL)
			return AUDIT_USAGE;
		status = read_approval(optarg, approval);
		if (status != AUDIT_OK)
			return status;
	}
	if (done)
		return AUDIT_OK;
	if (optind == argc) {
		complain("purge wants sessions, each by its number or the start of its id");
		return AUDIT_USAGE;
	}
	return ask_all(a, "purge", argc - optind, argv + optind, approval);
}

static int compare(const void *a, const void *b)
{
	unsigned long long x = strtoull(*(char *const *)a, NULL, 10);
	unsigned long long y = strtoull(*(char *const *)b, NULL, 10);

	return x < y ? -1 : x > y;
}

static void show_hold(DIR *d, const char *name)
{
	char safe[4 * REASON_MAX];
	uint8_t *text;
	size_t len;

	if (io_read_file(dirfd(d), name, REASON_MAX + 1, &text, &len) != 0)
		return;
	text[strcspn((char *)text, "\n")] = '\0';
	printf("%6s  %s\n", name, escape_str(safe, sizeof safe, (char *)text));
	free(text);
}

/* One line for each session that is held, by number. */
static int list_holds(struct auditor *a)
{
	char **name = NULL;
	size_t count = 0, room = 0, i;
	struct dirent *e;
	DIR *d;
	int status;

	if (a->conninfo != NULL) {
		complain("shellac fleet hold tells what a fleet holds");
		return AUDIT_USAGE;
	}
	status = auditor_open(a, 0);
	if (status != AUDIT_OK)
		return status;
	if (a->store.access != NULL) {
		complain("only root may see which sessions are held, and why");
		return AUDIT_CANNOT;
	}
	d = io_list_dir(a->store.fd, HOLD_DIR);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '\0' || e->d_name[strspn(e->d_name, "0123456789")] != '\0')
			continue;
		if (array_room(&name, count, &room, sizeof *name) != 0 ||
		    (name[count] = strdup(e->d_name)) == NULL)
			break;
		count++;
	}
	if (count > 0)
		qsort(name, count, sizeof *name, compare);
	for (i = 0; i < count; i++) {
		show_hold(d, name[i]);
		free(name[i]);
	}
	free(name);
	if (d != NULL)
		closedir(d);
	return AUDIT_OK;
}

int cmd_hold(struct auditor *a, int argc, char **argv)
{
	const char *reason = "", *word = "hold";
	int c, done;

	while ((c = command_next(command_find("hold"), argc, argv, &done)) != OPT_END) {
		if (c == OPT_RELEASE)
			word = "release";
		else if (c == OPT_REASON && strlen(optarg) <= REASON_MAX)
			reason = optarg;
		else {
			if (c == OPT_REASON)
				complain("--reason: at most %d characters", REASON_MAX);
			return AUDIT_USAGE;
		}
	}
	if (done)
		return AUDIT_OK;
	if (optind == argc && strcmp(word, "release") != 0)
		return list_holds(a);
	if (optind == argc || (strcmp(word, "release") == 0 && reason[0] != '\0')) {
		complain("hold --release wants sessions and no reason");
		return AUDIT_USAGE;
	}
	return ask_all(a, word, argc - optind, argv + optind, reason);
}
