/* SPDX-License-Identifier: ISC */
#include "logs.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"

#define CONFLICT ".conflict"

void logs_init(struct logs *l, int dir)
{
	SLIST_INIT(&l->all);
	l->count = 0;
	l->dir = dir;
}

void logs_free(struct logs *l)
{
	struct log_state *s;

	while ((s = SLIST_FIRST(&l->all)) != NULL) {
		SLIST_REMOVE_HEAD(&l->all, link);
		pthread_mutex_destroy(&s->lock);
		free(s);
	}
	l->count = 0;
}

static struct log_state *new_log(struct logs *l, const char *origin)
{
	struct log_state *s = calloc(1, sizeof(*s));
	uint8_t hash[crypto_hash_sha256_BYTES];

	if (s == NULL)
		return NULL;
	if (pthread_mutex_init(&s->lock, NULL) != 0) {
		free(s);
		return NULL;
	}
	snprintf(s->origin, sizeof(s->origin), "%s", origin);
	crypto_hash_sha256(hash, (const uint8_t *)origin, strlen(origin));
	sodium_bin2hex(s->file, sizeof(s->file), hash, sizeof(hash));
	SLIST_INSERT_HEAD(&l->all, s, link);
	l->count++;
	return s;
}

int logs_add(struct logs *l, const struct note_key *key)
{
	struct log_state *s = logs_find(l, key->name);

	if (s == NULL)
		s = new_log(l, key->name);
	if (s == NULL)
		return -ENOMEM;
	if (s->keys == LOGS_KEYS)
		return E_RANGE;
	s->key[s->keys++] = *key;
	return 0;
}

/* What is in the file is ours, or nothing is believed. */
static int take(struct log_state *s, const struct note_key *own, const char *text, size_t len)
{
	struct checkpoint c;
	struct note n;
	int r;

	if ((r = note_parse(&n, text, len)) != 0 || (r = note_verify(&n, own, NULL)) != 0 ||
	    (r = checkpoint_parse(&c, n.text, n.text_len)) != 0)
		return r;
	if (strcmp(c.origin, s->origin) != 0)
		return E_CHAIN;
	s->size = c.size;
	memcpy(s->root, c.root, sizeof(s->root));
	return 0;
}

int logs_load(struct logs *l, const struct note_key *own, const struct log_state **bad)
{
	struct log_state *s;
	uint8_t *text;
	size_t len;
	int r;

	SLIST_FOREACH(s, &l->all, link) {
		r = io_read_file(l->dir, s->file, NOTE_MAX, &text, &len);
		if (r == -ENOENT)
			continue;
		if (r == 0) {
			r = take(s, own, (const char *)text, len);
			free(text);
		}
		if (r != 0) {
			*bad = s;
			return r;
		}
	}
	return 0;
}

struct log_state *logs_find(struct logs *l, const char *origin)
{
	struct log_state *s;

	SLIST_FOREACH(s, &l->all, link)
		if (strcmp(s->origin, origin) == 0)
			return s;
	return NULL;
}

struct log_state *logs_find_file(struct logs *l, const char *file)
{
	struct log_state *s;

	SLIST_FOREACH(s, &l->all, link)
		if (strcmp(s->file, file) == 0)
			return s;
	return NULL;
}

int logs_store(struct logs *l, struct log_state *s, const struct checkpoint *c,
    const char *note, size_t len)
{
	int r = io_replace_file(l->dir, s->file, 0600, note, len);

	if (r != 0)
		return r;
	s->size = c->size;
	memcpy(s->root, c->root, sizeof(s->root));
	return 0;
}

int logs_conflict(struct logs *l, const struct log_state *s, const char *note, size_t len)
{
	char name[sizeof(s->file) + sizeof(CONFLICT)];

	snprintf(name, sizeof(name), "%s" CONFLICT, s->file);
	if (faccessat(l->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == ENOENT ? io_replace_file(l->dir, name, 0600, note, len) : -errno;
}
