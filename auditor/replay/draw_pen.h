/* SPDX-License-Identifier: ISC */
#ifndef SHELLAC_DRAW_PEN_H
#define SHELLAC_DRAW_PEN_H

#include "replay/draw.h"

/* "\033[0;1;38;5;208m": a pen as one SGR, colours as near as the terminal can. */
#define DRAW_PEN_MAX 96
void draw_pen_text(char text[DRAW_PEN_MAX], const struct screen_pen *pen,
    enum draw_colours colours);

#endif
