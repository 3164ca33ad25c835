/* SPDX-License-Identifier: ISC */
/* Lines of nft monitor trace. */
#include <errno.h>
#include <string.h>

#include "parse.h"

static const struct {
	const char *one, *two; /* words; behind them stands the value.  two NULL: only one */
	const char *field;
	int is_port;
} pairs[] = {
	{"trace", "id", "trace.id", 0}, {"iif", NULL, "observer.ingress.interface.name", 0},
	{"oif", NULL, "observer.egress.interface.name", 0}, {"ip", "saddr", "source.ip", 0},
	{"ip", "daddr", "destination.ip", 0}, {"ip6", "saddr", "source.ip", 0},
	{"ip6", "daddr", "destination.ip", 0}, {"tcp", "sport", "source.port", 1},
	{"tcp", "dport", "destination.port", 1}, {"udp", "sport", "source.port", 1},
	{"udp", "dport", "destination.port", 1}, {"verdict", NULL, "trace.verdict", 0},
};

#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

static int is(const char *word, const char *p, size_t len)
{
	return strlen(word) == len && memcmp(word, p, len) == 0;
}

/* The value of pairs[i], without the marks around it. */
static int set(json_t *event, size_t i, const char *p, size_t len)
{
	if (len >= 2 && p[0] == '"' && p[len - 1] == '"') {
		p++;
		len -= 2;
	}
	if (len > 0 && p[len - 1] == ')')
		len--;
	if (len == 0)
		return 0;
	if (pairs[i].is_port) {
		if (parse_set(event, "network.transport", pairs[i].one, 3) != 0)
			return -ENOMEM;
		return parse_set_number(event, pairs[i].field, p, len, 65535);
	}
	return parse_set(event, pairs[i].field, p, len);
}

static int set_event(json_t *event)
{
	return parse_set(event, "event.action", "packet-trace", 12) != 0 ||
	    parse_set_value(event, "event.category", json_pack("[s]", "network")) != 0 ||
	    parse_set_value(event, "event.type", json_pack("[s]", "info")) != 0 ||
	    parse_set(event, "event.provider", "nft", 3) != 0 ||
	    parse_set(event, "observer.type", "firewall", 8) != 0 ||
	    parse_set(event, "observer.product", "netfilter", 9) != 0 ? -ENOMEM : 0;
}

int parse_trace(json_t *event, const char *line, size_t len)
{
	const char *before = "", *now = "", *word;
	size_t at = 0, before_len = 0, now_len = 0, word_len, n = 0;
	int r;

	if (len < 9 || memcmp(line, "trace id ", 9) != 0)
		return 1;
	r = set_event(event);
	while (r == 0 && n++ < PARSE_FIELDS_MAX && parse_word(line, len, &at, &word, &word_len)) {
		for (size_t i = 0; i < PAIRS && r == 0; i++) {
			if (pairs[i].two != NULL ? is(pairs[i].one, before, before_len) &&
			    is(pairs[i].two, now, now_len) : is(pairs[i].one, now, now_len) ||
			    (now_len > 1 && now[0] == '(' && is(pairs[i].one, now + 1, now_len - 1)))
				r = set(event, i, word, word_len);
		}
		before = now;
		before_len = now_len;
		now = word;
		now_len = word_len;
	}
	return r;
}
