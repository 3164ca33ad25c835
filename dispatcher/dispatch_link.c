/* SPDX-License-Identifier: ISC */
/* The socket to the collector. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plugin.h"

#define LINE_MAX_CHARS 1024

static struct plugin *find(const struct dispatch *d, const char *name)
{
	struct plugin *p;

	LIST_FOREACH(p, &d->plugins, link)
		if (strcmp(p->conf->name, name) == 0)
			return p;
	return NULL;
}

void dispatch_tell(struct dispatch *d, const struct dispatch_message *m)
{
	dispatch_link_send(&d->link, m, -1);
}

int dispatch_is_full(const struct dispatch *d)
{
	return dispatch_link_full(&d->link);
}

void dispatch_log(struct dispatch *d, enum log_level level, const char *fmt, ...)
{
	char text[LINE_MAX_CHARS];
	struct dispatch_message m = {.type = DISPATCH_LOG, .flag = (uint8_t)level, .text = {text}};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m.len[0] = strlen(text);
	dispatch_tell(d, &m);
}

static void feed_all(struct dispatch *d)
{
	struct plugin *p;

	LIST_FOREACH(p, &d->plugins, link) {
		plugin_limit(p);
		plugin_feed(p);
	}
	dispatch_changed(d);
}

static void take(void *arg, const struct dispatch_message *m, int *fd)
{
	struct dispatch *d = arg;
	struct plugin *p;

	switch (m != NULL ? m->type : DISPATCH_END) { /* the collector is gone: the same */
	case DISPATCH_BEGIN:
		d->tail = m->number;
		d->private = m->flag;
		snprintf(d->host, sizeof(d->host), "%s", m->len[0] < sizeof(d->host) ? m->text[0] : "{}");
		plan_begin(d);
		break;
	case DISPATCH_PLUGIN:
		plan_add(d, m->text[0], m->text[1], m->len[1]);
		break;
	case DISPATCH_APPLY:
		plan_apply(d);
		break;
	case DISPATCH_TAIL:
		d->tail = m->number > d->tail ? m->number : d->tail;
		break;
	case DISPATCH_ROOM:
		d->room = m->flag;
		feed_all(d);
		break;
	case DISPATCH_STORE:
		p = find(d, m->text[0]);
		if (p != NULL) {
			plugin_store(p, *fd);
			*fd = -1;
		}
		break;
	case DISPATCH_HOOK:
		p = find(d, m->text[0]);
		if (p != NULL)
			hook_run(p, m->text[1]);
		break;
	case DISPATCH_END:
		dispatch_end(d);
		break;
	default:
		break;
	}
}

/* A round of messages is over. */
static void heard(void *arg)
{
	struct dispatch *d = arg;

	if (d->fed != d->tail)
		feed_all(d);
	d->fed = d->tail;
}

int link_open(struct dispatch *d)
{
	return dispatch_link_open(&d->link, &d->loop, DISPATCH_FD_SOCKET, take, heard, d);
}

void link_close(struct dispatch *d)
{
	dispatch_link_close(&d->link);
}
