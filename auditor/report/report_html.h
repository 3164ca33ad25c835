/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_REPORT_HTML_H
#define SHELLAC_REPORT_HTML_H

extern const char report_html_style[];

#endif
