/* SPDX-License-Identifier: ISC */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auditor.h"
#include "bytes.h"
#include "err.h"
#include "verify_print.h"

static void print_findings(struct verify *v, uint64_t n, const uint8_t *id,
    const struct verdict *verdict)
{
	struct finding level = { .chunk = -1, .kind = "level" };
	unsigned i;

	for (i = 0; i < verdict->findings; i++)
		verify_print_finding(v, n, id, &verdict->finding[i]);
	if (verdict->level >= v->level || (v->level == 0 && !verdict_good(verdict)))
		return;
	snprintf(level.text, sizeof level.text, "level %d is not reached: it needs a ledger, "
	    "which this store does not have", v->level);
	if (v->level > 0)
		verify_print_finding(v, n, id, &level);
}

/* name NULL: neither file nor certificate says which session it is. */
static void conclude(struct verify *v, const struct session_name *name,
    const struct verdict *verdict)
{
	uint64_t n = name != NULL ? name->n : 0;
	const uint8_t *id = name != NULL ? name->id : NULL;

	v->sessions++;
	v->count[verdict->status]++;
	verify_print_session(v, n, id, verdict_word(verdict->status), verdict->level);
	print_findings(v, n, id, verdict);
	if (!verdict_good(verdict))
		v->bad = 1;
}

void verify_session(struct verify *v, const struct store *s, struct store_session *e)
{
	static struct verdict verdict;
	int r = judge_session(s, e, v->host_pk, &verdict);

	if (r == 0) {
		conclude(v, &e->name, &verdict);
		return;
	}
	complain("session %llu: %s", (unsigned long long)e->name.n, err_text(r));
	v->cannot = 1;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static int judge_fd(struct verify *v, int fd, const struct store_session *e)
{
	struct session_name told;
	const struct session_name *name = e != NULL ? &e->name : NULL;
	const struct verdict *verdict;
	struct judge j;
	struct frame f;
	struct event ev;
	int r = judge_open(&j, fd, e, v->host_pk);

	while (r >= 0 && (r = judge_next(&j, &f, &ev)) > 0)
		;
	if (r == 0) {
		verdict = judge_verdict(&j);
		if (name == NULL && verdict->chain.have_cert) {
			told.n = verdict->chain.cert.n;
			memcpy(told.id, verdict->chain.cert.id, ID_SIZE);
			name = &told;
		}
		conclude(v, name, verdict);
	}
	judge_close(&j);
	return r;
}

int verify_file(struct verify *v, const char *path)
{
	struct store_session e = { 0 };
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		r = -errno;
	else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		r = -EINVAL;
	else
		r = judge_fd(v, fd, store_name_parse(&e.name, last_part(path)) == 0 ? &e : NULL);
	if (fd >= 0)
		close(fd);
	if (r != 0) {
		complain("%s: %s", path, r == -EINVAL ? "not a regular file" : err_text(r));
		v->cannot = 1;
	}
	return 1;
}

void verify_summary(const struct verify *v)
{
	const char *sep = ": ";
	int i;

	if (v->json)
		return;
	printf("%llu session%s", v->sessions, v->sessions == 1 ? "" : "s");
	for (i = 0; i <= VERIFY_MISSING; i++) {
		if (v->count[i] == 0)
			continue;
		printf("%s%llu %s", sep, v->count[i],
		    i == VERIFY_MISSING ? "MISSING" : verdict_word((enum verdict_status)i));
		sep = ", ";
	}
	if (v->loose > 0)
		printf("; %llu other finding%s", v->loose, v->loose == 1 ? "" : "s");
	if (v->process_files > 0)
		printf("; %llu process records", v->processes);
	putchar('\n');
}
