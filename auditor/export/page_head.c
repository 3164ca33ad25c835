/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "base64.h"
#include "export/html.h"
#include "export/page.h"

/* 'sha256-...' of an element's text. */
static void put_digest(struct sink *out, const void *p, size_t len)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[BASE64_SIZE(sizeof hash)];

	crypto_hash_sha256(hash, p, len);
	base64_put(text, hash, sizeof hash);
	html_put(out, " 'sha256-%s'", text);
}

/* What the browser may run and load: the page's own scripts and styles, and nothing from
 * anywhere.  The player is WebAssembly that stands in its script. */
static void policy(struct page *p)
{
	sink_str(p->out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	    "'none'; script-src");
	put_digest(p->out, page_js, strlen(page_js));
	if (p->script != NULL) {
		put_digest(p->out, p->script, p->script_len);
		sink_str(p->out, " 'wasm-unsafe-eval'");
	}
	sink_str(p->out, "; style-src");
	put_digest(p->out, page_css, strlen(page_css));
	if (p->style != NULL)
		put_digest(p->out, p->style, p->style_len);
	sink_str(p->out, "; base-uri 'none'; form-action 'none'\">\n");
}

int page_head(struct page *p)
{
	char title[EXPORT_TITLE_MAX];

	export_title(title, p->source);
	sink_str(p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	policy(p);
	sink_str(p->out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	html_str(p->out, title);
	sink_str(p->out, "</title>\n<style>");
	sink_str(p->out, page_css);
	sink_str(p->out, "</style>\n");
	if (p->style != NULL) {
		sink_str(p->out, "<style>");
		sink_put(p->out, p->style, p->style_len);
		sink_str(p->out, "</style>\n");
	}
	sink_str(p->out, "</head>\n<body>\n");
	return p->out->error;
}
