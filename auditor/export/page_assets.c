/* SPDX-License-Identifier: ISC */
#include "export/page.h"

/* page.css and page.js, made into literals by the build. */
const char page_css[] =
#include "export/page.css.inc"
;

const char page_js[] =
#include "export/page.js.inc"
;
