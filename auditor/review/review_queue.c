/* SPDX-License-Identifier: ISC */
/* shellac review: what is to be looked at, the most urgent first. */
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "clock.h"
#include "output/json.h"
#include "review/entries.h"
#include "review/fill.h"
#include "output/table.h"

#define WHY_SIZE (QUEUE_CLASSES * (QUEUE_REASON_SIZE + 2))

static void put_replay(char *out, size_t size, const struct queue_item *t)
{
	int len = snprintf(out, size, "shellac replay");

	if (t->has_at)
		len += snprintf(out + len, size - (size_t)len, " --at +%llu.%03u",
		    (unsigned long long)(t->at_ns / 1000000000), (unsigned)(t->at_ns / 1000000 % 1000));
	snprintf(out + len, size - (size_t)len, " %llu", (unsigned long long)t->n);
}

static void print_json(const struct queue_item *t)
{
	json_t *o = json_object(), *reasons = json_array(), *reason;
	char replay[80];
	int i;

	json_object_set_new(o, "n", t->n > 0 ? json_u64(t->n) : json_null());
	json_object_set_new(o, "id", t->row != NULL ?
	    json_hex(t->row->entry->name.id, ID_SIZE) : json_null());
	json_object_set_new(o, "entry", t->has_entry ? json_u64(t->entry) : json_null());
	json_object_set_new(o, "class", json_string(queue_word(t->class)));
	json_object_set_new(o, "severity", t->severity > 0 ? json_integer(t->severity) : json_null());
	json_object_set_new(o, "user", json_bytes(t->user));
	json_object_set_new(o, "tty", json_bytes(t->tty));
	json_object_set_new(o, "host", json_bytes(t->row != NULL ? t->row->host : ""));
	json_object_set_new(o, "start", t->start_ns != 0 ? json_time(t->start_ns) : json_null());
	for (i = 0; i < QUEUE_CLASSES; i++) {
		if (t->reason[i] == NULL)
			continue;
		reason = json_object();
		json_object_set_new(reason, "class", json_string(queue_word((enum queue_class)i)));
		json_object_set_new(reason, "text", json_bytes(t->reason[i]));
		json_array_append_new(reasons, reason);
	}
	json_object_set_new(o, "reasons", reasons);
	put_replay(replay, sizeof replay, t);
	json_object_set_new(o, "replay", t->row != NULL ? json_string(replay) : json_null());
	json_line(o);
}

static void add_row(struct table *table, const struct queue_item *t)
{
	char n[32] = "-", at[CLOCK_RFC3339_SIZE] = "", why[WHY_SIZE] = "";
	const char *cells[] = { queue_word(t->class), n, at, t->user[0] != '\0' ? t->user : "-",
		t->tty[0] != '\0' ? t->tty : "-", why };
	size_t len = 0;
	int i;

	if (t->n > 0)
		snprintf(n, sizeof n, "%llu", (unsigned long long)t->n);
	else if (t->has_entry)
		snprintf(n, sizeof n, ENTRIES_NAME "%llu", (unsigned long long)t->entry);
	if (t->start_ns != 0 && clock_rfc3339(at, t->start_ns)[0] != '\0')
		memcpy(at + 19, "Z", 2);
	for (i = 0; i < QUEUE_CLASSES; i++)
		if (t->reason[i] != NULL)
			len += (size_t)snprintf(why + len, sizeof why - len, "%s%s",
			    len > 0 ? "; " : "", t->reason[i]);
	table_row(table, cells);
}

static void print_table(const struct fill *f)
{
	static const char *const heads[] = { "CLASS", "SESSION", "BEGIN", "USER", "TERMINAL", "WHY" };
	struct table *t;
	size_t i;

	if (f->queue.items > 0) {
		t = table_new(heads, 6, 1u << 1);
		for (i = 0; i < f->queue.items; i++)
			add_row(t, &f->queue.item[i]);
		table_print(t);
	}
	printf("%zu to look at; of %zu sessions %zu are signed off", f->queue.items,
	    f->open + f->signed_off, f->signed_off);
	if (f->entries_signed_off > 0)
		printf(", and what %zu entries of the ledger tell", f->entries_signed_off);
	printf("\n");
}

int review_queue(struct auditor *a, const struct review_args *args)
{
	struct fill f;
	size_t i;
	int status = fill_queue(&f, a, args);

	if (status == AUDIT_OK) {
		status = f.status;
		if (!args->json)
			print_table(&f);
		for (i = 0; args->json && i < f.queue.items; i++)
			print_json(&f.queue.item[i]);
		for (i = 0; i < f.queue.items && status != AUDIT_FINDING; i++)
			if (f.queue.item[i].class <= QUEUE_CUT)
				status = AUDIT_FINDING;
	}
	fill_release(&f);
	return status;
}
