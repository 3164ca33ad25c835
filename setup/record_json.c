/* SPDX-License-Identifier: ISC */
/* The record as JSON. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base64.h"
#include "err.h"
#include "record.h"

#define FORMAT 1

static const char *const kinds[] = { "file", "shell" };
static const char *const types[] = { "none", "file", "link" };

static int word_of(const json_t *o, const char *key, const char *const *words, int count)
{
	const char *s = json_string_value(json_object_get(o, key));
	int i;

	for (i = 0; s != NULL && i < count; i++)
		if (strcmp(s, words[i]) == 0)
			return i;
	return -1;
}

/* A whole number up to max; -1 where it is none. */
static json_int_t number_of(const json_t *o, const char *key, json_int_t max)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) && json_integer_value(v) >= 0 && json_integer_value(v) <= max ?
	    json_integer_value(v) : -1;
}

static int parse_data(struct tree_file *f, enum tree_type type, const char *text)
{
	size_t max = strlen(text), len;
	uint8_t *p = malloc(max + 1);
	int r;

	if (p == NULL)
		return -ENOMEM;
	r = base64_get(p, max, text, max, &len);
	/* a link that is empty or has a zero in it is none */
	if (r == 0 && (len > TREE_FILE_MAX || (type == TREE_LINK && (len == 0 ||
	    len >= PATH_MAX || memchr(p, 0, len) != NULL))))
		r = E_FORMAT;
	if (r == 0)
		r = tree_text(f, type, p, len);
	free(p);
	return r;
}

static int parse_file(struct tree_file *f, const json_t *o)
{
	const char *text = json_string_value(json_object_get(o, "data"));
	json_int_t mode = number_of(o, "mode", 07777), uid = number_of(o, "uid", UINT32_MAX),
	    gid = number_of(o, "gid", UINT32_MAX);
	int type = word_of(o, "type", types, 3), r;

	if (type == TREE_NONE)
		return json_object_size(o) == 1 ? 0 : E_FORMAT;
	if (type < 0 || json_object_size(o) != 5 || text == NULL || mode < 0 || uid < 0 || gid < 0 ||
	    (type == TREE_LINK && mode != 0))
		return E_FORMAT;
	if ((r = parse_data(f, (enum tree_type)type, text)) != 0)
		return r;
	f->mode = (mode_t)mode;
	f->uid = (uid_t)uid;
	f->gid = (gid_t)gid;
	return 0;
}

static int name_is_good(const struct item *item)
{
	if (item->kind == ITEM_FILE)
		return record_path_is_known(item->what, item->name);
	return strcmp(item->what, "login-shell") == 0 && record_user_is_good(item->name);
}

/* A user's shell is an absolute path, or what passwd(5) takes for /bin/sh. */
static int shell_is_good(const struct tree_file *f)
{
	return f->type == TREE_LINK && f->data[0] == '/' &&
	    strpbrk((const char *)f->data, ":\n") == NULL;
}

static int parse_item(struct record *rec, const json_t *o)
{
	int kind = word_of(o, "kind", kinds, 2), r;
	const json_t *pending = json_object_get(o, "pending");
	struct item item = { 0 };

	if (kind < 0 || json_object_size(o) != 6 || !json_is_boolean(pending))
		return E_FORMAT;
	item.kind = (enum item_kind)kind;
	item.what = (char *)(uintptr_t)json_string_value(json_object_get(o, "what"));
	item.name = (char *)(uintptr_t)json_string_value(json_object_get(o, "name"));
	item.pending = json_is_true(pending);
	if (item.what == NULL || item.name == NULL || !name_is_good(&item) ||
	    record_find(rec, item.what, item.name) != NULL)
		return E_FORMAT;
	r = parse_file(&item.before, json_object_get(o, "before"));
	if (r == 0)
		r = parse_file(&item.after, json_object_get(o, "after"));
	if (r == 0 && kind == ITEM_SHELL && (!shell_is_good(&item.before) ||
	    !shell_is_good(&item.after)))
		r = E_FORMAT;
	if (r == 0 && record_add(rec, &item) == NULL)
		r = -ENOMEM;
	tree_release(&item.before);
	tree_release(&item.after);
	return r;
}

int record_parse(struct record *rec, const char *text, size_t len)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *list = json_object_get(root, "items");
	int r = 0;
	size_t i;

	if (!json_is_object(root) || json_object_size(root) != 2 || !json_is_array(list) ||
	    number_of(root, "format", FORMAT) != FORMAT ||
	    json_array_size(list) > RECORD_ITEMS_MAX)
		r = E_FORMAT;
	for (i = 0; r == 0 && i < json_array_size(list); i++)
		r = parse_item(rec, json_array_get(list, i));
	json_decref(root);
	if (r != 0)
		record_release(rec);
	return r;
}

static json_t *file_json(const struct tree_file *f)
{
	json_t *o = json_object();
	char *text;

	json_object_set_new(o, "type", json_string(types[f->type]));
	if (f->type == TREE_NONE)
		return o;
	text = malloc(BASE64_SIZE(f->len));
	if (text == NULL) {
		json_decref(o);
		return NULL;
	}
	base64_put(text, f->data, f->len);
	json_object_set_new(o, "mode", json_integer(f->mode));
	json_object_set_new(o, "uid", json_integer(f->uid));
	json_object_set_new(o, "gid", json_integer(f->gid));
	json_object_set_new(o, "data", json_string(text));
	free(text);
	return o;
}

static json_t *item_json(const struct item *item)
{
	json_t *o = json_object();

	/* jansson takes a NULL for an error and says -1 */
	if (json_object_set_new(o, "what", json_string(item->what)) != 0 ||
	    json_object_set_new(o, "kind", json_string(kinds[item->kind])) != 0 ||
	    json_object_set_new(o, "name", json_string(item->name)) != 0 ||
	    json_object_set_new(o, "pending", json_boolean(item->pending)) != 0 ||
	    json_object_set_new(o, "before", file_json(&item->before)) != 0 ||
	    json_object_set_new(o, "after", file_json(&item->after)) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

char *record_text(const struct record *rec)
{
	json_t *root = json_object(), *list = json_array();
	char *text = NULL;
	int bad = 0;
	size_t i;

	for (i = 0; i < rec->count; i++)
		bad |= json_array_append_new(list, item_json(&rec->item[i]));
	bad |= json_object_set_new(root, "format", json_integer(FORMAT));
	bad |= json_object_set_new(root, "items", list);
	if (bad == 0)
		text = json_dumps(root, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	json_decref(root);
	return text;
}
