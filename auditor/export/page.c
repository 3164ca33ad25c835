/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "export/html.h"
#include "export/page.h"
#include "export/text_json.h"

/*
 * One page that needs nothing else: what was recorded, who did what, and how far it is
 * proven.  Nothing of a recording is ever markup or script in it: it is escaped text, or
 * JSON without "<" in elements that no browser runs, and the page's policy allows two
 * scripts by their digests and no connection.
 */
#define NS_S 1e9
#define NS_MS 1000000

int page_has(const struct page *p, uint64_t session_ns)
{
	return session_ns >= p->source->ask.from_ns && session_ns <= p->source->ask.until_ns;
}

void page_time(struct page *p, uint64_t session_ns)
{
	char clock[HTML_TIME_MAX], at[HTML_TIME_MAX];

	html_put(p->out, "<button type=\"button\" class=\"at\" data-at=\"%s\">%s</button>",
	    html_seconds(at, cuts_at(&p->cuts, session_ns)), html_clock(clock, session_ns));
}

static void stage(struct page *p)
{
	sink_str(p->out, "<section id=\"stage\" aria-labelledby=\"h-replay\">\n"
	    "<h2 id=\"h-replay\">Replay</h2>\n");
	if (p->script == NULL) {
		sink_str(p->out, "<p class=\"notice\">This page was written without the player. "
		    "The transcript below has what stood on the screen, each line with its time; "
		    "choosing a time shows its place there.</p>\n</section>\n");
		return;
	}
	sink_str(p->out, "<div id=\"screen\"></div>\n"
	    "<div id=\"controls\" role=\"group\" aria-label=\"Replay\" hidden>\n"
	    "<button type=\"button\" id=\"play\">Play</button>\n"
	    "<button type=\"button\" id=\"previous\" title=\"Previous command: [\">\xe2\x97\x82 "
	    "<span>Previous</span></button>\n"
	    "<button type=\"button\" id=\"next\" title=\"Next command: ]\"><span>Next</span> "
	    "\xe2\x96\xb8</button>\n"
	    "<div class=\"line\"><div id=\"ticks\" aria-hidden=\"true\"></div>"
	    "<input type=\"range\" id=\"position\" min=\"0\" value=\"0\" step=\"0.1\" "
	    "aria-label=\"Position in the session\"></div>\n"
	    "<output id=\"clock\" for=\"position\"></output>\n"
	    "</div>\n<p class=\"hint\" id=\"keys\" hidden>Keys: <kbd>Space</kbd> play or pause, "
	    "<kbd>\xe2\x86\x90</kbd> <kbd>\xe2\x86\x92</kbd> five seconds, <kbd>[</kbd> <kbd>]</kbd> "
	    "previous and next command.</p>\n"
	    "<noscript><p class=\"notice\">The player needs JavaScript; the transcript below does "
	    "not.</p></noscript>\n</section>\n");
}

static json_t *facts(const struct page *p)
{
	const struct export_source *s = p->source;
	json_t *o = json_object(), *list = json_array();
	size_t i;

	for (i = 0; i < p->cuts.cuts; i++)
		json_array_append_new(list, json_pack("[f,f]", (double)p->cuts.cut[i].at_ns / NS_S,
		    (double)p->cuts.cut[i].skipped_ns / NS_S));
	json_object_set_new(o, "length", json_real((double)s->facts.length_ns / NS_S));
	json_object_set_new(o, "from", json_real((double)s->ask.from_ns / NS_S));
	json_object_set_new(o, "begin", json_integer(export_wall(s, 0) / NS_MS));
	json_object_set_new(o, "cuts", list);
	json_object_set_new(o, "source", export_source_json(s));
	return o;
}

static int data(struct page *p, struct export_job *j)
{
	int r;

	sink_str(p->out, "<script type=\"application/json\" id=\"facts\">");
	r = text_json_value(p->out, facts(p));
	sink_str(p->out, "</script>\n");
	if (r != 0 || p->script == NULL)
		return r;
	sink_str(p->out, "<script type=\"application/x-asciicast\" id=\"cast\">");
	r = export_cast_v2(j);
	sink_str(p->out, "</script>\n<script>");
	sink_put(p->out, p->script, p->script_len);
	sink_str(p->out, "</script>\n");
	return r;
}

static int body(struct page *p, struct export_job *j)
{
	int r;

	page_who(p);
	page_verdict(p);
	sink_str(p->out, "<main>\n<div class=\"two\">\n");
	stage(p);
	page_commands(p);
	sink_str(p->out, "</div>\n");
	page_findings(p);
	page_processes(p);
	if ((r = page_transcript(p)) != 0)
		return r;
	page_source(p);
	sink_str(p->out, "</main>\n");
	if ((r = data(p, j)) != 0)
		return r;
	html_put(p->out, "<script>");
	sink_str(p->out, page_js);
	sink_str(p->out, "</script>\n</body>\n</html>\n");
	return sink_flush(p->out);
}

int export_page(struct export_job *j)
{
	struct page p = { .job = j, .source = j->source, .out = &j->out[0] };
	int r = cuts_read(&p.cuts, j->source);

	if (r == 0 && j->player != NULL)
		r = page_player_read(&p, j->player);
	if (r == 0)
		r = page_commands_read(&p);
	if (r == 0)
		r = page_head(&p);
	if (r == 0)
		r = body(&p, j);
	commands_release(&p.commands);
	cuts_release(&p.cuts);
	free(p.script);
	free(p.style);
	return r;
}
