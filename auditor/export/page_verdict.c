/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <sys/wait.h>

#include "bytes.h"
#include "clock.h"
#include "export/html.h"
#include "export/page.h"

/* For people who have to rely on it. */
static const char *const meaning[] = {
	[STATUS_COMPLETE] = "All of the recording is here, from its begin to its end, and every "
	    "part of it is the one that was signed while it happened.",
	[STATUS_LIVE] = "The session goes on. What is here is the part that was signed so far.",
	[STATUS_CUT] = "The recording stops without its end. What is here is the part that was "
	    "signed while it happened.",
	[STATUS_UNSEALED] = "No signature covers what is here: nobody vouches for it.",
	[STATUS_PURGED] = "What the session held was deleted. That it was there, and how much, is "
	    "still proven.",
	[STATUS_UNCERTIFIED] = "The parts fit each other, but it is not proven which host they "
	    "are from.",
	[STATUS_TORN] = "The file ends in the middle of a record. What is here comes before that.",
	[STATUS_TAMPERED] = "Something was changed. What is here comes before the first place that "
	    "is wrong; nothing behind it is shown.",
};

static const char *const proven[] = {
	"Proven by the host's own key.",
	"Proven by the host's own key and a checkpoint of its ledger.",
	"Proven by a key of the host's ledger that is gone: not even the host could sign it today.",
	"Proven as above, and cosigned by witnesses elsewhere.",
};

static void row(struct sink *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	html_put(out, "<div><dt>%s</dt><dd>", name);
	html_str(out, value);
	sink_str(out, "</dd></div>\n");
}

static void put_end(struct page *p)
{
	const struct chain *c = &p->source->verdict.chain;
	int status = (int)c->last.status;
	char text[40];

	if (!c->ended)
		return;
	if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "killed by signal %d", WTERMSIG(status));
	else
		snprintf(text, sizeof text, "with status %d", WEXITSTATUS(status));
	row(p->out, "Ended", text);
}

void page_who(struct page *p)
{
	const struct export_source *s = p->source;
	const struct cert *c = &s->verdict.chain.cert;
	char text[CLOCK_RFC3339_SIZE + 8], length[HTML_TIME_MAX];

	html_put(p->out, "<header>\n<p class=\"kicker\">Recorded session %llu</p>\n<h1>",
	    (unsigned long long)s->entry.name.n);
	html_str(p->out, c->user[0] != '\0' ? c->user : "unknown user");
	sink_str(p->out, "<span> on </span>");
	html_str(p->out, c->host[0] != '\0' ? c->host : "unknown host");
	sink_str(p->out, "</h1>\n<dl class=\"facts\">\n");
	clock_rfc3339(text, export_wall(s, 0));
	if (text[0] != '\0') {
		snprintf(text + 19, sizeof text - 19, " UTC"); /* seconds will do here */
		text[10] = ' ';
	}
	row(p->out, "Began", s->verdict.chain.have_cert ? text : "");
	row(p->out, "Length", html_clock(length, s->verdict.chain.elapsed_ns));
	row(p->out, "Terminal", c->tty);
	row(p->out, "From", c->from);
	row(p->out, "Command", s->facts.argv);
	put_end(p);
	sink_str(p->out, "</dl>\n</header>\n");
}

static void put_part(struct page *p)
{
	const struct export_ask *a = &p->source->ask;
	char from[HTML_TIME_MAX], until[HTML_TIME_MAX];

	if (a->from_ns != 0 || a->until_ns != UINT64_MAX)
		html_put(p->out, "<p>This page has a part of it only: from %s %s%s.</p>\n",
		    html_clock(from, a->from_ns), a->until_ns != UINT64_MAX ? "to " : "to its end",
		    a->until_ns != UINT64_MAX ? html_clock(until, a->until_ns) : "");
	if (a->idle_ns != UINT64_MAX)
		html_put(p->out, "<p>Pauses of over %s are shortened in the replay; times are those "
		    "of the session.</p>\n", html_clock(from, a->idle_ns));
}

void page_verdict(struct page *p)
{
	const struct verdict *v = &p->source->verdict;
	const int good = verdict_good(v) && v->findings == 0;

	html_put(p->out, "<section class=\"verdict %s\" aria-labelledby=\"h-verdict\">\n"
	    "<h2 id=\"h-verdict\"><span aria-hidden=\"true\">%s</span> %s</h2>\n<div>\n<p>%s",
	    good ? "good" : "bad", good ? "\xe2\x9c\x93" : "!", verdict_word(v->status),
	    meaning[v->status]);
	if (v->level >= 0 && v->level < (int)(sizeof proven / sizeof proven[0]))
		html_put(p->out, " <span class=\"level\">%s</span>", proven[v->level]);
	sink_str(p->out, "</p>\n");
	if (v->findings > 0)
		html_put(p->out, "<p><a href=\"#findings\">%u finding%s</a></p>\n", v->findings,
		    v->findings == 1 ? "" : "s");
	put_part(p);
	sink_str(p->out, "</div>\n</section>\n");
}

void page_findings(struct page *p)
{
	const struct verdict *v = &p->source->verdict;
	unsigned i;

	sink_str(p->out, "<section id=\"findings\" aria-labelledby=\"h-findings\">\n"
	    "<h2 id=\"h-findings\">Findings</h2>\n");
	if (v->findings == 0) {
		sink_str(p->out, "<p class=\"none\">None.</p>\n</section>\n");
		return;
	}
	sink_str(p->out, "<table>\n<thead><tr><th scope=\"col\">Kind</th><th scope=\"col\">Chunk"
	    "</th><th scope=\"col\">Offset</th><th scope=\"col\">What is wrong</th></tr></thead>\n"
	    "<tbody>\n");
	for (i = 0; i < v->findings; i++) {
		const struct finding *f = &v->finding[i];

		html_put(p->out, "<tr><td>%s</td>", f->kind);
		if (f->chunk >= 0)
			html_put(p->out, "<td class=\"n\">%lld</td><td class=\"n\">%llu</td><td>",
			    (long long)f->chunk, (unsigned long long)f->offset);
		else
			sink_str(p->out, "<td></td><td></td><td>");
		html_str(p->out, f->text);
		sink_str(p->out, "</td></tr>\n");
	}
	sink_str(p->out, "</tbody>\n</table>\n</section>\n");
}

static void hex_row(struct sink *out, const char *name, const uint8_t *bytes, size_t len)
{
	char text[2 * HASH_SIZE + 1];

	hex_put(text, bytes, len);
	html_put(out, "<div><dt>%s</dt><dd><code>%s</code></dd></div>\n", name, text);
}

void page_source(struct page *p)
{
	const struct export_source *s = p->source;
	const struct verdict *v = &s->verdict;
	char text[64];

	sink_str(p->out, "<section id=\"source\" aria-labelledby=\"h-source\">\n"
	    "<h2 id=\"h-source\">Source</h2>\n<p>This page is a copy for eyes. The proof is the "
	    "session itself: <code>shellac verify</code> checks it, or its bundle, with the host's "
	    "public key alone.</p>\n<dl class=\"source\">\n");
	hex_row(p->out, "Session id", s->entry.name.id, ID_SIZE);
	hex_row(p->out, "File, BLAKE2b-256", s->digest, HASH_SIZE);
	snprintf(text, sizeof text, "%llu bytes%s", (unsigned long long)s->digest_bytes,
	    v->status == STATUS_LIVE ? ", its first ones" : "");
	row(p->out, "File, length", text);
	if (v->chain.chunk > 0)
		hex_row(p->out, "Last seal", v->chain.prev, HASH_SIZE);
	snprintf(text, sizeof text, "%llu", (unsigned long long)v->chain.chunk);
	row(p->out, "Sealed chunks", text);
	if (v->chain.have_cert)
		hex_row(p->out, "Host id", v->chain.cert.host_id, ID_SIZE);
	row(p->out, "Host key", s->key);
	snprintf(text, sizeof text, "%d", v->level);
	row(p->out, "Level", v->level >= 0 ? text : "none");
	row(p->out, "The next level", s->level_why != NULL ? s->level_why : "");
	row(p->out, "Typed input", s->ask.input ? "exported, but for what nothing echoed" :
	    "not exported, but for what the screen showed");
	row(p->out, "Written by", "shellac " PACKAGE_VERSION);
	sink_str(p->out, "</dl>\n</section>\n");
}
