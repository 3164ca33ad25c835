/* SPDX-License-Identifier: ISC */
#include "export/source.h"

#include <stdio.h>
#include <string.h>

#include "auditor.h"

#define NS_S 1e9

int64_t export_wall(const struct export_source *s, uint64_t session_ns)
{
	int64_t wall;

	if (__builtin_add_overflow(s->verdict.chain.cert.wall_ns, session_ns, &wall))
		return INT64_MAX;
	return wall;
}

void export_title(char *out, const struct export_source *s)
{
	const struct cert *c = &s->verdict.chain.cert;

	snprintf(out, EXPORT_TITLE_MAX, "session %llu, %s on %s",
	    (unsigned long long)s->entry.name.n, c->user[0] != '\0' ? c->user : "somebody",
	    c->host[0] != '\0' ? c->host : "a host");
}

static json_t *finding(const struct finding *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "chunk", f->chunk >= 0 ? json_integer(f->chunk) : json_null());
	json_object_set_new(o, "offset", json_u64(f->offset));
	json_object_set_new(o, "kind", json_string(f->kind));
	json_object_set_new(o, "text", json_bytes(f->text));
	return o;
}

/* The file, and the key that signed for it. */
static void set_proof(json_t *o, const struct export_source *s)
{
	const struct verdict *v = &s->verdict;
	const struct chain *c = &v->chain;
	json_t *list = json_array();
	unsigned i;

	json_object_set_new(o, "blake2b_256", json_hex(s->digest, HASH_SIZE));
	json_object_set_new(o, "bytes", json_u64(s->digest_bytes));
	json_object_set_new(o, "status", json_string(verdict_word(v->status)));
	json_object_set_new(o, "level", v->level < 0 ? json_null() : json_integer(v->level));
	json_object_set_new(o, "level_why", json_bytes(s->level_why != NULL ? s->level_why : ""));
	json_object_set_new(o, "chunks", json_u64(c->chunk));
	json_object_set_new(o, "head", c->chunk > 0 ? json_hex(c->prev, HASH_SIZE) : json_null());
	json_object_set_new(o, "host_id", c->have_cert ? json_hex(c->cert.host_id, ID_SIZE) :
	    json_null());
	json_object_set_new(o, "host_key", json_bytes(s->key));
	for (i = 0; i < v->findings; i++)
		json_array_append_new(list, finding(&v->finding[i]));
	json_object_set_new(o, "findings", list);
}

static void set_who(json_t *o, const struct export_source *s)
{
	const struct cert *c = &s->verdict.chain.cert;
	int known = s->verdict.chain.have_cert;

	json_object_set_new(o, "session", json_u64(s->entry.name.n));
	json_object_set_new(o, "id", json_hex(s->entry.name.id, ID_SIZE));
	json_object_set_new(o, "host", json_bytes(c->host));
	json_object_set_new(o, "user", json_bytes(c->user));
	json_object_set_new(o, "uid", known ? json_integer(c->uid) : json_null());
	json_object_set_new(o, "tty", json_bytes(c->tty));
	json_object_set_new(o, "from", json_bytes(c->from));
	json_object_set_new(o, "start", known ? json_time(c->wall_ns) : json_null());
	json_object_set_new(o, "length_s",
	    json_real((double)s->verdict.chain.elapsed_ns / NS_S));
}

/* What of it was taken, and how. */
static void set_ask(json_t *o, const struct export_source *s)
{
	const struct export_ask *a = &s->ask;

	json_object_set_new(o, "from_s", a->from_ns != 0 ? json_real((double)a->from_ns / NS_S) :
	    json_null());
	json_object_set_new(o, "until_s", a->until_ns != UINT64_MAX ?
	    json_real((double)a->until_ns / NS_S) : json_null());
	json_object_set_new(o, "idle_limit_s", a->idle_ns != UINT64_MAX ?
	    json_real((double)a->idle_ns / NS_S) : json_null());
	json_object_set_new(o, "input", json_boolean(a->input));
}

json_t *export_source_json(const struct export_source *s)
{
	json_t *o = json_object();

	if (o == NULL)
		return NULL;
	set_who(o, s);
	set_proof(o, s);
	set_ask(o, s);
	return o;
}
