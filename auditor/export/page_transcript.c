/* SPDX-License-Identifier: ISC */
#include "export/html.h"
#include "export/page.h"
#include "screen/transcript.h"

#define LINES_MAX 200000 /* that a page has: browsers grow slow */

struct transcribing {
	struct page *page;
	size_t lines;
};

static int put_line(void *arg, const struct transcript_line *l)
{
	struct transcribing *t = arg;
	struct sink *out = t->page->out;

	if (!page_has(t->page, l->at_ns) || t->lines++ >= LINES_MAX)
		return out->error;
	sink_str(out, l->kind == TRANSCRIPT_NOTE ? "<li class=\"note\">" : "<li>");
	page_time(t->page, l->at_ns);
	sink_str(out, "<span>");
	if (l->typed != TRANSCRIPT_NOT_TYPED && l->typed <= l->len) {
		html_shown(out, l->text, l->typed);
		sink_str(out, "<b>");
		html_shown(out, l->text + l->typed, l->len - l->typed);
		sink_str(out, "</b>");
	} else {
		html_shown(out, l->text, l->len);
	}
	sink_str(out, "</span></li>\n");
	return out->error;
}

int page_transcript(struct page *p)
{
	struct transcribing t = { .page = p };
	struct transcript *made;
	int r = transcript_new(&made, 0, put_line, &t);

	if (r != 0)
		return r;
	sink_str(p->out, "<section id=\"transcript\" aria-labelledby=\"h-transcript\">\n"
	    "<h2 id=\"h-transcript\">Transcript</h2>\n<ol>\n");
	r = p->source->each(p->source->ctx, transcript_event, made);
	if (r == 0)
		r = transcript_end(made);
	transcript_free(made);
	sink_str(p->out, "</ol>\n");
	if (t.lines == 0)
		sink_str(p->out, "<p class=\"none\">Nothing stood on the screen.</p>\n");
	if (t.lines > LINES_MAX)
		html_put(p->out, "<p class=\"notice\">Only the first %d lines are here: choose a part "
		    "with <code>--from</code> and <code>--until</code>.</p>\n", LINES_MAX);
	sink_str(p->out, "</section>\n");
	return r;
}
