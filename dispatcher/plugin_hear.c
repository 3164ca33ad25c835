/* SPDX-License-Identifier: ISC */
/* What a plugin writes: hostile. */
#include <string.h>

#include "clock.h"
#include "decimal.h"
#include "escape.h"
#include "plugin.h"

#define SAY_NS (10 * UINT64_C(1000000000))
#define SAY_LINES 20 /* of its standard error in SAY_NS */
#define SHOWN_MAX 80

/* Counted, and said once in a life. */
static void garbage(struct plugin *p, const char *line, size_t len, const char *why)
{
	char shown[SHOWN_MAX];

	p->count.garbage++;
	p->out.noise += len + 1;
	dispatch_changed(p->d);
	if (p->garbage_said)
		return;
	p->garbage_said = 1;
	dispatch_log(p->d, LOG_L_WARN, "plugin %s: %s: '%s'; such lines are counted and passed over",
	    p->conf->name, why, escape_bytes(shown, sizeof(shown), line, len));
}

static void take_ack(struct plugin *p, const char *line, size_t len, const char *number)
{
	uint64_t seq;

	if (decimal_get(&seq, number, strlen(number)) != 0)
		garbage(p, line, len, "an ack without a number");
	else if (!p->conf->acks)
		garbage(p, line, len, "an ack, where acks = no");
	else if (plugin_acked(p, seq) != 0)
		garbage(p, line, len, "an ack of what it was not sent, or acknowledged before");
	else
		plugin_feed(p);
}

static int is_word(const char *s)
{
	for (; *s > ' ' && *s <= '~'; s++)
		;
	return *s == '\0';
}

static void take_action(struct plugin *p, char *line, size_t len)
{
	char *name = line + strlen("ACTION "), *arg = strchr(name, ' ');
	struct dispatch_message m = {.type = DISPATCH_ACTION};

	if (arg != NULL)
		*arg++ = '\0';
	else
		arg = name + strlen(name);
	if (*name == '\0' || !is_word(name) || !is_word(arg)) {
		garbage(p, line, len, "an action that is not one or two words");
		return;
	}
	m.text[0] = p->conf->name;
	m.text[1] = name;
	m.text[2] = arg;
	m.len[0] = strlen(m.text[0]);
	m.len[1] = strlen(m.text[1]);
	m.len[2] = strlen(m.text[2]);
	dispatch_tell(p->d, &m);
}

static void take_input(struct plugin *p, const char *line, size_t len)
{
	const struct dispatch_message m = {.type = DISPATCH_INPUT, .text = {p->conf->name, line},
		.len = {strlen(p->conf->name), len}};

	if ((p->conf->direction & PLUGIN_IN) == 0) {
		garbage(p, line, len, "an event of its own, where direction = out");
		return;
	}
	p->count.received++;
	dispatch_changed(p->d);
	dispatch_tell(p->d, &m);
}

void plugin_answers(struct plugin *p, char *line, size_t len)
{
	if (len > p->out.max)
		garbage(p, line, p->out.max, "a line that is too long");
	else if (memchr(line, '\0', len) != NULL)
		garbage(p, line, len, "a line with a zero byte");
	else if (strncmp(line, "ACK ", 4) == 0)
		take_ack(p, line, len, line + 4);
	else if (strncmp(line, "ACTION ", 7) == 0 && len < PLUGIN_SAY_MAX)
		take_action(p, line, len);
	else if (line[0] == '{')
		take_input(p, line, len);
	else
		garbage(p, line, len, "no answer that is known");
}

void plugin_says(struct plugin *p, char *line, size_t len)
{
	uint64_t now = clock_mono();

	if (now - p->say_ns > SAY_NS) {
		if (p->unsaid > 0)
			dispatch_log(p->d, LOG_L_WARN, "plugin %s: %u more lines were left out",
			    p->conf->name, p->unsaid);
		p->say_ns = now;
		p->says = p->unsaid = 0;
	}
	p->err.noise += len + 1;
	if (++p->says > SAY_LINES)
		p->unsaid++;
	else
		dispatch_log(p->d, LOG_L_INFO, "plugin %s: %s%s", p->conf->name, line,
		    len > p->err.max ? "..." : "");
}
