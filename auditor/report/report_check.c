/* SPDX-License-Identifier: ISC */
#include "report/report_check.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auditor.h"
#include "base64.h"
#include "bytes.h"
#include "err.h"
#include "escape.h"
#include "report/report_note.h"
#include "report/report_write.h"

int report_check_is_note(const uint8_t *p, size_t len)
{
	return len >= strlen(REPORT_NOTE_BEGIN) &&
	    memcmp(p, REPORT_NOTE_BEGIN, strlen(REPORT_NOTE_BEGIN)) == 0;
}

static int open_note(struct report_note *r, const struct note_key *auditor, const char *p,
    size_t len)
{
	struct note n;
	int e = note_parse(&n, p, len);

	if (e == 0)
		e = note_verify(&n, auditor, NULL);
	return e != 0 ? e : report_note_parse(r, n.text, n.text_len);
}

static void print_note(const struct report_note *r)
{
	char hex[2 * HASH_SIZE + 1], root[BASE64_SIZE(MERKLE_HASH)];

	hex_put(hex, r->host_id, ID_SIZE);
	printf("host id   %s\n", hex);
	base64_put(root, r->root, MERKLE_HASH);
	printf("ledger    %" PRIu64 " entries, root %s\n", r->entries, root);
	hex_put(hex, r->sha256, REPORT_SHA256);
	printf("report    %" PRIu64 " bytes, SHA-256 %s\n", r->size, hex);
}

/* The report's path: the note's, but for its end.  0 where it has another. */
static int report_path(char out[PATH_MAX], const char *path)
{
	size_t len = strlen(path), end = strlen(REPORT_NOTE_SUFFIX);

	if (len <= end || len >= PATH_MAX || strcmp(path + len - end, REPORT_NOTE_SUFFIX) != 0)
		return 0;
	snprintf(out, PATH_MAX, "%.*s", (int)(len - end), path);
	return 1;
}

static int check_report(const struct report_note *said, const char *path)
{
	char safe[PATH_MAX];
	struct report_note r;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), e;

	e = fd < 0 ? -errno : report_note_digest(&r, fd);
	if (fd >= 0)
		close(fd);
	if (e != 0) {
		complain("%s: %s; the note is good, and the report it is of is not here", path,
		    err_text(e));
		return AUDIT_CANNOT;
	}
	if (r.size != said->size || memcmp(r.sha256, said->sha256, REPORT_SHA256) != 0 ||
	    memcmp(r.blake2b, said->blake2b, HASH_SIZE) != 0) {
		complain("%s: not the report that was signed", path);
		return AUDIT_FINDING;
	}
	printf("%s is the report that was signed\n", escape_str(safe, sizeof safe, path));
	return AUDIT_OK;
}

int report_check(const char *path, const struct note_key *auditor, const uint8_t *p, size_t len)
{
	char report[PATH_MAX];
	struct report_note r;
	int e = open_note(&r, auditor, (const char *)p, len);

	if (e != 0) {
		complain("%s: no note of a report to rely on: %s", path,
		    e == E_KEY ? "it is not signed by this auditor" : err_text(e));
		return AUDIT_FINDING;
	}
	print_note(&r);
	if (report_path(report, path))
		return check_report(&r, report);
	complain("%s: the report that it is of is found by the note's name, REPORT"
	    REPORT_NOTE_SUFFIX, path);
	return AUDIT_CANNOT;
}
