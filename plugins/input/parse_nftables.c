/* SPDX-License-Identifier: ISC */
/* What the kernel logs of packets: nf_log_syslog(), as nft's and iptables' log make it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"

static const struct {
	const char *key, *field;
	enum { NAME, ADDRESS, PORT } what;
} keys[] = {
	{"IN", "observer.ingress.interface.name", NAME}, {"OUT", "observer.egress.interface.name", NAME},
	{"SRC", "source.ip", ADDRESS}, {"DST", "destination.ip", ADDRESS},
	{"SPT", "source.port", PORT}, {"DPT", "destination.port", PORT},
};

static int set_address(json_t *event, const char *field, const char *p, size_t len)
{
	char text[INET6_ADDRSTRLEN + 1];
	struct in6_addr a;

	if (len == 0 || len >= sizeof(text))
		return 0;
	memcpy(text, p, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &a) != 1 && inet_pton(AF_INET6, text, &a) != 1)
		return 0;
	if (parse_set(event, "network.type", strchr(text, ':') != NULL ? "ipv6" : "ipv4", 4) != 0)
		return -ENOMEM;
	return parse_set(event, field, text, len);
}

static int set_proto(json_t *event, const char *p, size_t len)
{
	char name[16];
	size_t i;

	if (len == 0 || len >= sizeof(name))
		return 0;
	if (p[0] >= '0' && p[0] <= '9')
		return parse_set(event, "network.iana_number", p, len);
	for (i = 0; i < len; i++)
		name[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] - 'A' + 'a' : p[i]);
	name[i] = '\0';
	if (strcmp(name, "icmpv6") == 0)
		return parse_set(event, "network.transport", "ipv6-icmp", 9);
	return parse_set(event, "network.transport", name, i);
}

#define MAC 17 /* "52:54:00:12:34:56" */

/* As ECS writes them: 52-54-00-12-34-56 */
static int set_mac(json_t *event, const char *field, const char *p)
{
	char text[MAC];

	for (size_t i = 0; i < MAC; i++)
		text[i] = (char)(i % 3 == 2 ? '-' : p[i] >= 'a' && p[i] <= 'f' ? p[i] - 'a' + 'A' : p[i]);
	return parse_set(event, field, text, MAC);
}

/* The link's header: where it goes to, comes from, and the type. */
static int set_link(json_t *event, const char *p, size_t len)
{
	if (len != MAC + 1 + MAC + sizeof(":08:00") - 1)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (i % 3 == 2 ? p[i] != ':' : strchr("0123456789abcdef", p[i]) == NULL)
			return 0;
	return set_mac(event, "destination.mac", p) != 0 ||
	    set_mac(event, "source.mac", p + MAC + 1) != 0 ? -ENOMEM : 0;
}

static int set_known(json_t *event, size_t key, const char *p, size_t len)
{
	if (keys[key].what == ADDRESS)
		return set_address(event, keys[key].field, p, len);
	if (keys[key].what == PORT)
		return parse_set_number(event, keys[key].field, p, len, 65535);
	return len > 0 ? parse_set(event, keys[key].field, p, len) : 0;
}

static int is_key(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < 'A' || p[i] > 'Z') && (p[i] < '0' || p[i] > '9'))
			return 0;
	return len > 0 && len < 16;
}

/* Others, as LEN=60, below netfilter. */
static int set_other(json_t *event, const char *key, size_t key_len, const char *p, size_t len)
{
	char field[32];

	if (!is_key(key, key_len))
		return 0;
	snprintf(field, sizeof(field), "netfilter.%.*s", (int)key_len, key);
	return parse_set(event, field, p, len);
}

/* KEY=VALUE; words without "=" are flags. */
static int take(json_t *event, const char *word, size_t len)
{
	const char *eq = memchr(word, '=', len);
	size_t key_len = eq != NULL ? (size_t)(eq - word) : len, i;
	const char *value = eq != NULL ? eq + 1 : word + len;
	size_t value_len = (size_t)(word + len - value);

	if (eq == NULL)
		return is_key(word, len) ? set_other(event, word, len, "1", 1) : 0;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i].key) == key_len && memcmp(keys[i].key, word, key_len) == 0)
			return set_known(event, i, value, value_len);
	if (key_len == 5 && memcmp(word, "PROTO", 5) == 0)
		return set_proto(event, value, value_len);
	if (key_len == 3 && memcmp(word, "MAC", 3) == 0)
		return set_link(event, value, value_len);
	return set_other(event, word, key_len, value, value_len);
}

/* Where the packet's part begins: "IN=" at the begin or behind anything but a letter, with an
 * "OUT=" as the next word.  NULL: nowhere. */
static const char *find_packet(const char *line, size_t len)
{
	const char *p = line, *end = line + len;

	while ((p = memmem(p, (size_t)(end - p), "IN=", 3)) != NULL) {
		size_t at = (size_t)(p - line), word_len;
		const char *word;

		if ((p == line || !is_key(p - 1, 1)) && parse_word(line, len, &at, &word, &word_len) &&
		    parse_word(line, len, &at, &word, &word_len) && word_len >= 4 &&
		    memcmp(word, "OUT=", 4) == 0)
			return p;
		p++;
	}
	return NULL;
}

/* What the rule puts before the packet: behind "kernel: " and a time in brackets. */
static int set_prefix(json_t *event, const char *line, size_t len)
{
	const char *p = memmem(line, len, "kernel: ", 8), *end = line + len, *bracket;

	p = p != NULL ? p + 8 : line;
	bracket = p < end && *p == '[' ? memchr(p, ']', (size_t)(end - p)) : NULL;
	if (bracket != NULL)
		p = bracket + 1;
	while (p < end && *p == ' ')
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == ':'))
		end--;
	return end > p ? parse_set(event, "rule.name", p, (size_t)(end - p)) : 0;
}

static int set_event(json_t *event)
{
	return parse_set(event, "event.action", "packet", 6) != 0 ||
	    parse_set_value(event, "event.category", json_pack("[s]", "network")) != 0 ||
	    parse_set_value(event, "event.type", json_pack("[s]", "connection")) != 0 ||
	    parse_set(event, "event.provider", "netfilter", 9) != 0 ||
	    parse_set(event, "observer.type", "firewall", 8) != 0 ||
	    parse_set(event, "observer.product", "netfilter", 9) != 0 ? -ENOMEM : 0;
}

int parse_nftables(json_t *event, const char *line, size_t len)
{
	const char *packet = find_packet(line, len), *word;
	size_t at, word_len, n = 0;
	int r;

	if (packet == NULL)
		return 1;
	at = (size_t)(packet - line);
	r = set_event(event) != 0 ? -ENOMEM : set_prefix(event, line, at);
	/* an error's packet in brackets is not this one's */
	while (r == 0 && n++ < PARSE_FIELDS_MAX && parse_word(line, len, &at, &word, &word_len) &&
	    word[0] != '[')
		r = take(event, word, word_len);
	return r;
}
