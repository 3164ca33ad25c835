/* SPDX-License-Identifier: ISC */
#include "verify/verify_print.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "escape.h"
#include "output/json.h"

static json_t *id_or_null(const uint8_t *id)
{
	return id != NULL ? json_hex(id, ID_SIZE) : json_null();
}

/* The first keys of each line. */
static json_t *about(const struct verify *v, uint64_t n, const uint8_t *id)
{
	json_t *o = json_object();

	if (v->host != NULL)
		json_object_set_new(o, "host", json_bytes(v->host));
	json_object_set_new(o, "n", n != 0 ? json_u64(n) : json_null());
	json_object_set_new(o, "id", id_or_null(id));
	return o;
}

void verify_print_session(struct verify *v, uint64_t n, const uint8_t *id, const char *status,
    int level, const uint8_t *approval)
{
	char hex[2 * ID_SIZE + 1] = "-", number[24] = "-", reached[16] = "-";
	char digest[2 * HASH_SIZE + 1];
	json_t *o;

	if (v->taker != NULL) {
		v->taker->session(v->taker->arg, n, status, level, v->judged);
		return;
	}
	if (approval != NULL && all_zero(approval, HASH_SIZE))
		approval = NULL;
	if (v->json) {
		o = about(v, n, id);
		json_object_set_new(o, "status", json_string(status));
		json_object_set_new(o, "level", level < 0 ? json_null() : json_integer(level));
		if (approval != NULL)
			json_object_set_new(o, "approval", json_hex(approval, HASH_SIZE));
		json_line(o);
		return;
	}
	if (id != NULL)
		hex_put(hex, id, ID_SIZE);
	if (n != 0)
		snprintf(number, sizeof number, "%llu", (unsigned long long)n);
	if (level >= 0)
		snprintf(reached, sizeof reached, "%d", level);
	printf("%6s  %-32s  %-11s  level %s\n", number, hex, status, reached);
	if (approval != NULL) {
		hex_put(digest, approval, HASH_SIZE);
		printf("        approved, %.8s...\n", digest);
	}
}

void verify_print_finding(struct verify *v, uint64_t n, const uint8_t *id,
    const struct finding *f)
{
	int nowhere = f->chunk < 0 && f->offset == 0;
	char safe[2 * sizeof f->text];
	json_t *o;

	v->bad = 1;
	if (v->taker != NULL) {
		v->taker->finding(v->taker->arg, n, f);
		return;
	}
	if (v->json) {
		o = about(v, n, id);
		json_object_set_new(o, "chunk",
		    f->chunk >= 0 ? json_integer(f->chunk) : json_null());
		json_object_set_new(o, "offset", nowhere ? json_null() : json_u64(f->offset));
		json_object_set_new(o, "kind", json_string(f->kind));
		json_object_set_new(o, "text", json_bytes(f->text));
		json_line(o);
		return;
	}
	printf("        %s: %s", f->kind, escape_str(safe, sizeof safe, f->text));
	if (f->chunk >= 0)
		printf(" (chunk %lld, offset %llu)", (long long)f->chunk,
		    (unsigned long long)f->offset);
	else if (!nowhere)
		printf(" (offset %llu)", (unsigned long long)f->offset);
	putchar('\n');
}
