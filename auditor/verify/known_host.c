/* SPDX-License-Identifier: ISC */
#include "verify/known_host.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"

/* A note of one line is none. */
static int is_note(const uint8_t *p, size_t len)
{
	const uint8_t *line = memchr(p, '\n', len);

	return line != NULL && (size_t)(line - p) + 1 < len;
}

static int take_enrolment(struct known_host *k, size_t len)
{
	const struct enrolment *e = &k->enrolment;
	unsigned line;
	int r;

	r = enrolment_open(&k->enrolment, (const char *)k->text, len, NULL);
	if (r == 0 && e->policy != NULL)
		r = policy_parse(&k->policy, e->policy, e->policy_len, &line);
	if (r != 0)
		return r;
	memcpy(k->key.pk, e->key.pk, PK_SIZE);
	snprintf(k->key.name, sizeof(k->key.name), "%s", e->key.name);
	k->host_id = e->host_id;
	if (e->has_epoch)
		k->epoch_pk = e->epoch_pk;
	return 0;
}

int known_host_load(struct known_host *k, const char *path)
{
	size_t len;
	int r;

	*k = (struct known_host){ .text = NULL };
	r = io_read_file(AT_FDCWD, path, NOTE_MAX, &k->text, &len);
	if (r == 0 && is_note(k->text, len))
		return take_enrolment(k, len);
	/* it may be a link, or no regular file */
	return key_pub_load(&k->key, path);
}

void known_host_release(struct known_host *k)
{
	policy_free(k->policy);
	free(k->text);
}
