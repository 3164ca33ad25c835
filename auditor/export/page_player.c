/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>

#include "err.h"
#include "export/page.h"
#include "io.h"

#define FILE_MAX 4194304 /* bytes of one of the player's files */

/* It would end the element that it is put into. */
static int ends_element(const uint8_t *p, size_t len)
{
	return memmem(p, len, "</", 2) != NULL && (memmem(p, len, "</script", 8) != NULL ||
	    memmem(p, len, "</style", 7) != NULL || memmem(p, len, "<!--", 4) != NULL);
}

int page_player_read(struct page *p, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = io_read_file(fd, "asciinema-player.min.js", FILE_MAX, &p->script, &p->script_len);
	if (r == 0)
		r = io_read_file(fd, "asciinema-player.css", FILE_MAX, &p->style, &p->style_len);
	if (r == 0 && (ends_element(p->script, p->script_len) ||
	    ends_element(p->style, p->style_len)))
		r = E_FORMAT;
	close(fd);
	return r;
}
