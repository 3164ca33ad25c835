/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "hash.h"
#include "ledger/ledger_text.h"
#include "report/gather.h"

#define CONF_FILE_MAX 262144

static const struct report_column change_columns[] = {
	{ "leaf", "LEAF", REPORT_NUMBER },
	{ "time", "TIME", REPORT_WALL },
	{ "what", "ENTRY", REPORT_TEXT },
	{ "text", "WHAT IT SAYS", REPORT_TEXT },
	{ "digest", "DIGEST OR KEY", REPORT_TEXT },
	{ "command", "TO CHECK IT", REPORT_COMMAND },
};

static const struct report_column conf_columns[] = {
	{ "key", "KEY", REPORT_TEXT },
	{ "value", "VALUE", REPORT_TEXT },
};

void gather_configuration_begin(struct gather *g)
{
	g->change_table = report_table(g->r, REPORT_CONFIGURATION, "changes",
	    "Configurations and keys, by the ledger", change_columns,
	    sizeof change_columns / sizeof change_columns[0]);
}

static void put_change(struct gather *g, const struct entry *e, const uint8_t digest[HASH_SIZE],
    unsigned topics)
{
	struct report_table *t = g->change_table;
	char text[LEDGER_TEXT_MAX], hex[2 * HASH_SIZE + 1];

	ledger_text(text, e);
	hex_put(hex, digest, HASH_SIZE);
	report_row(t, topics);
	report_number(t, (int64_t)e->index);
	report_number(t, e->wall_ns);
	report_text(t, entry_word(e->type));
	report_text(t, text);
	report_text(t, hex);
	report_textf(t, "shellac ledger --since %llu", (unsigned long long)e->index);
}

void gather_configuration_entry(struct gather *g, const struct entry *e)
{
	int wanted = gather_wants(g, e->wall_ns);

	switch (e->type) {
	case ENTRY_GENESIS:
		if (wanted)
			put_change(g, e, e->u.genesis.host_pk, TOPIC_KEY);
		break;
	case ENTRY_KEY:
		if (wanted)
			put_change(g, e, e->u.key.host_pk, TOPIC_KEY);
		break;
	case ENTRY_RECOVER:
		if (wanted && !all_zero(e->u.recover.epoch_pk, PK_SIZE))
			put_change(g, e, e->u.recover.epoch_pk, TOPIC_KEY);
		break;
	case ENTRY_CONFIG:
		if (e->wall_ns <= g->until_ns && e->u.config.what == CONFIG_FILE) {
			memcpy(g->conf_hash, e->u.config.hash, HASH_SIZE);
			g->have_conf = 1;
		}
		if (wanted)
			put_change(g, e, e->u.config.hash, TOPIC_CONFIG);
		break;
	default: break;
	}
}

/* "key = value" lines; a plugin's digest stands in a comment. */
static void put_lines(struct report_table *t, char *text)
{
	char *line, *save = NULL, *equals;

	for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		equals = strstr(line, " = ");
		if (equals == NULL)
			continue;
		*equals = '\0';
		report_row(t, TOPIC_CONFIG);
		report_text(t, strncmp(line, "# ", 2) == 0 ? line + 2 : line);
		report_text(t, equals + 3);
	}
}

/* The store's copy of the configuration, where it is the one that the ledger names. */
static void put_conf(struct gather *g, struct report_table *t)
{
	uint8_t hash[HASH_SIZE], *text = NULL;
	size_t len = 0;
	int known = 0;

	if (g->a->store.access == NULL &&
	    store_read_file(&g->a->store, PATHS_GOOD_CONF, CONF_FILE_MAX, &text, &len) == 0) {
		hash_of(hash, text, len);
		known = memcmp(hash, g->conf_hash, HASH_SIZE) == 0;
	}
	if (known)
		put_lines(t, (char *)text);
	else
		report_gap(g->r, REPORT_CONFIGURATION, TOPIC_CONFIG, NULL,
		    "the text of the configuration in force: the ledger has its digest, and no "
		    "text with it is to be read here");
	free(text);
}

void gather_configuration_end(struct gather *g)
{
	struct report_table *t = report_table(g->r, REPORT_CONFIGURATION, "configuration",
	    "The last configuration in force", conf_columns,
	    sizeof conf_columns / sizeof conf_columns[0]);

	report_fact_number(g->r, REPORT_CONFIGURATION, TOPIC_CONFIG | TOPIC_KEY,
	    "configurations and keys that came into force", REPORT_COUNT,
	    (int64_t)g->change_table->rows);
	report_fact_number(g->r, REPORT_CONFIGURATION, TOPIC_KEY, "keys that the host has had",
	    REPORT_COUNT, (int64_t)g->verify.evidence.keys.keys);
	if (g->have_conf)
		put_conf(g, t);
	else
		report_gap(g->r, REPORT_CONFIGURATION, TOPIC_CONFIG, NULL,
		    "an entry that says which configuration is in force");
	report_gap(g->r, REPORT_CONFIGURATION, TOPIC_CONFIG | TOPIC_KEY, NULL,
	    "who changed a configuration or a key, and who approved it: the ledger says what and "
	    "when");
}
