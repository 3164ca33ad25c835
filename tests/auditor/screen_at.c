/* SPDX-License-Identifier: ISC */
/* What stands on a screen after the events on standard input: each is a letter (O: output,
 * W: window, its rows and columns as two decimal numbers), the length of its data in ten
 * digits, and the data.  Prints the cursor's row and column, then the rows. */
#include <stdio.h>
#include <stdlib.h>

#include "screen/screen.h"

static void show(const struct screen *s)
{
	char *text = malloc(SCREEN_TEXT_MAX(SCREEN_COLS_MAX));
	int row, col, visible;

	if (text == NULL)
		abort();
	screen_cursor(s, &row, &col, &visible);
	printf("%d %d\n", row, col);
	for (row = 0; row < screen_rows(s); row++) {
		screen_text(screen_row(s, row), screen_cols(s), text,
		    SCREEN_TEXT_MAX(SCREEN_COLS_MAX));
		puts(text);
	}
	free(text);
}

int main(void)
{
	struct screen *s;
	char head[12], *data, *end;
	size_t len;
	long rows;

	if (screen_new(&s, 24, 80) != 0)
		return 3;
	while (fread(head, 1, 11, stdin) == 11) {
		head[11] = '\0';
		len = strtoul(head + 1, NULL, 10);
		data = calloc(1, len + 1);
		if (data == NULL || fread(data, 1, len, stdin) != len)
			return 3;
		if (head[0] == 'O') {
			screen_put(s, data, len);
		} else {
			rows = strtol(data, &end, 10);
			if (screen_resize(s, (int)rows, (int)strtol(end, NULL, 10)) != 0)
				return 3;
		}
		free(data);
	}
	show(s);
	screen_free(s);
	return 0;
}
