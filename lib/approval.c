/* SPDX-License-Identifier: ISC */
#include "approval.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "err.h"
#include "io.h"
#include "note_text.h"

#define HEAD "shellac approval v1\npurge\n"

static int reason_good(const char *s)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if (s[i] < ' ' || s[i] > '~')
			return 0;
	return i > 0 && i <= APPROVAL_REASON_MAX;
}

int approval_format(char out[NOTE_MAX], const struct approval *a)
{
	char hex[2 * ID_SIZE + 1];
	unsigned i;
	int n;

	if (!note_date_good(a->date) || !reason_good(a->reason))
		return E_FORMAT;
	if (a->sessions == 0 || a->sessions > APPROVAL_SESSIONS_MAX)
		return E_RANGE;
	n = snprintf(out, NOTE_MAX, HEAD "date %s\nreason %s\n", a->date, a->reason);
	for (i = 0; i < a->sessions; i++) {
		hex_put(hex, a->id[i], ID_SIZE);
		n += snprintf(out + n, NOTE_MAX - (size_t)n, "session %s\n", hex);
	}
	return n;
}

int approval_parse(struct approval *a, const char *text, size_t len)
{
	struct rest b = {.p = (const uint8_t *)text, .len = len};
	struct approval v = {.sessions = 0};
	char hex[2 * ID_SIZE + 1];
	const uint8_t *head = rest_take(&b, sizeof(HEAD) - 1);

	if (head == NULL || memcmp(head, HEAD, sizeof(HEAD) - 1) != 0 ||
	    note_text_take(&b, "date", v.date, sizeof(v.date)) != 0 || !note_date_good(v.date) ||
	    note_text_take(&b, "reason", v.reason, sizeof(v.reason)) != 0 || !reason_good(v.reason) ||
	    b.len == 0)
		return E_FORMAT;
	for (; b.len > 0; v.sessions++) {
		if (v.sessions == APPROVAL_SESSIONS_MAX)
			return E_RANGE;
		if (note_text_take(&b, "session", hex, sizeof(hex)) != 0 ||
		    strlen(hex) != 2 * ID_SIZE || hex_get(v.id[v.sessions], ID_SIZE, hex) != 0)
			return E_FORMAT;
	}
	*a = v;
	return 0;
}

int approval_names(const struct approval *a, const uint8_t id[ID_SIZE])
{
	unsigned i;

	for (i = 0; i < a->sessions; i++)
		if (memcmp(a->id[i], id, ID_SIZE) == 0)
			return 1;
	return 0;
}

static int take_keys(struct approvers *k, char *text)
{
	char *line, *end;

	k->keys = 0;
	for (line = text; *line != '\0'; line = end) {
		end = line + strcspn(line, "\n");
		if (*end == '\n')
			*end++ = '\0';
		if (*line == '\0' || *line == '#')
			continue;
		if (k->keys == APPROVERS_MAX)
			return E_RANGE;
		if (note_key_parse(&k->key[k->keys], line) != 0 ||
		    k->key[k->keys].alg != NOTE_ED25519)
			return E_KEY;
		k->keys++;
	}
	return k->keys > 0 ? 0 : E_RANGE;
}

int approvers_load(struct approvers *k, const char *path)
{
	/* O_NONBLOCK: opening somebody's FIFO must not hang */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r = 0;
	uint8_t *text = NULL;
	struct stat st;
	size_t len = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022) != 0)
		r = -EPERM;
	if (r == 0)
		r = io_read_fd(fd, APPROVERS_FILE_MAX, &text, &len);
	if (r == 0)
		r = strlen((char *)text) == len ? take_keys(k, (char *)text) : E_KEY;
	free(text);
	close(fd);
	return r;
}

const char *approvers_error(int r)
{
	switch (r) {
	case E_KEY:
		return "it has a line that is no public key";
	case E_RANGE:
		return "it has no key, or too many";
	case -EPERM:
		return "it must be root's, and nobody else may write to it";
	default:
		return err_text(r);
	}
}

int approval_open(struct approval *a, const char *p, size_t len, const struct approvers *k)
{
	int r, found = E_KEY;
	struct approval v;
	struct note note;
	unsigned i;

	if ((r = note_parse(&note, p, len)) != 0 ||
	    (r = approval_parse(&v, note.text, note.text_len)) != 0)
		return r;
	for (i = 0; i < k->keys; i++) {
		r = note_verify(&note, &k->key[i], NULL);
		if (r != 0 && r != E_KEY)
			return r;
		if (r == 0)
			found = 0;
	}
	if (found == 0)
		*a = v;
	return found;
}
